# frozen_string_literal: true

module Exoref
  # The threads on which bodies run that others ask for: so many at a time at most.
  # @api private
  class Bodies
    # The bodies that a fiber is in the middle of.
    RUNNING = :exoref_bodies_running
    private_constant :RUNNING

    def self.running?(hub, key) = Thread.current[RUNNING]&.include?([hub, key]) || false

    # Marks the delay's body as running here.
    def self.running(hub, key)
      outer = Thread.current[RUNNING]
      Thread.current[RUNNING] = [*outer, [hub, key]]
      yield
    ensure
      Thread.current[RUNNING] = outer
    end

    def initialize(most)
      @most = most
      @jobs = Thread::Queue.new
      @mutex = Mutex.new
      @threads = []
    end

    # False once it is closed.
    def post(&job)
      @jobs << job
      staff
      true
    rescue ClosedQueueError
      false
    end

    # What has not begun is dropped.
    def close
      @jobs.clear
      @jobs.close
    end

    def current? = @threads.include?(Thread.current)

    # Whether all have ended within so many seconds.
    def join(timeout)
      deadline = Deadline.new(timeout ? (timeout * 1000).ceil : Times::NONE)
      @mutex.synchronize { @threads.dup }.all? { |thread| thread.join(deadline.left) }
    end

    private

    def staff
      @mutex.synchronize do
        @threads.select!(&:alive?)
        @threads << Thread.new { run } if @jobs.num_waiting < @jobs.size && @threads.size < @most
      end
    rescue ThreadError
      nil # the process ends
    end

    def run
      Thread.current.name = "exoref-body"
      while (job = @jobs.pop)
        job.call
      end
    ensure
      @mutex.synchronize { @threads.delete(Thread.current) }
      staff unless @jobs.empty? # a body ended its thread
    end
  end
  private_constant :Bodies
end
