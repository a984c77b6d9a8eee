# frozen_string_literal: true

module Exoref
  # An operation that is under way. Letting go of it does not stop it; {#cancel} does. It may be used by any number of threads.
  class Future
    # @api private
    def self.of(hub, kind: OperationFuture, **options, &begin_it)
      kind.new(hub, begin_it.call, **options)
    rescue *Lane::FAILURES => error
      hub.expect_no_offer(options[:token]) if options[:token]
      failed(hub, error)
    end

    # @api private
    def self.failed(hub, error) = Future.new(hub).tap { |future| future.settle { raise error } }

    # @param waits_for [Delay, nil] whose own body must not wait for it
    # @api private
    def initialize(hub, waits_for: nil)
      @hub = hub
      @waits_for = waits_for
      @mutex = Mutex.new
      @changed = ConditionVariable.new
      @after = []
      @done = false
    end

    # Waits for the result. A timeout here ends only this waiting; the operation has its own.
    # @param timeout [Numeric, nil] seconds; nil waits for ever
    # @return [Object] what the operation gives
    # @raise [UnknownError] it is not done yet, and goes on
    # @raise [Error] what the operation failed with, or what its block raised
    def get(timeout: nil)
      unless wait(timeout: timeout)
        raise UnknownError.new("the future was not done within #{timeout} s; the operation goes on", status: :EUNKNOWN, reason: :timeout)
      end

      outcome
    end

    # Waits until it is done, however it ends, or the time is over.
    # @return [Boolean] whether it is done
    def wait(timeout: nil)
      ms = Times.ms(timeout)
      return true if done?
      return false if ms.zero?

      prepare_to_wait
      deadline = Deadline.new(ms == Times::CLIENTS_DEFAULT ? @hub.default_timeout_ms : ms)
      @mutex.synchronize do
        @changed.wait(@mutex, deadline.left) until @done || deadline.over?
      end
      done?
    end

    def done? = @done

    # Gives the operation up: if it was not sent yet it ends with {CancelledError}; a write that was sent with {UnknownError}. No effect
    # on one that is done. Does not wait.
    # @return [void]
    def cancel; end

    # Has the block called with the future once it is done, on a thread of the client; never within this call.
    # @return [self]
    def on_done(&block)
      listen
      now = done? || @mutex.synchronize { @done || !@after.push(block) }
      call_later(block) if now
      self
    end

    # @return [String]
    def inspect = "#<#{self.class} #{done? ? 'done' : 'under way'}>"

    # The outcome is what the block gives, or raises, each time that it is asked for.
    # @api private
    def settle(&outcome)
      after = @mutex.synchronize do
        return if @done

        @outcome = outcome
        @done = true
        @changed.broadcast
        @after.slice!(0..)
      end
      after.each { |block| call_later(block) }
    end

    private

    # On the lane, or after its end on a thread of its own.
    def call_later(block)
      @hub.callbacks.post { block.call(self) } || Thread.new { block.call(self) }
    end

    def outcome = @outcome.call
    def listen; end

    def prepare_to_wait
      @hub.check_fork
      @waits_for&.refuse_own_body
      listen
    end
  end

  # A future of C. Its completion comes as an event, which is asked for when somebody wants to know: threads wait for the future itself,
  # and only one that nobody else has may be waited for in C (an interrupt there ends the wait of whoever comes first).
  # @api private
  class OperationFuture < Future
    def initialize(hub, low, waits_for: nil, read: nil)
      super(hub, waits_for: waits_for)
      @low = low
      @read = read
      @listening = false
    end

    def done? = @done || Low.future_done(@low)
    def cancel = Low.future_cancel(@low)

    private

    def outcome
      raise ClosedError.new("the thread that takes the client's events was ended", status: :ECLOSED) unless Low.future_done(@low)

      error = Low.future_error(@low)
      raise error if error

      @read&.call(@low)
    end

    # Once; and nobody may be stopped in the middle of it, because others rely on it then.
    def listen
      Thread.handle_interrupt(Object => :never) do
        first = @mutex.synchronize { !@listening && (@listening = true) }
        @hub.on_completion(@low) { completed } if first
      end
    end

    # On the thread that takes events.
    def completed = settle
  end

  # One that gives a handle. It is made once, and the future of C, which has the handle too, is let go of then.
  # @api private
  class HandleFuture < OperationFuture
    def done? = @mutex.synchronize { !@made.nil? || super }
    def cancel = @mutex.synchronize { @made || super }

    private

    def outcome
      @mutex.synchronize do
        @made ||= [super].tap { Low.let_go(@low) }
      end.first
    end

    def listen
      super unless @made
    end
  end

  # One that gives a delay with a body. It may be asked for at once: so it is made as soon as it can be, and not when somebody wants it.
  # @api private
  class OfferingFuture < HandleFuture
    def initialize(hub, low, token:, **options)
      super(hub, low, **options)
      @token = token
      listen
    end

    private

    def completed
      outcome
    rescue Error
      nil # who asks is told
    ensure
      @hub.expect_no_offer(@token)
      super
    end
  end

  # What has steps in Ruby: an asynchronous swap.
  # @api private
  class TaskFuture < Future
    # The operation of C that is under way now, if any.
    attr_accessor :step

    def cancel
      @cancelled = true
      step&.then { |future| Low.future_cancel(future) }
    end

    def cancelled? = @cancelled

    private

    def prepare_to_wait
      super
      return unless @hub.callbacks.current?

      raise DeadlockError.new("a future was waited for on the thread whose work it waits for; use on_done there", status: :EDEADLOCK)
    end
  end
  private_constant :OperationFuture, :HandleFuture, :OfferingFuture, :TaskFuture
end
