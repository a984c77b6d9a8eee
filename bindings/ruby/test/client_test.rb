# frozen_string_literal: true

require_relative "helper"
require "logger"
require "stringio"

class ClientTest < ExorefTest
  def test_the_block_form_gives_what_the_block_gives_and_closes
    kept = nil
    given = Exoref::Client.open(TestServer.url) do |client|
      kept = client
      :given
    end
    assert_equal :given, given
    assert_predicate kept, :closed?
  end

  def test_the_block_form_closes_after_an_exception
    kept = nil
    assert_raises(RuntimeError) { Exoref::Client.open(TestServer.url) { |client| (kept = client) && raise("out") } }
    assert_predicate kept, :closed?
  end

  def test_closing_twice_is_no_error_and_use_after_it_a_clear_one
    atom = Exoref::Atom.create(client, "k", 1)
    promise = Exoref::Promise.open(client, "p")
    2.times { client.close }
    assert_match(/the client is closed/, assert_raises(Exoref::ClosedError) { atom.deref }.message)
    assert_raises(Exoref::ClosedError) { atom.swap { |n| n + 1 } }
    assert_raises(Exoref::ClosedError) { atom.add_watch("w") { nil } }
    assert_raises(Exoref::ClosedError) { promise.deref }
    assert_raises(Exoref::ClosedError) { atom.deref_async.get }
    assert_raises(Exoref::ClosedError) { atom.swap_async { |n| n }.get }
    assert_raises(Exoref::ClosedError) { client.ping }
    assert_raises(Exoref::ClosedError) { Exoref::Delay.open(client, "d") { 1 } }
  end

  def test_closing_ends_what_waits
    promise = Exoref::Promise.open(client, "p")
    thread = waiting_thread { promise.deref(timeout: nil) }
    future = promise.deref_async
    client.close
    assert_raises(Exoref::ClosedError) { thread.value }
    assert_raises(Exoref::ClosedError) { future.get }
  end

  def test_ping_server_and_stats
    pong = client.ping
    assert_operator pong.round_trip_us, :>=, 0
    assert_match(/\A\d+\.\d+/, pong.server_version)
    assert_equal pong.server_version, client.ping_async.get.server_version
    assert_includes client.server, TestServer.path
    assert_operator client.stats.fetch("commands"), :>, 0
    assert_equal client.stats.keys, Exoref.stat_meanings.keys
  end

  def test_options_are_keywords_and_wrong_ones_are_named
    error = assert_raises(Exoref::InvalidError) { Exoref::Client.open(TestServer.url, tiemout: 1) }
    assert_match(/did you mean 'timeout'/, error.message)
    assert_equal :EINVAL, error.status
    assert_equal :final, error.status_class
    refute_predicate error, :sent?
    assert_raises(Exoref::InvalidError) { Exoref::Client.open("nonsense://") }
    assert_raises(ArgumentError) { Exoref::Client.open(TestServer.url, codec: :yaml) }
  end

  def test_the_table_of_options_is_there
    timeout = Exoref.options.find { |option| option.name == "timeout" }
    assert_equal %w[client duration 5s], [timeout.scope, timeout.type, timeout.default]
  end

  def test_durations_may_be_seconds
    slow = open_client(timeout: 0.05)
    started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    assert_raises(Exoref::TimeoutError) { Exoref::Promise.open(slow, "p", ttl: 3600).deref }
    assert_operator Process.clock_gettime(Process::CLOCK_MONOTONIC) - started, :<, 4
    assert_equal "3600000", slow.info("p").text("ttl")
  end

  def test_the_default_timeout_is_what_the_library_reads
    with_environment = lambda do |exoref, redis|
      before = ENV.to_h
      ENV.update("EXOREF_URL" => exoref, "REDIS_URL" => redis)
      Exoref::Client.open { |one| one.hub.default_timeout_ms }
    ensure
      ENV.replace(before)
    end
    url = TestServer.url
    assert_equal 200, with_environment.call("#{url}?timeout=200ms", "nonsense")
    assert_equal(-1, with_environment.call("", "#{url}?timeout=none"))
    assert_equal 200, Exoref::Client.open("#{url}?time%6fut=2%30%30ms", timeout: 3) { |one| one.hub.default_timeout_ms }
    assert_equal 3000, open_client(timeout: 3).hub.default_timeout_ms
    assert_equal 120_000, open_client(timeout: "2m").hub.default_timeout_ms
    assert_equal [-1, -1], [nil, Float::INFINITY].map { |timeout| open_client(timeout: timeout).hub.default_timeout_ms }
    assert_raises(Exoref::InvalidError) { Exoref::Client.open("#{url}?timeout=2+s") }
    assert_raises(Exoref::InvalidError) { Exoref::Client.open(url, timeout: Float::NAN) }
  end

  def test_times_of_any_size
    atom = Exoref::Atom.create(client, "k", 1, ttl: 100)
    [1e306, 10**40, 1e10, 10**20 / 3r, Float::INFINITY].each { |long| assert_equal 1, atom.deref(timeout: long) }
    [Float::NAN, -1, -0.001, "1", 1i].each do |wrong|
      assert_raises(Exoref::InvalidError, wrong.inspect) { atom.deref(timeout: wrong) }
    end
    [-0.001, -1, Float::INFINITY, -Float::INFINITY, Float::NAN, "1", 0].each do |wrong|
      assert_raises(Exoref::InvalidError, wrong.inspect) { client.expire("k", wrong) }
      assert_raises(Exoref::InvalidError, wrong.inspect) { client.expire_async("k", wrong).get }
    end
    assert_equal "100000", client.info("k").text("ttl")
    client.expire("k", 10**20)
    assert_operator client.info("k").text("ttl").to_i, :>, 10**12
    future = Exoref::Promise.open(client, "p").deref_async
    thread = waiting_thread { future.get(timeout: 1e306) }
    client.close(timeout: 1e306)
    assert_raises(Exoref::ClosedError) { thread.value }
  end

  def test_keys_may_be_symbols
    assert_equal "k", Exoref::Atom.create(client, :k, 1).key
    assert_equal 1, client.info(:k).value.decode
    assert client.delete(:k)
    error = assert_raises(Exoref::ValidationError) { Exoref::Atom.create(client, :k, 1, validator: ->(_) {}) }
    assert_match(/'k'/, error.message)
  end

  def test_events_can_not_be_taken_away_by_the_url
    error = assert_raises(Exoref::InvalidError) { Exoref::Client.open("#{TestServer.url}?events=lanes") }
    assert_match(/events=take/, error.message)
  end

  def test_a_server_that_is_not_there_may_be_tried_again
    error = assert_raises(Exoref::ConnectionError) { Exoref::Client.open("redis+unix:///nowhere/sock", open_timeout: 0.05) }
    assert_kind_of Exoref::RetryError, error
    assert_equal :retry, error.status_class
  end

  def test_opening_without_waiting
    absent = Exoref::Client.open("redis+unix:///nowhere/sock", open_timeout: 0)
    assert_raises(Exoref::RetryError) { absent.ping(timeout: 0.05) }
    absent.close
  end

  def test_timeouts_that_are_none
    [-1, -0.0001, Float::NAN].each { |none| assert_raises(Exoref::InvalidError) { client.ping(timeout: none) } }
    assert_raises(Exoref::InvalidError) { client.ping(timeout: "1") }
    assert_raises(Exoref::TimeoutError) { client.ping(timeout: 0) }
    assert client.ping(timeout: Float::INFINITY)
    assert client.ping(timeout: nil)
  end

  def test_admin_by_key
    Exoref::Atom.create(client, "a", [1], history: 8)
    Exoref::Promise.open(client, "p").deliver(1)
    assert client.realized?("p")
    assert client.realized?("p", type: "promise")
    refute client.realized_async("nothing").get
    assert_raises(Exoref::TypeError) { client.realized?("a") }
    client.expire("a", 60)
    assert_equal "60000", client.info("a").text("ttl")
    client.expire_async("a", nil).get
    info = client.info_async("a").get
    assert_equal ["atom", "json", 1, [1], "a", ""], [info.type, info.codec, info.version, info.value.decode, info.key, info[:ttl]]
    assert_nil info.text("nonsense")
    assert_equal %w[a p], client.list.map(&:key).sort
    assert_equal %w[a], client.list("?", type: :atom).map(&:key)
    assert_equal "a", client.list("a").next_async.get.key
    assert_nil client.list("none").next
    assert client.delete("a")
    refute client.delete_async("a").get
    assert_raises(Exoref::NotFoundError) { client.info("a") }
  end

  def test_the_past_of_an_atom
    atom = Exoref::Atom.create(client, "a", 1)
    atom.reset(2)
    assert_equal [[2, 2], [1, 1]], client.info("a").changes.map { |change| [change.version, change.value.decode] }
  end

  def test_keys_of_any_bytes
    ["\0", "a\0b", "é", "\xff\xfe"].each do |key|
      atom = Exoref::Atom.create(client, key, 1)
      assert_equal key.b, atom.key.b
      assert_equal 1, atom.deref
      assert_equal key.b, client.list.map { |info| info.key.b }.find { |one| one == key.b }
    end
    assert_raises(Exoref::InvalidError) { Exoref::Atom.create(client, "", 1) }
    assert_raises(TypeError) { Exoref::Atom.create(client, nil.to_a, 1) }
  end

  def test_errors_tell_the_key
    error = assert_raises(Exoref::NotFoundError) { Exoref::Atom.open(client, "no\0such") }
    assert_equal "no\0such", error.key
    assert_equal :ENOTFOUND, error.status
    assert_predicate error, :sent?
  end

  def test_the_logger_gets_the_librarys_lines
    lines = StringIO.new
    logged = open_client(logger: Logger.new(lines, level: :debug))
    eventually { lines.string.include?("connected to") }
    logged.close
    assert_match(/INFO -- exoref connection: /, lines.string)
  end

  def test_a_logger_that_fails_takes_nothing_along
    broken = Object.new
    def broken.add(*) = raise("the disk is full")
    _, err = capture_io do
      logged = open_client(logger: broken)
      assert_equal 1, Exoref::Atom.create(logged, "k", 1).deref
      logged.close
    end
    assert_match(/the disk is full/, err)
  end

  def test_a_logger_may_use_the_client_and_one_line_that_fails_is_one_line
    seen = Thread::Queue.new
    logger = Object.new
    logger.define_singleton_method(:level) { 0 }
    logger.define_singleton_method(:add) do |_, line, _|
      seen << [line, Thread.current.name]
      @client&.ping_async&.get if line.include?("connected to")
      raise "no" if @client
    end
    _, err = capture_io do
      logged = open_client(logger: logger)
      take(seen)
      logger.instance_variable_set(:@client, logged)
      TestServer.disconnect_all
      assert_equal 1, Exoref::Atom.create(logged, "k", 1).deref
      names = []
      names << take(seen).last until seen.empty? && names.size > 2
      assert_equal ["exoref-log"], names.uniq
      logger.instance_variable_set(:@client, nil)
      logged.close
    end
    assert_operator err.scan(/the logger failed/).size, :>, 1
  end

  def test_reopen_gives_another_one
    atom = Exoref::Atom.create(client, "k", 1)
    client.close
    again = client.reopen
    @clients << again
    assert_equal 1, Exoref::Atom.open(again, "k").deref
    assert_raises(Exoref::ClosedError) { atom.deref }
  end

  def test_a_client_that_nobody_holds_is_closed
    names = lambda do
      Exoref::Client.open(TestServer.url) { |client| client.stats }
      UNIXSocket.open(TestServer.path) do |socket|
        socket.write("CLIENT LIST\r\n")
        size = socket.gets[1..].to_i
        socket.read(size).scan(/name=(dropped\S*)/).flatten
      end
    end
    drop = -> { Exoref::Client.open(TestServer.url, name: "dropped").ping && nil }
    drop.call
    assert_includes names.call, "dropped"
    eventually do
      GC.start
      names.call.empty?
    end
  end

  def test_local_server_by_hand
    Dir.mktmpdir do |folder|
      assert_nil Exoref::Local.status(folder)
      Exoref::Local.start(folder)
      assert_match(/redis|running|server/i, Exoref::Local.status(folder))
      assert Exoref::Local.stop(folder)
      refute Exoref::Local.stop(folder)
    end
  end
end
