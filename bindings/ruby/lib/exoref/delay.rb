# frozen_string_literal: true

module Exoref
  # A value that is computed when somebody first asks for it, once among all processes: Clojure's delay. Who opens it with a block, the
  # body, offers to compute it, for as long as the handle is held; who opens it with the key alone asks others to.
  #
  # One holder of a body at a time has a {Lease}; if its process dies, another takes over. A process that was stopped for longer than its
  # lease may still be running the body meanwhile: it is told ({Lease#lost?}), and its result is refused.
  class Delay < Reference
    class << self
      # Opens the delay, and creates it, unrealized, if it does not exist ({Reference#created?}).
      #
      # The block gives the value, or {DECLINE} to leave it to another process. What it raises is the failure that everybody gets, as a
      # {BodyError}: a {BodyFailure} says kind, message and payload itself; of other exceptions the kind is the name of the class. That
      # is so for an exception that another thread raises in it, too: no Timeout.timeout with a class of yours around {#deref}.
      # It runs within {#deref}, or, where others ask for the value, on a thread of the client.
      #
      # @param client [Client]
      # @param key [String]
      # @param codec [Symbol, Object, nil] the client's if left out
      # @param validator [#call, nil] judges what this handle delivers: true accepts
      # @param given options of a reference: {Exoref.options}; `lease` and `retry` among them
      # @yieldparam lease [Lease]
      # @return [Delay]
      # @raise [TypeError, CodecError]
      def open(client, key, codec: nil, validator: nil, timeout: DEFAULT, **given, &body)
        codec, validator, options = opening(client, codec, validator, given)
        token = Low.next_token
        client.hub.expect_offer(token) if body
        future = begin_opening(client, key, body, token, options, timeout)
        finish_opening(client, future) { |low| opened(client, low, codec, validator, body, token, given) }
      ensure
        client.hub.expect_no_offer(token) if token
      end

      # @return [Future<Delay>]
      def open_async(client, key, codec: nil, validator: nil, timeout: DEFAULT, **given, &body)
        codec, validator, options = opening(client, codec, validator, given)
        token = Low.next_token
        read = ->(low) { opened(client, low, codec, validator, body, token, given) }
        kind = body ? { kind: OfferingFuture, token: token } : { kind: HandleFuture }
        client.hub.expect_offer(token) if body
        Future.of(client.hub, **kind, read: read) { begin_opening(client, key, body, token, options, timeout) }
      end

      private

      def begin_opening(client, key, body, token, options, timeout)
        return Low.delay_open_async(client.hub.low, key, options, Times.ms(timeout)) unless body

        Low.delay_open_with_body_async(client.hub.low, key, token, options, Times.ms(timeout))
      end

      def opened(client, low, codec, validator, body, token, given)
        new(client, Low.future_delay(low), codec, validator, body, token, lease_ms: lease_ms(given), created: Low.future_flag(low))
      end

      def lease_ms(given)
        Options.duration_ms(given.key?(:lease) ? Options.text("lease", given[:lease]) : Options::BY_NAME.fetch("lease").default)
      end
    end

    # @api private
    def initialize(client, low, codec, validator, body, token, lease_ms:, created:)
      super(client, low, codec, validator, created: created)
      @lease_ms = lease_ms
      @body = body && (body.lambda? && body.arity.zero? ? proc { body.call } : body)
      @offering = Offering.new(!body.nil?)
      @key = Low.delay_key(low) # a body may run on after the handle was released
      @hub.offer(token, self) if body
    end

    # Whether it still has a body: one that declined is not called again.
    # @api private
    Offering = Struct.new(:open)
    private_constant :Offering

    # (see Reference#key)
    attr_reader :key

    # The value; has it computed if it is not: by this handle's body, here, if nobody runs one, else by whoever has one. Where nobody has,
    # it waits until somebody comes. The timeout bounds the waiting; it does not stop a body, and the time of a body here does not count.
    # @param timeout [Numeric, nil] seconds; nil: for ever; 0: from memory alone
    # @raise [BodyError] the body failed, here or elsewhere, now or earlier
    # @raise [TimeoutError, DeletedError]
    # @raise [DeadlockError] called by its own body
    def deref(timeout: DEFAULT)
      known = @versioned ? Low.delay_known_value(@held.low) : Low.delay_known(@held.low)
      return @versioned ? Value.new(known, @codec) : @codec.decode(known) if known

      refuse_own_body
      ms = Times.ms(timeout)
      return compute_or_wait(ms) if @offering.open && !ms.zero?

      read(finish(Low.delay_deref_async(low, ms)))
    end

    # A body of this process runs on a thread of the client then.
    # @return [Future]
    def deref_async(timeout: nil)
      later(method(:read), waits_for: self) { Low.delay_deref_async(low, Times.ms(timeout)) }
    end

    # Whether there is a result, a value or a kept failure. Starts nothing.
    def realized?(timeout: DEFAULT) = flag(finish(Low.delay_realized_async(low, Times.ms(timeout))))
    # @return [Future<Boolean>]
    def realized_async(timeout: DEFAULT) = later(method(:flag)) { Low.delay_realized_async(low, Times.ms(timeout)) }

    # The pull form, for who computes in a way of his own: the lease, if nobody holds it and there is no value yet; else nil, once there is
    # the value, which {#deref} gives from memory. A body of this handle is not called. With a block, gives it the lease, if there is
    # one, and gives the lease back if the block left it unused.
    # @yieldparam lease [Lease]
    # @return [Lease, Object, nil] with a block, what that gives
    # @raise [BodyError, TimeoutError, DeletedError]
    def claim(timeout: DEFAULT)
      refuse_own_body
      lease = finish_handle(Low.delay_claim_async(low, Times.ms(timeout))) { |claim| claimed(claim) }
      return lease unless lease && block_given?

      begin
        yield lease
      ensure
        lease.release
      end
    end

    # @return [Future<Lease, nil>]
    def claim_async(timeout: nil)
      later(method(:claimed), kind: HandleFuture, waits_for: self) { Low.delay_claim_async(low, Times.ms(timeout)) }
    end

    # Somebody wants the value, and the event has the lease: on the thread that takes events. Whether it was taken over; an event whose
    # lease is not taken declines, and this handle is asked no more.
    # @api private
    def body_wanted(event)
      @offering.open && @hub.bodies.post { serve(event) }
    end

    # @api private
    def refuse_own_body
      return unless Bodies.running?(@hub, key)

      raise DeadlockError.new("the delay #{Error.quoted(key)} was asked for its value by its own body, which could never end",
                              status: :EDEADLOCK, key: key)
    end

    private

    def claimed(future)
      low = Low.future_lease(future)
      low && Lease.new(low, self, @hub)
    end

    def compute_or_wait(timeout_ms)
      deadline = Deadline.new(timeout_ms == Times::CLIENTS_DEFAULT ? @hub.default_timeout_ms : timeout_ms)
      loop do
        lease, value = claim_or_read(deadline)
        return value unless lease

        published = compute(lease, deadline)
        return read(published) if published
        return read(finish(Low.delay_deref_async(low, deadline.left_ms))) unless @offering.open
      end
    end

    def claim_or_read(deadline)
      finish_handle(Low.delay_claim_async(low, deadline.left_ms.zero? ? 1 : deadline.left_ms)) do |claim|
        lease = claimed(claim)
        [lease, lease ? nil : read(claim)]
      end
    end

    # The future that has the value; nil if the lease was lost meanwhile, or the body declined. Raises the body's failure.
    def compute(lease, deadline)
      began = Times.now
      outcome = run_body(lease)
      deadline.extend_by(Times.now - began)
      publishing, failure = publish(lease, outcome, publishing_ms(deadline))
      return unless publishing

      published(publishing, failure)
    rescue LeaseError
      nil
    ensure
      lease.release
    end

    # Longer than the time that is left: without the result what the body did would have been in vain. But not for ever.
    def publishing_ms(deadline)
      left = deadline.left_ms
      left.negative? ? Times::NONE : left + @lease_ms
    end

    def published(publishing, failure)
      finish(publishing)
      raise failure.error(key), cause: failure.cause if failure

      publishing
    rescue Error => error
      raise error, cause: failure&.cause || error.cause
    end

    # What comes of the body: the bytes of its value, a {Failure}, or {DECLINE}. What ends the program or the call (and throw and
    # Thread#kill) goes on.
    def run_body(lease)
      value = Bodies.running(@hub, key) { @body.call(lease) }
      DECLINE.equal?(value) ? DECLINE : judged(value)
    rescue Exception => error # rubocop:disable Lint/RescueException
      raise if Failure.none?(error)

      Failure.of(error)
    end

    # A value that is refused is a failure of the body.
    def judged(value)
      bytes = refusing("codec") { @codec.encode(value) }
      refusing("validation") { judge(value, "deliver") }
      bytes
    end

    def refusing(kind)
      yield
    rescue *Lane::FAILURES => error
      raise BodyFailure.new(kind, error.message)
    end

    # Begins to publish what came of the body: that future, none if it declined; and the failure that is published, if it is one.
    def publish(lease, outcome, timeout_ms)
      return @offering.open = nil if DECLINE.equal?(outcome)
      return publish_failure(lease, outcome, timeout_ms) if outcome.is_a?(Failure)

      publishing = Low.lease_deliver_async(lease.low, outcome, timeout_ms)
      refusal = Failure.of_refused(publishing)
      refusal ? publish_failure(lease, refusal, timeout_ms) : publishing
    end

    # Something is published in any case: else the body would be run again and again.
    def publish_failure(lease, failure, timeout_ms)
      failure.ever_shorter do |shown|
        publishing = Low.lease_fail_async(lease.low, shown.kind, shown.message, shown.payload, timeout_ms)
        return [publishing, shown] unless Failure.of_refused(publishing)
      end
    end

    # On a thread for bodies; also after the handle was released, for a deref that still runs. A body that ends its thread has failed,
    # unless the process ends; one that ends the process leaves it to another.
    def serve(event)
      lease = Lease.new(Low.event_lease(event), self, @hub)
      outcome = Failure::THREAD_ENDED
      outcome = run_body(lease)
    rescue SystemExit, SignalException
      outcome = DECLINE
      raise
    ensure
      publish_served(lease, outcome) if lease && Thread.main.alive?
      lease&.release
      Low.let_go(event)
    end

    def publish_served(lease, outcome)
      publish(lease, outcome, Times::NONE)
    rescue Error
      nil # the client is closed: the lease goes with it
    end
  end
end
