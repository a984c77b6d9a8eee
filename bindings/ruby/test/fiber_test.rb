# frozen_string_literal: true

require_relative "helper"
require_relative "scheduler"

class FiberTest < ExorefTest
  # Runs the block under a scheduler, on a thread of its own; gives the scheduler.
  def scheduled
    scheduler = Scheduler.new
    thread = Thread.new do
      Fiber.set_scheduler(scheduler)
      yield
    end
    Timeout.timeout(10) { thread.join }
    scheduler
  end

  def test_fibers_of_one_thread_run_while_others_wait
    promise = Exoref::Promise.open(client, "p")
    log = []
    scheduler = scheduled do
      3.times { |n| Fiber.schedule { log << [n, promise.deref(timeout: nil)] } }
      Fiber.schedule { (log << :delivers) && promise.deliver("x") }
    end
    assert_equal :delivers, log.first
    assert_equal [[0, "x"], [1, "x"], [2, "x"]], log.drop(1).sort
    assert_operator scheduler.blocks, :>=, 3
  end

  def test_all_kinds_of_calls
    given = []
    TestServer.url
    scheduled do
      Fiber.schedule do
        Exoref::Client.open(TestServer.url, prefix: "fiber:") do |inner|
          atom = Exoref::Atom.create(inner, "k", 1)
          told = Thread::Queue.new
          atom.add_watch("w") { |change| told << change.new_value }
          given << atom.swap { |n| n + 1 } << atom.deref << atom.deref_async.get << told.pop
          delay = Exoref::Delay.open(inner, "d") { sleep(0.001) && "computed" }
          given << delay.deref << delay.deref_async.get
          given << inner.list.map(&:key).sort
          inner.delete("d") && inner.delete("k")
        end
      end
    end
    assert_equal [2, 2, 2, 2, "computed", "computed", %w[d k]], given
  end

  def test_a_future_s_own_timeout
    promise = Exoref::Promise.open(client, "p")
    answers = []
    scheduled do
      Fiber.schedule { answers << promise.deref_async.wait(timeout: 0.01) }
      Fiber.schedule { answers << (promise.deref(timeout: 0.01) rescue $!.class) } # rubocop:disable Style/RescueModifier
    end
    assert_equal [false, Exoref::TimeoutError], answers.partition(&:!).flatten
  end

  def test_errors_come_out_in_their_fiber
    errors = []
    scheduled do
      Fiber.schedule { Exoref::Atom.open(client, "none") rescue errors << $! } # rubocop:disable Style/RescueModifier
    end
    assert_kind_of Exoref::NotFoundError, errors.first
  end

  def test_a_body_of_one_fiber_is_no_deadlock_for_another
    delay = Exoref::Delay.open(client, "d") { sleep(0.01) && "made" }
    values = []
    scheduled { 2.times { Fiber.schedule { values << delay.deref } } }
    assert_equal %w[made made], values
  end
end
