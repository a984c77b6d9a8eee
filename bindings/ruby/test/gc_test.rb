# frozen_string_literal: true

require_relative "helper"

class GCTest < ExorefTest
  def live(klass) = ObjectSpace.each_object(klass).count

  def test_ten_thousand_handles_are_dropped_and_collected
    kept = Exoref::Atom.create(client, "kept", 1)
    make = lambda do |n|
      Exoref::Atom.create_async(client, "a#{n % 50}", n).get
      Exoref::Promise.open_async(client, "p#{n % 50}").get
      Exoref::Delay.open_async(client, "d#{n % 50}") { n }.get
      nil
    end
    3400.times { |n| make.call(n) }
    eventually(20) do
      GC.start
      [Exoref::Atom, Exoref::Promise, Exoref::Delay].sum { |klass| live(klass) } < 100
    end
    assert_equal 1, kept.deref
  end

  def test_swaps_leave_nothing_behind
    atom = Exoref::Atom.create(client, "k", 0)
    GC.start
    lows = %i[Swap Value Future].map { |name| Exoref_low.const_get(name) }
    500.times { atom.swap { |n| n + 1 } }
    GC.start
    assert_operator lows.sum { |klass| live(klass) }, :<, 100
  end

  # In a process of its own, with a small heap: each allocation collects.
  def test_under_stress
    out, status = Timeout.timeout(60) { run_ruby(<<~RUBY) }
      require "exoref"
      client = Exoref::Client.open(ARGV[0], prefix: "stress:")
      told = Thread::Queue.new
      GC.stress = true
      atom = Exoref::Atom.create(client, "k", { "n" => 0 })
      atom.add_watch("w") { |change| told << change.new_value }
      p atom.swap { |old| { "n" => old["n"] + 1 } }
      promise = Exoref::Promise.open(client, "p")
      future = promise.deref_async
      promise.deliver("x")
      p promise.deref, future.get, Exoref::Delay.open(client, "d") { 5 }.deref
      begin
        Exoref::Atom.open(client, "none")
      rescue Exoref::NotFoundError => error
        p error.key
      end
      p told.pop
      client.close
    RUBY
    assert_equal ['{"n"=>1}', '"x"', '"x"', "5", '"none"', '{"n"=>1}'], out.lines(chomp: true)
    assert_predicate status, :success?
  end

  def test_compaction
    skip "this Ruby has no compaction" unless GC.respond_to?(:compact)
    atom = Exoref::Atom.create(client, "k", 0)
    told = Thread::Queue.new
    atom.add_watch("w") { |change| told << change.new_value }
    delay = Exoref::Delay.open(client, "d") { "served" }
    promise = Exoref::Promise.open(client, "p")
    futures = Array.new(10) { promise.deref_async }
    futures.each { |future| future.on_done { |done| told << done.get } }
    move_everything
    assert_equal "served", Exoref::Delay.open(open_client, "d").deref
    assert_equal(1, atom.swap { |n| move_everything && (n + 1) })
    promise.deliver(7)
    assert_equal [7] * 10, futures.map(&:get)
    assert_equal [1, *[7] * 10], Array.new(11) { take(told) }.sort
    assert_equal "served", delay.deref
  end

  def move_everything
    return GC.compact || true if RUBY_VERSION >= "3.2"

    GC.verify_compaction_references(toward: :empty, double_heap: true)
    true
  end

  def test_what_is_held_keeps_the_client
    open = -> { Exoref::Client.open(TestServer.url, prefix: "#{self.class}.#{name}:") }
    Exoref::Atom.create(open.call, "k", 1)
    held = [-> { Exoref::Atom.open(open.call, "k") }, -> { open.call.list }, -> { Exoref::Promise.open(open.call, "p").deref_async },
            -> { Exoref::Atom.open(open.call, "k").swap_begin }, -> { Exoref::Delay.open(open.call, "d").claim }].map(&:call)
    5.times { GC.start }
    atom, scan, future, swap, lease = held
    assert_equal 1, atom.deref
    assert_equal %w[d k p], scan.map(&:key).sort
    refute future.wait(timeout: 0.01)
    assert swap.offer(2)
    assert_equal 3, lease.deliver(3)
  end

  def test_a_future_that_nobody_holds_goes_on
    atom = Exoref::Atom.create(client, "k", 0)
    100.times { |n| atom.reset_async(n + 1) }
    GC.start
    eventually { atom.deref == 100 }
  end
end
