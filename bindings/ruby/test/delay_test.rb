# frozen_string_literal: true

require_relative "helper"

class DelayTest < ExorefTest
  def test_the_body_runs_once_here
    runs = []
    delay = Exoref::Delay.open(client, "d") { |lease| runs << [Thread.current, lease.token, lease.lost?] && { "n" => 1 } }
    refute_predicate delay, :realized?
    assert_empty runs
    threads = Array.new(5) { Thread.new { delay.deref } }
    assert_equal [{ "n" => 1 }] * 5, threads.map(&:value)
    assert_equal 1, runs.size
    assert_includes threads, runs[0][0], "it runs on a thread that asked"
    assert_equal [1, false], runs[0][1..]
    assert_predicate delay, :realized?
    assert_equal({ "n" => 1 }, Exoref::Delay.open(open_client, "d") { flunk }.deref)
    assert_equal 1, delay.versioned.deref.version
  end

  def test_another_process_asks
    offering = Exoref::Delay.open(client, "d") { Thread.current.name }
    asking = Exoref::Delay.open(open_client, "d")
    assert_equal "exoref-body", asking.deref
    assert_equal "exoref-body", offering.deref_async.get
  end

  def test_asynchronously_its_own_body_runs_on_a_thread_of_the_client
    delay = Exoref::Delay.open_async(client, "d") { Thread.current.name }.get
    assert_equal "exoref-body", delay.deref_async.get
  end

  def test_a_lambda_without_parameters_is_a_body
    assert_equal 1, Exoref::Delay.open(client, "d", &-> { 1 }).deref
  end

  def test_without_a_body_it_waits
    delay = Exoref::Delay.open(client, "d")
    assert_raises(Exoref::TimeoutError) { delay.deref(timeout: 0.01) }
    assert_raises(Exoref::TimeoutError) { delay.deref(timeout: 0) }
    waiting = waiting_thread { delay.deref(timeout: nil) }
    kept = Exoref::Delay.open(open_client, "d") { 7 }
    assert_equal 7, waiting.value
    assert_equal 7, kept.deref
  end

  def test_a_body_that_is_wanted_already_when_it_is_offered
    offering = open_client
    50.times do |n|
      asked = Exoref::Delay.open(client, "d#{n}").deref_async
      kept = n.even? ? Exoref::Delay.open(offering, "d#{n}") { n } : Exoref::Delay.open_async(offering, "d#{n}") { n }
      assert_equal n, asked.get(timeout: 10)
      assert kept
    end
  end

  def test_what_is_opened_asynchronously_is_offered_before_anybody_takes_it
    asked = Exoref::Delay.open(client, "d").deref_async
    future = Exoref::Delay.open_async(open_client, "d") { "made" }
    assert_equal "made", asked.get(timeout: 10)
    assert_equal "made", future.get.deref
  end

  def test_what_could_not_be_opened_offers_nothing
    Exoref::Atom.create(client, "atom", 1)
    assert_raises(Exoref::TypeError) { Exoref::Delay.open(client, "atom") { 1 } }
    assert_raises(Exoref::TypeError) { Exoref::Delay.open_async(client, "atom") { 1 }.get }
    assert_raises(Exoref::InvalidError) { Exoref::Delay.open_async(client, "") { 1 }.get }
    eventually { client.hub.instance_variable_get(:@asked_early).empty? } # what is told to the future is told to the hub, too
  end

  def test_a_failure_is_kept_and_told_to_all
    delay = Exoref::Delay.open(client, "d") { raise KeyError, "no such file" }
    first = assert_raises(Exoref::BodyError) { delay.deref }
    assert_kind_of KeyError, first.cause
    elsewhere = assert_raises(Exoref::BodyError) { Exoref::Delay.open(open_client, "d").deref }
    assert_nil elsewhere.cause
    [first, elsewhere].each { |error| assert_equal ["no such file", "KeyError", "".b, :EBODY, "d"], said_by(error) }
    assert_equal said_by(first), said_by(assert_raises(Exoref::BodyError) { delay.deref })
    assert_predicate delay, :realized?
  end

  def said_by(error) = [error.message, error.kind, error.payload, error.status, error.key]

  def test_a_failure_may_say_more
    delay = Exoref::Delay.open(client, "d") { raise Exoref::BodyFailure.new("io", "it broke", "\xff\0".b) }
    error = assert_raises(Exoref::BodyError) { delay.deref_async.get }
    assert_equal ["it broke", "io", "\xff\0".b], [error.message, error.kind, error.payload]
  end

  def test_with_retry_the_next_deref_tries_again
    runs = 0
    delay = Exoref::Delay.open(client, "d", retry: true) { (runs += 1) == 1 ? raise("not yet") : runs }
    assert_raises(Exoref::BodyError) { delay.deref }
    assert_equal 2, delay.deref
  end

  def test_a_body_that_declines_leaves_it_to_another
    here = Exoref::Delay.open(client, "d") { Exoref::DECLINE }
    waiting = waiting_thread { here.deref(timeout: nil) }
    there = Exoref::Delay.open(open_client, "d") { "there" }
    assert_equal "there", waiting.value
    assert_equal "there", there.deref
  end

  def test_what_the_validator_or_the_codec_refuses_is_a_failure
    refused = Exoref::Delay.open(client, "d", validator: :positive?.to_proc) { -1 }
    error = assert_raises(Exoref::BodyError) { refused.deref }
    assert_equal "validation", error.kind
    unencodable = Exoref::Delay.open(client, "e") { Object.new }
    assert_equal "codec", assert_raises(Exoref::BodyError) { unencodable.deref }.kind
  end

  def test_a_failure_is_told_whatever_its_text_is
    texts = ["bad \xff", "bad \xff".b, "bad".encode("UTF-16LE"), "b\0d", "bad".dup.force_encoding("UTF-7"), nil]
    texts.each_with_index do |text, n|
      runs = 0
      body = proc { (runs += 1) && raise(Class.new(StandardError) { define_method(:message) { text } }) }
      here = assert_raises(Exoref::BodyError) { Exoref::Delay.open(client, "here#{n}", &body).deref }
      assert_kind_of StandardError, here.cause
      there = Exoref::Delay.open(client, "there#{n}", &body)
      told = assert_raises(Exoref::BodyError) { there.deref_async.get(timeout: 10) }
      assert_equal [here.message, 2], [told.message, runs]
      assert_predicate told.message, :valid_encoding?
    end
  end

  def test_an_exception_that_can_not_say_what_it_is
    dumb = Class.new(StandardError) { def message = raise("I won't") }
    error = assert_raises(Exoref::BodyError) { Exoref::Delay.open(client, "d") { raise dumb }.deref }
    assert_equal ["exception", dumb], [error.kind, error.cause.class]
  end

  def test_any_exception_is_a_failed_body
    runs = 0
    body = proc { (runs += 1) && raise(Exception, "out") } # rubocop:disable Lint/RaiseException
    here = assert_raises(Exoref::BodyError) { Exoref::Delay.open(client, "here", &body).deref }
    assert_equal [Exception, "Exception", "out"], [here.cause.class, here.kind, here.message]
    kept = Exoref::Delay.open(client, "there", &body)
    assert_equal "out", assert_raises(Exoref::BodyError) { Exoref::Delay.open(open_client, "there").deref }.message
    assert_equal 2, runs
    ended = Exoref::Delay.open(client, "ended") { Thread.exit }
    error = assert_raises(Exoref::BodyError) { ended.deref_async.get(timeout: 10) }
    assert_equal ["exception", "the body ended its thread"], [error.kind, error.message]
    thrown = Exoref::Delay.open(client, "thrown") { throw :out }
    assert_equal "UncaughtThrowError", assert_raises(Exoref::BodyError) { thrown.deref_async.get(timeout: 10) }.kind
    assert kept
  end

  def test_a_body_that_ends_the_program_leaves_it_to_another
    source = <<~RUBY
      require "exoref"
      client = Exoref::Client.open(ARGV[0], prefix: ARGV[1])
      kept = Exoref::Delay.open(client, "d", lease: 1) { exit 7 }
      $stdout.sync = true
      puts "offered"
      sleep
    RUBY
    kept = nil
    IO.popen([*ruby_command("-e", source, TestServer.url, "#{self.class}.#{name}:")]) do |program|
      assert_equal "offered\n", Timeout.timeout(10) { program.gets }
      asked = Exoref::Delay.open(client, "d").deref_async
      Timeout.timeout(10) { program.read }
      kept = Exoref::Delay.open(client, "d") { "there" }
      assert_equal "there", asked.get(timeout: 15)
    end
    assert_equal 7, $?.exitstatus
    assert kept
  end

  def test_what_is_too_big_to_be_told_is_told_in_short
    small = open_client(max_value_size: 100)
    bodies = [proc { raise "y" * 500 }, proc { raise Exoref::BodyFailure.new("k", "m", "x" * 500) }, proc { "x" * 500 }]
    bodies.each_with_index do |body, n|
      here = assert_raises(Exoref::BodyError) { Exoref::Delay.open(small, "here#{n}", &body).deref }
      there = Exoref::Delay.open(small, "there#{n}", &body)
      told = assert_raises(Exoref::BodyError) { there.deref_async.get(timeout: 10) }
      assert_equal %w[size size], [here.kind, told.kind]
      assert_equal n == 2, here.cause.nil?
    end
    tiny = Exoref::Delay.open(open_client(max_value_size: 1), "d") { raise "it does not fit" }
    assert_equal ["", ""], assert_raises(Exoref::BodyError) { tiny.deref }.then { |error| [error.kind, error.message] }
  end

  def test_publishing_does_not_wait_for_ever
    url, server = TestServer.another
    stalled = Exoref::Client.open(url)
    @clients << stalled
    delay = Exoref::Delay.open(stalled, "d", lease: 1) { Process.kill(:STOP, server) && 1 }
    started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    assert_raises(Exoref::UnknownError) { Timeout.timeout(20) { delay.deref(timeout: 0.2) } }
    assert_operator Process.clock_gettime(Process::CLOCK_MONOTONIC) - started, :<, 10
  ensure
    Process.kill(:CONT, server)
  end

  def test_its_own_body_can_not_ask_for_it
    asked = []
    delay = nil
    delay = Exoref::Delay.open(client, "d") do
      [-> { delay.deref }, -> { delay.claim }, -> { delay.deref_async.get }].each do |asking|
        asking.call
      rescue Exoref::DeadlockError => error
        asked << error.status
      end
      1
    end
    assert_equal 1, delay.deref
    assert_equal [:EDEADLOCK] * 3, asked
  end

  def test_one_delay_needs_another
    inner = Exoref::Delay.open(client, "inner") { 1 }
    outer = Exoref::Delay.open(client, "outer") { inner.deref + 1 }
    assert_equal 2, outer.deref_async.get
  end

  def test_the_pull_form
    delay = Exoref::Delay.open(client, "d")
    lease = delay.claim
    assert_equal 1, lease.token
    assert_in_delta 10, lease.renew, 1
    refute_predicate lease, :lost?
    lost = lease.lost_async
    refute lost.wait(timeout: 0)
    assert_equal [1, 2], lease.deliver([1, 2])
    assert_equal false, lost.get(timeout: 10)
    assert_raises(Exoref::LeaseError) { lease.deliver(3) }
    assert_nil delay.claim
    assert_nil delay.claim_async.get
    assert_equal [1, 2], delay.deref(timeout: 0)
  end

  def test_a_lease_that_is_not_used_is_given_back
    delay = Exoref::Delay.open(client, "d")
    delay.claim { |lease| assert_equal 1, lease.token }
    delay.claim.release
    lease = delay.claim_async.get
    lease.give_back
    assert_equal(4, delay.claim { |last| last.fail("io", "m\0n", "p") && last.token || last.token })
    error = assert_raises(Exoref::BodyError) { delay.claim }
    assert_equal ["io", "m n", "p"], [error.kind, error.message, error.payload]
    assert_raises(Exoref::ClosedError) { lease.tap(&:release).token }
  end

  def test_the_asynchronous_forms_of_a_lease
    delay = Exoref::Delay.open(client, "d")
    lease = delay.claim
    assert_in_delta 10, lease.renew_async.get, 1
    assert_nil lease.give_back_async.get
    lease = delay.claim
    assert_equal 5, lease.deliver_async(5).get
    failing = Exoref::Delay.open(client, "e").claim
    assert_nil failing.fail_async("k", "m").get
  end

  def test_a_deleted_delay_takes_the_lease_along
    delay = Exoref::Delay.open(client, "d")
    lease = delay.claim
    lost = lease.lost_async
    client.delete("d")
    assert lost.get(timeout: 10)
    assert_predicate lease, :lost?
    assert_raises(Exoref::DeletedError, Exoref::LeaseError) { lease.deliver(1) }
  end

  def test_a_body_that_is_left_gives_the_lease_back
    delay = Exoref::Delay.open(client, "d") { |lease| lease.token == 1 ? throw(:out, :left) : lease.token }
    assert_equal :left, (catch(:out) { delay.deref })
    assert_equal 2, delay.deref
  end

  def test_a_timeout_of_ruby_ends_the_body_here
    slow = Thread::Queue.new
    delay = Exoref::Delay.open(client, "d") { |lease| lease.token == 1 ? slow.pop : lease.token }
    assert_raises(Timeout::Error) { Timeout.timeout(0.05) { delay.deref(timeout: nil) } }
    assert_equal 2, delay.deref
  end

  def test_a_handle_that_is_let_go_of_offers_no_more
    offering = Exoref::Delay.open(client, "d") { 1 }
    offering.release
    assert_raises(Exoref::TimeoutError) { Exoref::Delay.open(open_client, "d").deref(timeout: 0.1) }
  end

  def test_what_was_asked_of_a_handle_before_it_was_let_go_of_is_still_served
    offering = open_client(bodies: 1)
    running = Thread::Queue.new
    go_on = Thread::Queue.new
    first = Exoref::Delay.open(offering, "first") { running << true && go_on.pop }
    second = Exoref::Delay.open(offering, "second") { 2 }
    asked = [Exoref::Delay.open(client, "first").deref_async]
    take(running)
    asked << Exoref::Delay.open(client, "second").deref_async
    eventually { !client.info("second").text("owner").empty? }
    second.release
    go_on << 1
    assert_equal [1, 2], asked.map { |future| future.get(timeout: 10) }
    assert_equal 1, first.deref
  end

  def test_a_body_that_ends_its_thread_leaves_the_others_served
    offering = open_client(bodies: 1)
    running = Thread::Queue.new
    go_on = Thread::Queue.new
    dying = Exoref::Delay.open(offering, "dying") { |lease| running << true && go_on.pop && lease.deliver(1) && Thread.current.kill }
    other = Exoref::Delay.open(offering, "other") { 2 }
    asked = [Exoref::Delay.open(client, "dying").deref_async]
    take(running)
    asked << Exoref::Delay.open(client, "other").deref_async
    eventually { !client.info("other").text("owner").empty? }
    go_on << true
    assert_equal [1, 2], asked.map { |future| future.get(timeout: 10) }
    assert_equal [1, 2], [dying, other].map(&:deref)
  end

  def test_the_time_of_a_body_does_not_count
    delay = Exoref::Delay.open(client, "d") { sleep(0.06) && Exoref::DECLINE }
    started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    assert_raises(Exoref::TimeoutError) { delay.deref(timeout: 0.05) }
    assert_operator Process.clock_gettime(Process::CLOCK_MONOTONIC) - started, :>=, 0.1
  end

  def test_a_lease_of_a_future_is_given_back_when_it_is_let_go_of
    delay = Exoref::Delay.open(client, "d")
    GC.disable
    delay.claim_async.get.release
    delay.claim.release
    assert_equal 3, Exoref::Delay.open(open_client, "d").claim(timeout: 5).token
  ensure
    GC.enable
  end

  def test_versioned_handles_alone_still_offer
    kept = Array.new(30) { |n| Exoref::Delay.open(client, "d#{n}") { n }.versioned }
    3.times { GC.start }
    asking = open_client
    futures = Array.new(30) { |n| Exoref::Delay.open(asking, "d#{n}").deref_async }
    assert_equal (0...30).to_a, futures.map { |future| future.get(timeout: 10) }
    assert_equal 30, kept.size
  end

  def test_so_many_bodies_run_at_a_time
    offering = open_client(bodies: 2)
    running = Thread::Queue.new
    go_on = Thread::Queue.new
    kept = Array.new(4) { |n| Exoref::Delay.open(offering, "d#{n}") { running << true && go_on.pop && n } }
    futures = Array.new(4) { |n| Exoref::Delay.open(client, "d#{n}").deref_async }
    2.times { take(running) }
    assert_equal 2, Thread.list.count { |thread| thread.name == "exoref-body" && thread.alive? }
    4.times { go_on << true }
    assert_equal [0, 1, 2, 3], futures.map { |future| future.get(timeout: 10) }
    assert_equal 4, kept.size
  end

  def test_closing_tells_a_running_body_and_waits_for_it
    lost = nil
    running = Thread::Queue.new
    kept = Exoref::Delay.open(client, "d") do |lease|
      running << true
      lost = lease.lost_async.get(timeout: 10)
    end
    future = Exoref::Delay.open(open_client, "d").deref_async
    take(running)
    client.close
    assert_equal true, lost
    future.cancel
    assert kept
  end
end
