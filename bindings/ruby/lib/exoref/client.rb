# frozen_string_literal: true

module Exoref
  # What {Client#ping} gives.
  Pong = Struct.new(:round_trip_us, :server_version)

  # A connection to one server, for any number of references and threads. It reconnects by itself.
  #
  # Timeouts are seconds; nil waits for ever, 0 does not wait, and without one the client's option `timeout` holds.
  #
  # A forked child can't use the client of its parent: {#reopen}.
  class Client
    # Opens a client and waits until the server has answered. With a block, gives it the client, and closes it afterwards.
    #
    # @param url [String, nil] redis://host..., redis+unix:///path, or local:DIR; nil: the environment's EXOREF_URL, then REDIS_URL,
    #   then redis://127.0.0.1:6379
    # @param open_timeout [Numeric, nil] the time for connecting; 0 returns at once and goes on connecting in the background
    # @param codec [Symbol, Object] of the references that name none: see {Codec}
    # @param logger [Logger, nil] gets the library's log, and failures of watches and callbacks
    # @param on_error [#call, nil] gets each exception that a watch or callback raised
    # @param options the client's options: {Exoref.options}; durations may be seconds. Those in the URL win
    # @return [Client, Object] what the block gives, if there is one
    # @raise [ConnectionError, InvalidError, FinalError]
    def self.open(url = nil, open_timeout: DEFAULT, codec: :json, logger: nil, on_error: nil, **options)
      client = new(url, open_timeout, codec, logger, on_error, options)
      return client unless block_given?

      begin
        yield client
      ensure
        client.close
      end
    end

    private_class_method :new

    # @return [Object] the codec of references that name none
    attr_reader :codec
    # @api private
    attr_reader :hub

    def initialize(url, open_timeout, codec, logger, on_error, options)
      @arguments = [url, open_timeout, codec, logger, on_error, options]
      @codec = Codec.of(codec)
      low_options = Options.low({ **options, events: "take" })
      effective = Options::Effective.new(url, options)
      log = logger && Low.log_new(low_options, level_of(logger))
      @hub = Hub.new(connect(url&.to_s, low_options, Times.ms(open_timeout)),
                     log: log, logger: logger, on_error: on_error,
                     default_timeout_ms: effective.duration_ms("timeout"), bodies: effective.text("bodies").to_i)
      ObjectSpace.define_finalizer(self, Client.closer(@hub))
    end

    # @api private
    def self.closer(hub) = proc { hub.abandon }

    # A new client with the same URL and options: for a forked child, or after {#close}. References are opened anew on it.
    # @return [Client]
    def reopen = Client.send(:new, *@arguments)

    # Every pending call ends with {ClosedError} ({UnknownError} for a write that was sent), watches are called no more. Waits for blocks
    # that run just now. Idempotent.
    # @return [void]
    # @raise [TimeoutError] one still runs; the closing goes on without this call
    # @raise [DeadlockError] within one, with a timeout other than 0
    def close(timeout: DEFAULT) = @hub.close(Times.ms(timeout))

    def closed? = @hub.closed?

    # Asks the server for a sign of life.
    # @return [Pong]
    def ping(timeout: DEFAULT) = pong(@hub.finish(Low.client_ping_async(low, Times.ms(timeout))))
    # @return [Future<Pong>]
    def ping_async(timeout: DEFAULT) = later(method(:pong)) { Low.client_ping_async(low, Times.ms(timeout)) }

    # @return [String] the server as messages name it: the URL without secrets
    def server = Low.client_server(low)

    # @return [Hash{String => Integer}] counters by name; what they mean: {Exoref.stat_meanings}
    def stats = Array.new(Low.stat_count) { |n| [Low.stat_name(n), Low.client_stat(low, n)] }.to_h

    # Deletes the reference under the key, of whatever type; whoever watches is told.
    # @return [Boolean] whether there was one
    def delete(key, timeout: DEFAULT) = flag(@hub.finish(Low.delete_async(low, key, Times.ms(timeout))))
    # @return [Future<Boolean>]
    def delete_async(key, timeout: DEFAULT) = later(method(:flag)) { Low.delete_async(low, key, Times.ms(timeout)) }

    # Sets the reference's time to live, counted from now and anew from each change.
    # @param ttl [Numeric, nil] seconds; nil: it stays
    # @return [void]
    # @raise [NotFoundError, InvalidError]
    def expire(key, ttl, timeout: DEFAULT)
      @hub.finish(Low.expire_async(low, key, Times.ttl_ms(ttl), Times.ms(timeout)))
      nil
    end

    # @return [Future<nil>]
    def expire_async(key, ttl, timeout: DEFAULT) = later { Low.expire_async(low, key, Times.ttl_ms(ttl), Times.ms(timeout)) }

    # Whether the promise or delay under the key is realized; false where there is none. Creates nothing.
    # @param type [String, nil] "promise", "delay", or nil for either
    def realized?(key, type: nil, timeout: DEFAULT)
      flag(@hub.finish(Low.realized_async(low, key, type&.to_s, Times.ms(timeout))))
    end

    # @return [Future<Boolean>]
    def realized_async(key, type: nil, timeout: DEFAULT)
      later(method(:flag)) { Low.realized_async(low, key, type&.to_s, Times.ms(timeout)) }
    end

    # All about a reference. (It is exoref_inspect in C; in Ruby `inspect` says what the object itself is.)
    # @return [Info]
    # @raise [NotFoundError, TypeError]
    def info(key, timeout: DEFAULT) = Info.of(@hub.finish(Low.inspect_async(low, key, Times.ms(timeout))))
    # @return [Future<Info>]
    def info_async(key, timeout: DEFAULT) = later(method(:info_of)) { Low.inspect_async(low, key, Times.ms(timeout)) }

    # References by a pattern of Redis (`user:?`, `[ab]*`; nil: all) and a type ("atom"; nil: any), in no order.
    # @return [Scan]
    def list(pattern = nil, type: nil) = Scan.new(self, Low.scan_new(low, pattern, type&.to_s))

    # @return [String]
    def inspect = "#<#{self.class} #{server}#{' closed' if closed?}>"

    private

    def low = @hub.low
    def later(read = method(:nothing), &begin_it) = Future.of(@hub, read: read, &begin_it)
    def nothing(_future) = nil
    def info_of(future) = Info.of(future)
    def pong(future) = Pong.new(Low.future_number(future), Low.future_bytes(future).force_encoding(Encoding::UTF_8))
    def flag(future) = Low.future_flag(future)

    def level_of(logger)
      level = logger.respond_to?(:level) ? logger.level : 1
      Hub::SEVERITIES.key([level, 3].min) || Low::LOG_DEBUG
    end

    # There are no events to be taken yet: under a fiber scheduler another thread waits.
    def connect(url, options, timeout_ms)
      future = Low.client_open_async(url, options, timeout_ms)
      Fiber.current_scheduler ? Thread.new { wait(future, report: false) }.value : wait(future)
      Low.future_client(future)
    end

    def wait(future, report: true)
      Thread.current.report_on_exception = false unless report
      ended = false
      Low.finish(future)
      ended = true
    ensure
      Low.future_cancel(future) unless ended
    end
  end

  # @return [Hash{String => String}] what the counters of {Client#stats} mean
  def self.stat_meanings = Array.new(Low.stat_count) { |n| [Low.stat_name(n), Low.stat_meaning(n)] }.to_h
end
