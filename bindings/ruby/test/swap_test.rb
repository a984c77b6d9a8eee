# frozen_string_literal: true

require_relative "helper"

class SwapTest < ExorefTest
  def setup
    super
    @atom = Exoref::Atom.create(client, "k", 1)
    @elsewhere = Exoref::Atom.open(client, "k")
  end

  def unchanged = assert_equal([1, 1], @elsewhere.versioned.deref.then { |value| [value.decode, value.version] })

  def test_it_gives_the_new_value_or_both
    assert_equal 2, @atom.swap { |n| n + 1 }
    assert_equal [2, 4], @atom.swap_vals { |n| n * 2 }
    assert_equal 5, @atom.swap(&:succ)
    assert_equal 6, @atom.swap_async { |n| n + 1 }.get
    assert_equal [6, 7], @atom.swap_vals_async { |n| n + 1 }.get
    assert_raises(ArgumentError) { @atom.swap }
    assert_raises(ArgumentError) { @atom.swap_async }
  end

  def test_it_is_called_again_when_somebody_was_faster
    seen = []
    @atom.swap do |n|
      seen << n
      @elsewhere.reset(10) if seen.size == 1
      n + 1
    end
    assert_equal [1, 10], seen
    assert_equal 11, @atom.deref
  end

  def test_what_the_block_raises_comes_out_as_it_is
    mine = Class.new(StandardError)
    error = assert_raises(mine) { @atom.swap { raise mine, "no" } }
    assert_equal "no", error.message
    assert_raises(mine) { @atom.swap_async { raise mine }.get }
    assert_raises(NotImplementedError) { @atom.swap { raise NotImplementedError } }
    unchanged
  end

  def test_what_the_block_raises_comes_out_though_it_can_not_be_confirmed
    url, server = TestServer.another
    stalled = Exoref::Client.open(url)
    @clients << stalled
    atom = Exoref::Atom.create(stalled, "k", 1)
    atom.deref
    [[0, 0], [0.05, 0.1], [0.1, 0]].each do |timeout, pause| # the block is slow: this is what is tested
      while_stopped(server) do
        error = assert_raises(KeyError) { atom.swap(timeout: timeout) { sleep(pause) && raise(KeyError, "mine") } }
        assert_nil error.cause
        assert_raises(KeyError) { atom.swap_async(timeout: 0.2) { raise KeyError, "mine" }.get(timeout: 10) }
      end
    end
    assert_equal 1, atom.deref
  end

  def test_any_exception_of_an_asynchronous_block_comes_out
    mine = Class.new(Exception) # rubocop:disable Lint/InheritException
    assert_equal "out", assert_raises(mine) { @atom.swap_async { raise mine, "out" }.get(timeout: 10) }.message
    assert_raises(mine) { @atom.alter_meta_async { raise mine }.get(timeout: 10) }
    unchanged
    assert_equal 2, @atom.swap_async { |n| n + 1 }.get(timeout: 10)
  end

  def test_a_failure_computed_from_a_passed_value_is_computed_again
    calls = 0
    value = @atom.swap do |n|
      calls += 1
      @elsewhere.reset(5) if calls == 1
      raise "one is bad" if n == 1

      n + 1
    end
    assert_equal [6, 2], [value, calls]
  end

  def test_break_next_throw_and_return
    assert_equal :left, (@atom.swap { break :left })
    assert_equal :thrown, (catch(:out) { @atom.swap { throw :out, :thrown } })
    assert_equal :returned, returning
    unchanged
    assert_equal(7, @atom.swap { next 7 })
  end

  def returning
    @atom.swap { return :returned }
  end

  def test_leaving_the_block_leaves_nothing_behind
    200.times { @atom.swap { break } }
    unchanged
    assert_equal(2, @atom.swap { |n| n + 1 })
  end

  def test_declining_changes_nothing
    assert_equal(1, @atom.swap { Exoref::DECLINE })
    assert_equal([1, 1], @atom.swap_vals { Exoref::DECLINE })
    assert_equal(1, @atom.swap_async { Exoref::DECLINE }.get)
    unchanged
  end

  def test_what_can_not_be_encoded_is_refused
    assert_raises(Exoref::EncodeError) { @atom.swap { Object.new } }
    unchanged
  end

  def test_a_swap_in_a_swap
    other = Exoref::Atom.create(client, "o", 0)
    assert_equal(2, @atom.swap { |n| n + other.swap { |m| m + 1 } })
  end

  def test_swaps_of_many_threads_lose_nothing
    second = open_client
    atoms = [@atom, @elsewhere, Exoref::Atom.open(second, "k")]
    atoms.map { |atom| Thread.new { 50.times { atom.swap { |n| n + 1 } } } }.each(&:join)
    futures = atoms.flat_map { |atom| Array.new(20) { atom.swap_async { |n| n + 1 } } }
    futures.each(&:get)
    assert_equal 1 + 150 + 60, @atom.deref
  end

  def test_a_block_that_takes_all_the_time
    error = assert_raises(Exoref::TimeoutError) do
      @atom.swap(timeout: 0.02) do |n|
        sleep 0.05 # the block is slow: this is what is tested
        n + 1
      end
    end
    assert_match(/not done within 20 ms/, error.message)
    unchanged
  end

  def test_an_async_swap_is_cancelled
    blocked = Thread::Queue.new
    begun = Thread::Queue.new
    future = @atom.swap_async do |n|
      begun << true
      blocked.pop
      n + 1
    end
    take(begun)
    future.cancel
    blocked << true
    assert_raises(Exoref::CancelledError, Exoref::UnknownError) { future.get(timeout: 10) }
  end

  def test_the_pull_form
    swap = @atom.swap_begin
    assert_equal 1, swap.value
    @elsewhere.reset(5)
    refute swap.offer(2)
    assert_equal 5, swap.value
    assert swap.offer(6)
    assert_predicate swap, :done?
    assert_equal 6, swap.value
    assert_raises(Exoref::InvalidError) { swap.offer(7) }
    ending = @atom.swap_begin
    @elsewhere.reset(8)
    refute ending.confirm
    assert ending.confirm
  end
end
