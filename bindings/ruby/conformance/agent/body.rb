# frozen_string_literal: true

module Agent
  # The bodies that cases name: what they do, how often they were called, and when one that waits may end.
  class Body
    KNOWN = %w[give fail decline wait fail_first].freeze

    # The lease under which it runs or ran last.
    attr_reader :lease

    # The body of a step that opens a delay; none if it has none.
    def self.take(step)
      does = step.maybe_text("body") or return
      raise Fault, "no body '#{does}'" unless KNOWN.include?(does)

      new(does, value: step.maybe_bytes("value") || "", kind: step.maybe_text("kind") || "", message: step.maybe_text("message") || "",
                payload: step.maybe_bytes("payload") || "", times: step.number("times", 0))
    end

    def initialize(does, value:, kind:, message:, payload:, times:)
      @does = does
      @value = value
      @failure = [kind, message, payload]
      @times = times
      @mutex = Mutex.new
      @changed = ConditionVariable.new
      @calls = 0
      @end = false
    end

    def run(lease)
      call = began(lease)
      return Exoref::DECLINE if @does == "decline"
      raise Exoref::BodyFailure.new(*@failure) if @does == "fail" || (@does == "fail_first" && call <= @times)

      @value
    end

    # How often it was called: once it was so often, or when the time is over.
    def calls(at_least = 0, seconds = 0)
      deadline = Agent.now + seconds
      @mutex.synchronize do
        @changed.wait(@mutex, deadline - Agent.now) until @calls >= at_least || Agent.now >= deadline
        @calls
      end
    end

    def end
      @mutex.synchronize do
        @end = true
        @changed.broadcast
      end
    end

    private

    def began(lease)
      @mutex.synchronize do
        call = @calls += 1
        @lease = lease
        @changed.broadcast
        @changed.wait(@mutex) until @end || @does != "wait"
        call
      end
    end
  end

  def self.now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
end
