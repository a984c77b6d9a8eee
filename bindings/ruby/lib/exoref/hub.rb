# frozen_string_literal: true

require "io/wait"

module Exoref
  # What stands between the client of C and the threads of Ruby. The library calls nothing by itself (events=take): a thread of the hub
  # waits at a pipe, takes the events and hands them on - completions to who waits or to the lane for callbacks, changes to the lane for
  # watches, bodies to their pool, lines of the log to the lane of the logger. User code never runs on the thread that takes.
  #
  # It does not know the {Client}, so that one that nobody holds can be collected, and closed by that.
  #
  # The tables need no locks: reading or writing one entry of a Hash is one step under Ruby's lock.
  # @api private
  class Hub
    SEVERITIES = { Low::LOG_ERROR => 3, Low::LOG_WARNING => 2, Low::LOG_INFO => 1, Low::LOG_DEBUG => 0 }.freeze

    MOST_LINES = 10_000
    private_constant :MOST_LINES

    # @return [Low::Client]
    attr_reader :low
    # @return [Lane] for callbacks of futures and functions of asynchronous swaps
    attr_reader :callbacks
    # @return [Lane]
    attr_reader :watching
    # @return [Bodies]
    attr_reader :bodies
    # @return [Hash] the watches by the reference's and their own key
    attr_reader :watches
    # @return [Integer] milliseconds
    attr_reader :default_timeout_ms

    # @param log [Low::Log, nil]
    def initialize(low, log:, logger:, on_error:, default_timeout_ms:, bodies:)
      @low = low
      @log = log
      @logger = logger
      @on_error = on_error
      @default_timeout_ms = default_timeout_ms
      @pid = Process.pid
      @completions = {}
      @tokens = {}
      @watches = {}
      @watching_order = Mutex.new
      @offers = ObjectSpace::WeakMap.new
      @asked_early = {}
      @offering = Mutex.new
      @callbacks = Lane.new("exoref-done") { |error| report(error, "a callback failed") }
      @watching = Lane.new("exoref-watch") { |error| report(error, "a watch failed") }
      @lines_lost = 0
      @logging = Lane.new("exoref-log") { |error| warn "exoref: the logger failed: #{error.full_message}" }
      @bodies = Bodies.new(bodies)
      listen
    end

    # Waits for an operation that nobody else has, and raises what it failed with. If the wait is ended by something else (Timeout,
    # Thread#raise, Thread#kill), the operation is given up.
    # @return [Low::Future] the same
    def finish(future)
      ended = false
      await(future) if Fiber.current_scheduler && !Low.future_done(future)
      Low.finish(future)
      ended = true
      future
    ensure
      Low.future_cancel(future) unless ended
    end

    # Has the block called once the operation is done, on the thread that takes events: it must not block.
    def on_completion(future, &block)
      token = Low.next_token
      @completions[token] = block
      Low.future_set_token(future, token)
      # Nobody takes events any more: what is closed is done.
      @completions.delete(token)&.call unless @taking
    rescue Error
      @completions.delete(token)
      raise
    end

    # Registers the watch that gets the events with a token.
    def token_of_watch(watch)
      token = Low.next_token
      @tokens[token] = watch
      token
    end

    # One at a time: what is begun in the block is begun in the order of the numbers that it gets.
    def in_order_of_watches
      @watching_order.synchronize { yield Low.next_token }
    end

    def forget_watch(token) = @tokens.delete(token)

    # A delay with a body is being opened: it may be asked for before it is known here, and what is asked then is kept for it.
    def expect_offer(token)
      @offering.synchronize { @asked_early[token] = [] }
    end

    # Registers the delay whose body is called by events with the token, for as long as somebody holds it.
    def offer(token, delay)
      asked = @offering.synchronize do
        @offers[token] = delay
        @asked_early.delete(token)
      end
      asked&.each { |event| hand_over(event, delay) }
    end

    # It was not opened. No effect if it was.
    def expect_no_offer(token)
      asked = @offering.synchronize { @asked_early.delete(token) }
      asked&.each { |event| Low.let_go(event) }
    end

    # A failure of a user's function that belongs to no call.
    def report(error, what)
      @logger&.add(SEVERITIES[Low::LOG_ERROR], "#{what}: #{error.message} (#{error.class})", "exoref")
      @on_error&.call(error)
    rescue *Lane::FAILURES => failure
      warn "exoref: the error hook failed: #{failure.full_message}"
    end

    def closed? = !@thread.alive?

    def check_fork
      return if Process.pid == @pid

      raise ForkError.new("the client was opened before this process was forked; open another one here, with Client#reopen",
                          status: :EFORK)
    end

    # Ends everything, and waits for what runs just now.
    def close(timeout_ms)
      check_fork
      timeout_ms = @default_timeout_ms if timeout_ms == Times::CLIENTS_DEFAULT
      refuse_on_own_thread unless timeout_ms.zero?
      Low.close(@low, 0)
      @bodies.close
      return if timeout_ms.zero?

      deadline = Deadline.new(timeout_ms)
      ended = !@thread.join(deadline.left).nil?
      ended &&= [@callbacks, @watching, @logging, @bodies].all? { |one| one.join(deadline.left) }
      raise TimeoutError.new("the client was closed, but a callback of it still ran", status: :ETIMEOUT) unless ended

      Elsewhere.run { Low.close(@low, deadline.left_ms) }
    end

    # For a finaliser: it never waits, and never raises.
    def abandon
      Low.close(@low, 0)
      @bodies.close
    rescue Error
      nil
    end

    private

    def listen
      @reader, @writer = IO.pipe
      Low.client_set_event_fd(@low, @writer.fileno)
      Low.log_set_fd(@log, @writer.fileno) if @log
      @taking = true
      @thread = Thread.new { run }
    rescue Error
      Low.close(@low, 0)
      @reader.close
      @writer.close
      raise
    end

    def run
      Thread.current.name = "exoref-events"
      until take == :closed
        @reader.wait_readable
        @reader.read_nonblock(4096, exception: false)
      end
    ensure
      @taking = false
      stop_listening
      @callbacks.close
      @watching.close
      @logging.close
    end

    # The library must not know a descriptor that may soon be another's.
    def stop_listening
      Low.client_set_event_fd(@low, -1)
      Low.log_set_fd(@log, -1) if @log
    rescue Error
      nil
    ensure
      @reader.close
      @writer.close
      take_log
      # Who waits looks again, and finds the operation done, or this thread gone.
      @completions.shift.last.call until @completions.empty?
    end

    def take
      loop do
        event = Low.take_event(@low)
        take_log
        return if event.nil?
        return :closed unless event

        dispatch(*event)
      end
    end

    def dispatch(kind, token, *rest)
      case kind
      when Low::EVENT_COMPLETION then @completions.delete(token)&.call
      when Low::EVENT_WATCH then @tokens[token]&.queue(*rest)
      when Low::EVENT_BODY then body_wanted(token, *rest)
      end
    end

    def body_wanted(token, event)
      delay = @offering.synchronize do
        early = @asked_early[token]
        return early << event if early

        @offers[token]
      end
      hand_over(event, delay)
    end

    def hand_over(event, delay) = delay&.body_wanted(event) || Low.let_go(event)

    def take_log
      return unless @log

      lines = Low.log_take(@log)
      return @lines_lost += lines.size if @logging.size >= MOST_LINES # the logger is too slow

      lines.unshift(lines_lost) if @lines_lost.positive?
      lines.each { |line| @logging.post { write(*line) } }
    end

    def lines_lost
      lost = @lines_lost
      @lines_lost = 0
      [Low::LOG_WARNING, "log", "lines came faster than they were written; #{lost} are missing"]
    end

    def write(level, category, line) = @logger.add(SEVERITIES.fetch(level, 0), line, "exoref #{category}")

    # Under a fiber scheduler: other fibers of the thread run meanwhile.
    def await(future)
      check_fork
      done = Thread::Queue.new
      on_completion(future) { done << true }
      done.pop
    end

    def refuse_on_own_thread
      mine = Thread.current == @thread || [@callbacks, @watching, @logging, @bodies].any?(&:current?)
      return unless mine

      raise DeadlockError.new("a client was to be closed, with a wait, on one of its own threads; use the timeout 0 there",
                              status: :EDEADLOCK)
    end
  end
  private_constant :Hub
end
