# frozen_string_literal: true

module Exoref
  # A thread that runs what is posted to it, one after the other. It is started when something is there, and anew if what it ran ended it.
  # @api private
  class Lane
    # What a user's function may raise without taking its thread along.
    FAILURES = [StandardError, ScriptError, NoMemoryError, SystemStackError].freeze

    # @yieldparam error [Exception] what a job raised
    def initialize(name, &on_error)
      @name = name
      @on_error = on_error
      @jobs = Thread::Queue.new
      @mutex = Mutex.new
    end

    # False once it is closed.
    def post(&job)
      @jobs << job
      start
      true
    rescue ClosedQueueError
      false
    end

    # What is there still runs.
    def close
      @jobs.close
      start unless @jobs.empty?
    end

    # How many jobs wait.
    def size = @jobs.size

    def current? = Thread.current == @thread

    # Whether it has ended within so many seconds. (nil: waits for ever.)
    def join(timeout)
      thread = @thread
      thread.nil? || !thread.join(timeout).nil?
    end

    private

    def start
      @mutex.synchronize do
        @thread = Thread.new { run } unless @thread&.alive?
      end
    rescue ThreadError
      nil # the process ends
    end

    def run
      Thread.current.name = @name
      ended = run_jobs
    ensure
      @mutex.synchronize { @thread = nil } unless ended
      start unless ended || @jobs.empty?
    end

    def run_jobs
      while (job = @jobs.pop)
        begin
          job.call
        rescue *FAILURES => error
          @on_error.call(error)
        end
      end
      true
    end
  end
  private_constant :Lane
end
