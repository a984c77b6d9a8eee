# frozen_string_literal: true

require_relative "helper"

class FutureTest < ExorefTest
  def setup
    super
    @promise = Exoref::Promise.open(client, "p")
  end

  def test_a_timeout_ends_the_waiting_alone
    future = @promise.deref_async
    refute_predicate future, :done?
    refute future.wait(timeout: 0)
    refute future.wait(timeout: 0.01)
    error = assert_raises(Exoref::UnknownError) { future.get(timeout: 0.01) }
    assert_match(/the operation goes on/, error.message)
    assert_equal %i[EUNKNOWN timeout unknown], [error.status, error.reason, error.status_class]
    @promise.deliver(1)
    assert_equal 1, future.get
    assert_predicate future, :done?
    assert_equal 1, future.get(timeout: 0)
  end

  def test_cancelling
    future = @promise.deref_async
    waiting = waiting_thread { future.get }
    future.cancel
    assert_raises(Exoref::CancelledError) { waiting.value }
    assert_raises(Exoref::CancelledError) { future.get }
    future.cancel
    assert @promise.deliver(1)
  end

  def test_any_number_of_threads_may_wait
    future = @promise.deref_async
    threads = Array.new(10) { waiting_thread { future.get } }
    @promise.deliver([1])
    values = threads.map(&:value)
    assert_equal [[1]] * 10, values
    assert_equal 10, values.map(&:object_id).uniq.size
  end

  def test_callbacks
    called = Thread::Queue.new
    future = @promise.deref_async
    2.times { future.on_done { |done| called << [done.get, Thread.current.name] } }
    @promise.deliver(1)
    2.times { assert_equal [1, "exoref-done"], take(called) }
    assert_same future, future.on_done { |done| called << done.get }
    assert_equal 1, take(called)
    assert_empty called
  end

  def test_a_callback_that_raises_is_reported
    errors = Thread::Queue.new
    with_hook = open_client(on_error: ->(error) { errors << error })
    future = with_hook.ping_async
    future.on_done { raise KeyError, "mine" }
    assert_kind_of KeyError, take(errors)
    assert future.get
  end

  def test_callbacks_come_also_when_the_client_is_closed
    called = Thread::Queue.new
    future = @promise.deref_async
    future.on_done { |done| called << done }
    client.close
    assert_raises(Exoref::ClosedError) { take(called).get }
    future.on_done { |done| called << done }
    assert_same future, take(called)
  end

  def test_a_callback_can_not_wait_for_what_needs_its_thread
    atom = Exoref::Atom.create(client, "k", 0)
    answer = Thread::Queue.new
    client.ping_async.on_done do
      answer << begin
        atom.swap_async { |n| n + 1 }.get
      rescue Exoref::DeadlockError => error
        error.status
      end
    end
    assert_equal :EDEADLOCK, take(answer)
  end

  def test_a_callback_may_wait_for_the_server
    atom = Exoref::Atom.create(client, "k", 0)
    answer = Thread::Queue.new
    client.ping_async.on_done { answer << [atom.deref, atom.deref_async.get, atom.swap { |n| n + 1 }] }
    assert_equal [0, 0, 1], take(answer)
  end

  def test_a_block_that_ends_its_thread_hangs_nobody
    atom = Exoref::Atom.create(client, "k", 0)
    futures = [atom.swap_async { Thread.current.kill }, atom.swap_async { |n| n + 1 }]
    client.ping_async.on_done { Thread.current.kill }
    futures << atom.swap_async { |n| n + 1 }
    assert_raises(Exoref::CancelledError) { futures[0].get(timeout: 10) }
    assert_equal [1, 2], futures.drop(1).map { |future| future.get(timeout: 10) }.sort
    dying = Exoref::Delay.open(client, "d") { Thread.current.kill }
    assert_raises(Exoref::BodyError) { dying.deref_async.get(timeout: 10) }
  end

  def test_what_could_not_begin_is_told_by_get
    future = @promise.deliver_async(Object.new)
    assert_predicate future, :done?
    assert_raises(Exoref::EncodeError) { future.get }
    assert future.wait
  end

  def test_many_at_once
    promises = Array.new(500) { |n| Exoref::Promise.open_async(client, "p#{n}") }.map(&:get)
    futures = promises.map(&:deref_async)
    delivering = promises.each_with_index.map { |promise, n| promise.deliver_async(n) }
    assert_equal (0...500).to_a, futures.map { |future| future.get(timeout: 10) }
    assert delivering.all?(&:get)
  end
end
