# frozen_string_literal: true

module Exoref
  # One change by a function, move by move, over the pull form: so the function is called by Ruby alone, here or on a lane, and may be left
  # by `break`, `throw` or an exception at any time. Nothing is held while it runs.
  # @api private
  class FunctionLoop
    # @param pulls [ValuePulls, MetaPulls]
    def initialize(reference, pulls, timeout_ms, function)
      @reference = reference
      @pulls = pulls
      @timeout_ms = timeout_ms == Times::CLIENTS_DEFAULT ? reference.client.hub.default_timeout_ms : timeout_ms
      @deadline = Deadline.new(@timeout_ms)
      @function = function
    end

    # The future to be waited for first.
    def start = @pulls.start(@timeout_ms)

    # Calls the function with the value of the future that was waited for last, and gives the one to be waited for next; nil if it is
    # over with the former. The block is called between the function and the offer.
    def propose(future)
      @verdict = @declined = nil
      @offered = false
      next_bytes = compute(future)
      yield if block_given?
      step { next_bytes ? offer(next_bytes) : confirm }
    end

    # What the block gives, which is a step of this. Where it fails, what the function raised comes out in any case, confirmed or not.
    def step
      yield
    rescue Error => error
      failed(error)
    end

    def failed(error) = raise_it(@verdict || error)

    # Whether the future that was waited for ends it. Raises what the function raised, if it was right to.
    def over?(future)
      return false unless @pulls.over?(future)

      raise_it(@verdict) if @verdict
      true
    end

    # Nothing of it is needed any more.
    def let_go = @pulls.let_go

    # Whether the function left the value as it was.
    def declined? = @declined
    # Whether something was offered that may have taken effect.
    def offered? = @offered || false

    private

    # With the cause that it has, and no other.
    def raise_it(error) = raise(error, cause: error.cause)

    def offer(bytes)
      left = left_ms
      @offered = true
      @pulls.offer(bytes, left)
    end

    # An answer that changes nothing must rest on a value that the server stands for.
    def confirm
      confirming = @pulls.confirm(left_ms)
      raise_it(@verdict) if confirming.nil? && @verdict

      confirming
    end

    def compute(future)
      computed = @function.call(@pulls.value(future))
      @declined = DECLINE.equal?(computed)
      @declined ? nil : @pulls.encode(computed)
    rescue *Lane::FAILURES => error
      @verdict = error
      nil
    end

    def left_ms
      left = @deadline.left_ms
      # The function took all the time: that is a timeout of the whole, not a call with the timeout 0.
      return left unless left.zero? && @timeout_ms.positive?

      raise TimeoutError.new("#{@reference.attempted('change')}: it was not done within #{@timeout_ms} ms",
                             status: :ETIMEOUT, key: @reference.key)
    end
  end

  # The pull form of a value's change.
  # @api private
  class ValuePulls
    def initialize(atom)
      @atom = atom
    end

    def start(timeout_ms)
      @swap = nil
      Low.atom_swap_begin_async(@atom.low, timeout_ms)
    end

    def value(future)
      begun(future) unless @swap
      @atom.read(future)
    end

    def encode(object) = @atom.proposed(object, "swap")
    def offer(bytes, timeout_ms) = Low.swap_offer_async(@swap, bytes, timeout_ms)
    def confirm(timeout_ms) = Low.swap_confirm_async(@swap, timeout_ms)
    def over?(future) = !@swap.nil? && Low.future_flag(future)

    # A swap, and the future that it came with, keep the atom.
    def let_go
      Low.let_go(@swap) if @swap
      Low.let_go(@begun) if @begun
      @swap = @begun = nil
    end

    private

    def begun(future)
      @begun = future
      @swap = Low.future_swap(future)
    end
  end

  # The same of metadata, which no validator judges.
  # @api private
  class MetaPulls
    def initialize(atom)
      @atom = atom
    end

    def start(timeout_ms)
      @change = nil
      Low.atom_meta_async(@atom.low, timeout_ms)
    end

    def value(future)
      @from = Low.future_bytes(future)
      @from.dup.force_encoding(Encoding::UTF_8)
    end

    def encode(object) = Codec::BYTES.encode(object)

    def offer(bytes, timeout_ms)
      @change = Low.meta_change_new(@from, bytes)
      Low.meta_change_async(@atom.low, @change, timeout_ms)
    end

    # What was read was shown by the server after the call began.
    def confirm(_timeout_ms) = nil
    def over?(_future) = !@change.nil? && Low.meta_change_matched(@change)
    def let_go = nil
  end
  private_constant :FunctionLoop, :ValuePulls, :MetaPulls
end
