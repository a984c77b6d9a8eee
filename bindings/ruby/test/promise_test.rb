# frozen_string_literal: true

require_relative "helper"

class PromiseTest < ExorefTest
  def test_the_first_delivery_counts
    promise = Exoref::Promise.open(client, "p")
    assert_predicate promise, :created?
    refute_predicate promise, :realized?
    assert promise.deliver({ "a" => 1 })
    refute promise.deliver(2)
    assert_equal [false, { "a" => 1 }], promise.deliver(3) { |*both| both }
    assert_equal [false, { "a" => 1 }], promise.deliver_async(3) { |*both| both }.get
    refute promise.deliver_async(3).get
    assert promise.realized_async.get
    assert_equal({ "a" => 1 }, promise.deref)
    refute_predicate Exoref::Promise.open_async(client, "p").get, :created?
  end

  def test_waiting
    promise = Exoref::Promise.open(client, "p")
    assert_raises(Exoref::TimeoutError) { promise.deref(timeout: 0) }
    assert_raises(Exoref::TimeoutError) { promise.deref(timeout: 0.01) }
    threads = Array.new(3) { waiting_thread { promise.deref(timeout: nil) } }
    future = promise.deref_async
    Exoref::Promise.open(open_client, "p").deliver(nil)
    assert_equal [nil] * 3, threads.map(&:value)
    assert_nil future.get
  end

  def test_once_known_it_needs_no_server
    promise = Exoref::Promise.open(client, "p", codec: :bytes)
    promise.deliver("x" * 16)
    commands = client.stats["commands"]
    1000.times { assert_equal "x" * 16, promise.deref }
    assert_equal "x" * 16, promise.deref(timeout: 0)
    assert_equal ["x" * 16, 1], promise.versioned.deref.then { |value| [value.bytes, value.version] }
    assert_equal commands, client.stats["commands"]
  end

  def test_each_deref_gives_a_copy
    promise = Exoref::Promise.open(client, "p")
    promise.deliver(["a"])
    promise.deref.first << "b"
    assert_equal ["a"], promise.deref
  end

  def test_one_that_is_deleted
    promise = Exoref::Promise.open(client, "p")
    thread = waiting_thread { promise.deref(timeout: nil) }
    client.delete("p")
    assert_raises(Exoref::DeletedError) { thread.value }
    assert_raises(Exoref::DeletedError) { promise.deliver(1) }
  end

  def test_a_validator
    promise = Exoref::Promise.open(client, "p", validator: ->(n) { n > 1 })
    assert_raises(Exoref::ValidationError) { promise.deliver(1) }
    assert_raises(NoMethodError) { promise.deliver(nil) }
    assert promise.deliver(2)
  end

  def test_release
    promise = Exoref::Promise.open(client, "p")
    promise.release
    assert_raises(Exoref::ClosedError) { promise.deref }
  end
end
