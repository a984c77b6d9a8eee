# frozen_string_literal: true

module Exoref
  # A swap in its pull form, of {Atom#swap_begin}: compute from {#value}, {#offer}, until that answers true. It holds nothing: others go on,
  # and the offer is answered false then, with a newer {#value}.
  #
  #   swap = atom.swap_begin
  #   swap.offer(compute(swap.value)) until swap.done?
  class Swap
    # @return [Object] what to compute from; once it is done, the new value
    attr_reader :value

    # @api private
    def initialize(atom, hub, future)
      @atom = atom
      @hub = hub
      @low = Low.future_swap(future)
      @value = atom.read(future)
      @done = false
      Low.let_go(future) # it keeps the atom as the swap does
    end

    # Proposes what was computed from {#value}.
    # @return [Boolean] whether it is the atom's value now; else {#value} is a newer one to compute from
    # @raise [ValidationError, NotFoundError]
    # @raise [InvalidError] a second offer upon one value, or it is over
    def offer(value, timeout: DEFAULT)
      take(Low.swap_offer_async(@low, @atom.proposed(value, "swap"), Times.ms(timeout)))
    end

    # Asks whether {#value} is current, to end without a change by an answer that the server stands for.
    # @return [Boolean] whether it is, and the swap is over; else {#value} is a newer one
    def confirm(timeout: DEFAULT) = take(Low.swap_confirm_async(@low, Times.ms(timeout)))

    # Whether it is over, and went well.
    def done? = @done

    private

    def take(future)
      @hub.finish(future)
      @done = Low.future_flag(future)
      @value = @atom.read(future)
      @done
    end
  end
end
