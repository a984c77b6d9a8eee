# frozen_string_literal: true

module Agent
  # Operations in their asynchronous form: their results.
  module Futures
    def self.get(step)
      future, give = CASE.futures.take(step)
      timeout = step.timeout(nil)
      step.ready
      # A wait of its own that ends is told by wait; get raises what says nothing of the operation.
      raise Failed.new("EXOREF_ETIMEOUT", "it is not done") unless future.wait(timeout: timeout)

      give.call(future.get, step)
    end

    def self.done(step)
      future, = CASE.futures.take(step)
      step.ready
      step.give("done", future.done?)
    end

    def self.cancel(step)
      future, = CASE.futures.take(step)
      step.ready
      future.cancel
    end

    STEPS = { "future.get" => method(:get), "future.done" => method(:done), "future.cancel" => method(:cancel) }.freeze
  end
end
