# frozen_string_literal: true

require_relative "helper"

# Whatever ends a wait in Ruby ends one here, at once, and concerns nobody else.
class InterruptTest < ExorefTest
  def setup
    super
    @promise = Exoref::Promise.open(client, "p")
  end

  def within(seconds)
    started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    yield
    assert_operator Process.clock_gettime(Process::CLOCK_MONOTONIC) - started, :<, seconds
  end

  def test_timeout_ends_a_wait
    other = waiting_thread { @promise.deref(timeout: nil) }
    within(5) { assert_raises(Timeout::Error) { Timeout.timeout(0.05) { @promise.deref(timeout: nil) } } }
    assert_predicate other, :alive?
    @promise.deliver(1)
    assert_equal 1, other.value
  end

  def test_raise_and_kill_end_a_wait
    raised = waiting_thread { @promise.deref(timeout: nil) }
    killed = waiting_thread { @promise.deref(timeout: nil) }
    other = waiting_thread { @promise.deref(timeout: nil) }
    within(5) do
      raised.raise(KeyError, "wake up")
      assert_raises(KeyError) { raised.value }
      killed.kill.join
    end
    @promise.deliver(1)
    assert_equal 1, other.value
  end

  def test_of_two_that_wait_for_one_future_the_right_one_is_woken
    future = @promise.deref_async
    threads = Array.new(4) { waiting_thread { future.get } }
    threads.each_slice(2) do |stays, goes|
      within(5) { assert_raises(KeyError) { goes.raise(KeyError) || goes.value } }
      assert_predicate stays, :alive?
    end
    @promise.deliver(1)
    assert_equal [1, 1], threads.each_slice(2).map { |stays, _| stays.value }
  end

  def test_a_wakeup_for_nothing_ends_nothing
    thread = waiting_thread { @promise.deref(timeout: nil) }
    5.times { thread.wakeup && Thread.pass }
    assert_predicate thread, :alive?
    @promise.deliver(1)
    assert_equal 1, thread.value
  end

  def test_an_interrupt_that_is_put_off_waits_for_the_wait
    log = []
    thread = waiting_thread do
      Thread.handle_interrupt(KeyError => :never) { log << @promise.deref(timeout: nil) }
    rescue KeyError
      log << :interrupted
    end
    thread.raise(KeyError)
    used = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID)
    refute thread.join(0.1)
    assert_operator Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID) - used, :<, 0.05, "it does not spin"
    @promise.deliver(1)
    thread.join
    assert_equal [1, :interrupted], log
  end

  def test_a_trapped_signal_is_served_during_a_wait
    caught = Thread::Queue.new
    before = trap(:USR1) { caught << true }
    sender = Thread.new { Process.kill(:USR1, Process.pid) && take(caught) && @promise.deliver(1) }
    assert_equal 1, @promise.deref(timeout: nil)
    sender.join
  ensure
    trap(:USR1, before || "DEFAULT")
  end

  def test_ctrl_c_ends_a_program_that_waits
    source = <<~RUBY
      require "exoref"
      client = Exoref::Client.open(ARGV[0], prefix: "ctrl-c:")
      promise = Exoref::Promise.open(client, "p")
      Thread.new { Thread.pass until Thread.main.status == "sleep"; puts "waiting"; $stdout.flush }
      begin
        promise.deref(timeout: nil)
      rescue Interrupt
        puts "interrupted"
      end
      puts client.ping.server_version ? "usable" : ""
    RUBY
    IO.popen([*ruby_command("-e", source, TestServer.url), err: %i[child out]]) do |program|
      assert_equal "waiting\n", Timeout.timeout(10) { program.gets }
      Process.kill(:INT, program.pid)
      assert_equal "interrupted\nusable\n", Timeout.timeout(10) { program.read }
    end
  end

  def test_other_threads_run_during_a_wait
    thread = waiting_thread { @promise.deref(timeout: nil) }
    count = 0
    1000.times { (count += 1) && Thread.pass }
    assert_predicate thread, :alive?
    assert_equal 1000, count
    @promise.deliver(1)
    thread.join
  end

  def test_an_interrupted_call_leaves_the_client_as_it_was
    atom = Exoref::Atom.create(client, "k", 0)
    100.times do
      thread = Thread.new { loop { atom.swap { |n| n + 1 } } }
      thread.report_on_exception = false
      Thread.pass until atom.deref.positive?
      thread.raise(KeyError)
      assert_raises(KeyError) { thread.value }
    end
    before = atom.deref
    assert_equal(before + 1, atom.swap { |n| n + 1 })
  end

  def test_an_operation_whose_call_was_ended_is_given_up
    holder = Exoref::Delay.open(open_client, "d").claim
    delay = Exoref::Delay.open(client, "d")
    claiming = waiting_thread { delay.claim(timeout: nil) }
    GC.disable
    claiming.kill.join
    holder.give_back
    assert_equal 2, Exoref::Delay.open(open_client, "d").claim(timeout: 5).token
  ensure
    GC.enable
  end

  def test_timeouts_in_a_swap_function_pass_through_it
    atom = Exoref::Atom.create(client, "k", 0)
    never = Thread::Queue.new
    assert_raises(Timeout::Error) { Timeout.timeout(0.05) { atom.swap { never.pop } } }
    assert_equal 0, atom.deref
  end

  def test_opening_is_interrupted
    within(5) do
      assert_raises(Timeout::Error) do
        Timeout.timeout(0.05) { Exoref::Client.open("redis+unix:///nowhere/sock", open_timeout: nil) }
      end
    end
  end
end
