# frozen_string_literal: true

module Exoref
  # A function loop whose moves are made where completions come, and whose function runs on the lane for callbacks.
  # @api private
  class LaneRun
    def initialize(hub, run, read)
      @hub = hub
      @run = run
      @read = read
      @outcome = TaskFuture.new(hub)
    end

    # @return [Future]
    def start
      guarded { wait_for(@run.start) }
      @outcome
    end

    private

    def wait_for(future)
      @outcome.step = future
      Low.future_cancel(future) if @outcome.cancelled?
      @hub.on_completion(future) { @hub.callbacks.post { guarded { came(future) } } || guarded { closed(future) } }
    end

    def came(future)
      following = @run.propose(future) { refuse_if_cancelled } unless over?(future)
      following ? wait_for(following) : settle(future)
    end

    # The lane is no more, and the function is called no more: the outcome of what was under way is that of the whole.
    def closed(future)
      raise unknown("the client is closed", :closed) unless Low.future_done(future) || !@run.offered?
      return settle(future) if Low.future_done(future) && over?(future)

      raise ClosedError.new("the client is closed", status: :ECLOSED)
    end

    def refuse_if_cancelled
      raise CancelledError.new("it was cancelled before it was sent", status: :ECANCELLED) if @outcome.cancelled?
    end

    def over?(future)
      error = Low.future_error(future)
      @run.failed(error) if error
      @run.over?(future)
    end

    def settle(future)
      read = @read
      declined = @run.declined?
      @run.let_go
      @outcome.settle { read.call(future, declined) }
    end

    def ended_by(error)
      @run.let_go
      @outcome.settle { raise error, cause: error.cause }
    end

    # Whatever leaves the function, and this, ends the future.
    def guarded
      ended = false
      yield
      ended = true
    rescue Exception => error # rubocop:disable Lint/RescueException
      ended = true
      ended_by(error)
      raise if error.is_a?(SystemExit) || error.is_a?(SignalException)
    ensure
      ended || ended_by(left)
    end

    # Its thread was ended.
    def left
      return unknown("the thread was ended", :cancelled) if @run.offered?

      CancelledError.new("the block ended its thread", status: :ECANCELLED)
    end

    def unknown(why, reason)
      UnknownError.new("#{why}, and what was offered may or may not have taken effect", status: :EUNKNOWN, reason: reason, sent: true)
    end
  end
  private_constant :LaneRun
end
