# frozen_string_literal: true

require_relative "helper"

class WatchTest < ExorefTest
  def setup
    super
    @atom = Exoref::Atom.create(client, "k", 0)
    @told = Thread::Queue.new
  end

  def test_each_change_is_told_once_in_order_on_a_thread_of_the_client
    threads = []
    since = @atom.add_watch(:w) do |change|
      threads << Thread.current
      @told << [change.old_value, change.new_value, change.version]
    end
    assert_equal 0, since
    writer = Exoref::Atom.open(open_client, "k")
    (1..20).each { |n| writer.reset(n) }
    assert_equal((1..20).map { |n| [n - 1, n, n + 1] }, Array.new(20) { take(@told) })
    assert_equal ["exoref-watch"], threads.map(&:name).uniq
  end

  def test_what_a_change_tells
    @atom.add_watch("w") { |change| @told << change }
    @atom.reset(nil)
    change = take(@told)
    assert_equal [0, nil, "w", "k", 2, 0], [change.old_value, change.new_value, change.watch_key, change.key, change.version, change.missed]
    assert_predicate change, :new_value?
    client.delete("k")
    deleted = take(@told)
    assert_predicate deleted, :deleted?
    refute_predicate deleted, :new_value?
    Exoref::Atom.create(client, "k", 5)
    recreated = take(@told)
    assert_predicate recreated, :recreated?
    refute_predicate recreated, :old_value?
    refute_predicate recreated, :rewound?
    refute_predicate recreated, :uncertain?
  end

  def test_a_versioned_handle_tells_values
    @atom.versioned.add_watch("w") { |change| @told << [change.old_value, change.new_value] }
    @atom.reset(1)
    old, new = take(@told)
    assert_equal [[0, 1], [1, 2]], [old, new].map { |value| [value.decode, value.version] }
    assert @atom.compare_and_set_at(new, 7)
  end

  def test_a_watch_that_raises_is_reported_and_the_others_go_on
    errors = Thread::Queue.new
    watched = Exoref::Atom.open(open_client(on_error: ->(error) { errors << error }), "k")
    watched.add_watch("bad") { raise KeyError, "mine" }
    watched.add_watch("thrower") { throw :nowhere }
    watched.add_watch("good") { |change| @told << change.new_value }
    2.times { |n| @atom.reset(n) }
    assert_equal [0, 1], [take(@told), take(@told)]
    assert_equal [KeyError, UncaughtThrowError] * 2, Array.new(4) { take(errors).class }
  end

  def test_a_watch_that_ends_its_thread_is_called_again
    @atom.add_watch("w") { |change| @told << change.new_value && Thread.current.kill }
    3.times { |n| @atom.reset(n) && assert_equal(n, take(@told)) }
    @atom.remove_watch("w")
  end

  def test_a_watch_may_use_references_and_remove_itself
    @atom.add_watch("w") do |change|
      @atom.remove_watch("w")
      @told << [@atom.deref, change.new_value]
    end
    @atom.reset(1)
    assert_equal [1, 1], take(@told)
    @atom.reset(2)
    Exoref::Atom.open(client, "k").add_watch("other") { |change| @told << change.new_value }
    @atom.reset(3)
    assert_equal 3, take(@told)
    assert_empty @told
  end

  def test_after_removing_it_is_not_called_again
    running = Thread::Queue.new
    go_on = Thread::Queue.new
    ended = false
    @atom.add_watch("w") do
      running << true
      go_on.pop
      ended = true
    end
    2.times { |n| @atom.reset(n) }
    take(running)
    remover = waiting_thread { @atom.remove_watch("w") && ended }
    assert_predicate remover, :alive?
    go_on << true
    remover.join
    assert ended, "it waits for the call that runs just now"
    @atom.reset(9)
    @atom.deref
    assert_empty running
    @atom.remove_watch("absent")
  end

  def test_another_under_the_same_key_replaces_it
    @atom.add_watch("w") { |change| @told << [:first, change.new_value] }
    @atom.add_watch("w") { |change| @told << [:second, change.new_value] }
    @atom.reset(1)
    assert_equal [:second, 1], take(@told)
    assert_empty @told
  end

  def test_of_two_that_are_added_at_once_the_later_one_stands
    hold = Thread::Queue.new
    client.ping_async.on_done { hold.pop } # the lane on which the first learns that it was added
    first = @atom.add_watch_async("w") { @told << :first }
    second = @atom.add_watch_async("w") { |change| @told << change.new_value }
    assert_equal 0, second.get
    hold << true
    first.get
    client.ping_async.on_done { @told << :added } # after what is told to the first on that lane
    assert_equal :added, take(@told)
    @atom.reset(1)
    assert_equal 1, take(@told)
  end

  def test_of_many_threads_one_watch_stands
    20.times do |n|
      Array.new(4) { Thread.new { @atom.add_watch("w") { |change| @told << change.new_value } } }.each(&:join)
      @atom.reset(n)
      assert_equal n, take(@told)
      assert_empty @told
    end
  end

  def test_what_is_queued_for_a_watch_that_is_replaced_is_told_no_more
    go_on = Thread::Queue.new
    running = Thread::Queue.new
    @atom.add_watch("blocking") { running << true && go_on.pop }
    @atom.add_watch("w") { @told << :first }
    @atom.reset(1)
    take(running)
    @atom.deref
    @atom.add_watch("w") { @told << :second }
    go_on.close
    @atom.reset(2)
    assert_equal :second, take(@told)
    @atom.remove_watch("w")
    assert_empty @told
  end

  def test_a_watch_ends_with_the_last_handle_of_its_key
    elsewhere = Exoref::Atom.open(open_client, "k")
    control = Thread::Queue.new
    elsewhere.add_watch("control") { control << true }
    GC.disable
    @atom.add_watch("w") { |change| @told << change.new_value }
    assert_equal [1, 2], [@atom.swap { |n| n + 1 }, @atom.swap_async { |n| n + 1 }.get]
    @atom.swap { break }
    assert_equal [1, 2], [take(@told), take(@told)]
    @atom.release
    elsewhere.reset(3)
    3.times { take(control) }
    client.ping
    assert_empty @told
  ensure
    GC.enable
  end

  def test_keys_of_watches_are_bytes
    @atom.add_watch("é") { |change| @told << change.watch_key }
    @atom.reset(1)
    assert_equal "é", take(@told)
    @atom.remove_watch("é".b)
    assert_empty client.hub.watches
  end

  def test_the_asynchronous_form
    assert_equal 0, @atom.add_watch_async("w") { |change| @told << change.new_value }.get
    @atom.reset(1)
    assert_equal 1, take(@told)
    @atom.remove_watch("w")
  end

  def test_a_watch_keeps_its_atom
    -> { Exoref::Atom.open(client, "k").add_watch("w") { |change| @told << change.new_value } }.call
    GC.start
    @atom.reset(1)
    assert_equal 1, take(@told)
  end

  def test_after_closing_nothing_is_called
    called_after = false
    closed = false
    @atom.add_watch("w") { closed ? called_after = true : @told << true }
    writer = Exoref::Atom.open(open_client, "k")
    stop = false
    thread = Thread.new { writer.swap { |n| n + 1 } until stop }
    take(@told)
    client.close
    closed = true
    20.times { writer.swap { |n| n + 1 } }
    stop = true
    thread.join
    refute called_after
  end

  def test_closing_waits_for_a_watch_and_is_refused_within_it
    go_on = Thread::Queue.new
    refused = Thread::Queue.new
    @atom.add_watch("w") do
      refused << begin
        client.close
      rescue Exoref::DeadlockError => error
        error
      end
      go_on.pop
    end
    @atom.reset(1)
    assert_equal :EDEADLOCK, take(refused).status
    assert_raises(Exoref::TimeoutError) { client.close(timeout: 0.05) }
    go_on << true
    client.close
  end

  def test_a_slow_watch_is_told_what_it_missed
    go_on = Thread::Queue.new
    @atom.add_watch("slow") do |change|
      go_on.pop
      @told << [change.new_value, change.missed]
    end
    watch = client.hub.watches.fetch(%w[k slow])
    most = watch.class.const_get(:MOST_QUEUED)
    count = most + 100
    writer = Exoref::Atom.open(client, "k")
    (1..count).each_slice(500) { |numbers| numbers.map { |n| writer.reset_async(n) }.each(&:get) }
    eventually { watch.instance_variable_get(:@queued).last&.version == count + 1 } # all has come here, and was queued or dropped
    go_on.close
    events = []
    events << take(@told) until events.dig(-1, 0) == count
    assert_equal count, events.sum { |_, missed| 1 + missed }, "told and missed are all there were"
    assert_operator events.size, :<=, most + 2
  end
end
