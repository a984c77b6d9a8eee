# frozen_string_literal: true

module Exoref
  # The right to run a delay's body now. The library renews it until it is used, lost, or let go of.
  class Lease
    # @api private
    def initialize(low, delay, hub)
      @low = low
      @delay = delay
      @hub = hub
    end

    # Publishes the value, and ends the lease.
    # @return [Object] the value
    # @raise [LeaseError] the lease was lost, or used before; nothing was changed
    # @raise [DeletedError]
    # @raise [ValidationError, EncodeError] the lease is still held
    def deliver(value, timeout: DEFAULT) = @delay.read(@hub.finish(begin_delivery(value, timeout)))
    # @return [Future]
    def deliver_async(value, timeout: DEFAULT)
      later(@delay.method(:read)) { begin_delivery(value, timeout) }
    end

    # Publishes a failure, and ends the lease.
    # @param kind [String] a word for programs
    # @param payload [String] any bytes
    # @return [void]
    # @raise [LeaseError, DeletedError]
    def fail(kind, message, payload = "", timeout: DEFAULT)
      @hub.finish(begin_failure(kind, message, payload, timeout))
      nil
    end

    # @return [Future<nil>]
    def fail_async(kind, message, payload = "", timeout: DEFAULT)
      later { begin_failure(kind, message, payload, timeout) }
    end

    # Renews it now: for who wants to be sure that it is still held before doing what can't be undone.
    # @return [Float] seconds that it lasts from now
    # @raise [LeaseError, DeletedError]
    def renew(timeout: DEFAULT) = left(@hub.finish(Low.lease_renew_async(low, Times.ms(timeout))))
    # @return [Future<Float>]
    def renew_async(timeout: DEFAULT) = later(method(:left)) { Low.lease_renew_async(low, Times.ms(timeout)) }

    # The cancel token: a result would be refused. Cheap, for loops.
    def lost? = Low.lease_lost(low)
    # @return [Future<Boolean>] done when the lease is lost (true) or has ended otherwise (false)
    def lost_async = later(method(:flag)) { Low.lease_lost_async(low) }

    # Gives it back, so that another may run the body at once. No error if it has ended.
    # @return [void]
    def give_back(timeout: DEFAULT)
      @hub.finish(Low.lease_give_back_async(low, Times.ms(timeout)))
      nil
    end

    # @return [Future<nil>]
    def give_back_async(timeout: DEFAULT) = later { Low.lease_give_back_async(low, Times.ms(timeout)) }

    # The fencing token: raised by every claim of this delay. A system that the body writes to can refuse lower ones.
    # @return [Integer]
    def token = Low.lease_token(low)

    # Lets go of it now instead of when it is collected. Unused, it is given back, in the background.
    # @return [void]
    def release
      held = @low
      @low = nil
      Low.let_go(held) if held
      nil
    end

    # @return [String]
    def inspect = "#<#{self.class} #{@low ? "of #{@delay.key.inspect}, token #{token}" : 'released'}>"

    # @api private
    def low
      @low or raise ClosedError.new("this lease was released", status: :ECLOSED)
    end

    private

    # A future keeps the lease, and so the client, by what reads it.
    def later(read = method(:nothing), &begin_it) = Future.of(@hub, read: read, &begin_it)
    def nothing(_future) = nil
    def flag(future) = Low.future_flag(future)

    def begin_delivery(value, timeout) = Low.lease_deliver_async(low, @delay.proposed(value, "deliver"), Times.ms(timeout))

    def begin_failure(kind, message, payload, timeout)
      Low.lease_fail_async(low, Failure.text(kind), Failure.text(message), payload, Times.ms(timeout))
    end

    def left(future) = Low.future_number(future) / 1000.0
  end
end
