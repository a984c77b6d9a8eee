# frozen_string_literal: true

require_relative "helper"

class ForkTest < ExorefTest
  # What the block gives in a forked child.
  def in_child
    reader, writer = IO.pipe
    child = fork do
      reader.close
      answer = begin
        Timeout.timeout(10) { yield }
      rescue Exception => error # rubocop:disable Lint/RescueException
        "#{error.class}: #{error.message}"
      end
      writer.write(Marshal.dump(answer))
      writer.close
      Process.exit!(0)
    end
    writer.close
    answer = Timeout.timeout(20) { reader.read }
    assert_predicate Process.wait2(child).last, :success?
    Marshal.load(answer) # rubocop:disable Security/MarshalLoad
  end

  def error_class
    yield
    "nothing was raised"
  rescue Exoref::Error => error
    error.class.to_s
  end

  def setup
    super
    @atom = Exoref::Atom.create(client, "k", 1)
    @promise = Exoref::Promise.open(client, "p")
    @future = @promise.deref_async
    @waiting = waiting_thread { @future.get }
    @delay = Exoref::Delay.open(client, "d") { 1 }
  end

  def test_the_parents_handles_say_so_in_the_child
    calls = [-> { @atom.deref }, -> { @atom.swap { |n| n + 1 } }, -> { @atom.reset_async(1).get }, -> { @promise.deref },
             -> { @future.get }, -> { @delay.deref }, -> { client.ping }, -> { client.close }, -> { Exoref::Promise.open(client, "x") },
             -> { @atom.add_watch("w") { nil } }, -> { client.list.next }]
    assert_equal ["Exoref::ForkError"] * calls.size, in_child { calls.map { |call| error_class(&call) } }
    assert_match(/fork/, in_child { @atom.deref })
    assert_equal 1, @atom.deref
    @promise.deliver(5)
    assert_equal 5, @waiting.value
  end

  def test_the_child_opens_another_client
    assert_equal(2, in_child { Exoref::Atom.open(client.reopen, "k").swap { |n| n + 1 } })
    assert_equal 2, @atom.deref
  end

  def test_collecting_the_parents_handles_in_the_child_disturbs_nobody
    answer = in_child do
      @atom = @promise = @future = @delay = @client = nil
      @clients.clear
      GC.start
      ObjectSpace.garbage_collect
      :collected
    end
    assert_equal :collected, answer
    assert_equal 1, @atom.deref
    assert_equal 1, Exoref::Delay.open(open_client, "d").deref
  end

  def test_a_child_that_ends_as_programs_do
    out, status = run_ruby(<<~RUBY)
      require "exoref"
      client = Exoref::Client.open(ARGV[0], prefix: "forked:")
      atom = Exoref::Atom.create(client, "k", 0)
      children = Array.new(3) do
        fork do
          mine = client.reopen
          10.times { Exoref::Atom.open(mine, "k").swap { |n| n + 1 } }
        end
      end
      children.each { |pid| Process.wait(pid) && ($?.success? or abort "a child failed") }
      puts atom.deref
    RUBY
    assert_equal ["30\n", true], [out, status.success?]
  end
end
