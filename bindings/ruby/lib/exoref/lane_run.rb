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
      @hub.on_completion(future) { @hub.callbacks.post { guarded { came(future) } } || closed(future) }
    end

    def came(future)
      error = Low.future_error(future)
      raise error if error
      following = @run.propose(future) unless @run.over?(future)
      following ? wait_for(following) : settle(future)
    end

    # The lane is no more: the outcome of what was under way is that of the whole.
    def closed(future)
      error = Low.future_error(future) || ClosedError.new("the client is closed", status: :ECLOSED)
      ended_by(error)
    end

    def settle(future)
      read = @read
      declined = @run.declined?
      @run.let_go
      @outcome.settle { read.call(future, declined) }
    end

    def ended_by(error)
      @run.let_go
      @outcome.settle { raise error }
    end

    def guarded
      ended = false
      yield
      ended = true
    rescue *Lane::FAILURES => error
      ended = true
      ended_by(error)
    ensure
      ended || ended_by(CancelledError.new("the block ended its thread", status: :ECANCELLED))
    end
  end
  private_constant :LaneRun
end
