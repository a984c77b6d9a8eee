# frozen_string_literal: true

module Agent
  # What watches were told, or the lines of a client's log, in the order in which they came.
  class Log
    def initialize
      @mutex = Mutex.new
      @changed = ConditionVariable.new
      @all = []
    end

    def add(event)
      @mutex.synchronize do
        @all << event
        @changed.broadcast
      end
    end

    # All, once the block says yes to them, or when the time is over.
    def read(seconds)
      deadline = Agent.now + seconds
      @mutex.synchronize do
        @changed.wait(@mutex, deadline - Agent.now) until yield(@all) || Agent.now >= deadline
        @all.dup
      end
    end
  end

  # A logger whose lines are kept.
  class LineLogger < Logger
    def initialize(log)
      super(nil, level: WARN)
      @log = log
    end

    def add(severity, message = nil, progname = nil)
      @log.add(message || (block_given? ? yield : progname)) if severity >= level
      true
    end
  end
end
