# frozen_string_literal: true

require_relative "helper"

# The same references in another process and another language: the command.
class CommandTest < ExorefTest
  COMMAND = File.join(ENV.fetch("EXOREF_PREFIX", ""), "bin/exoref")

  def setup
    super
    skip "EXOREF_PREFIX does not say where the command is" unless File.executable?(COMMAND)
  end

  def command(*words, codec: "json")
    Open3.capture3(COMMAND, "--url", TestServer.url, "--prefix", "#{self.class}.#{name}:", "--codec", codec, *words)
  end

  def test_values_are_the_same_bytes
    atom = Exoref::Atom.create(client, "k", { "b" => 1, "a" => [1.0, "é", nil] })
    out, = command("atom", "get", "k")
    assert_equal '{"a":[1.0,"é",null],"b":1}', out.force_encoding("UTF-8").chomp
    _, err, status = command("atom", "set", "k", '{ "z": 1, "c": 2e0 }')
    assert_predicate status, :success?, err
    assert atom.compare_and_set({ "c" => 2.0, "z" => 1 }, "mine")
    assert_predicate command("atom", "cas", "k", '"mine"', "3").last, :success?
    assert_equal 3, atom.deref
    assert_predicate command("atom", "get", "k", codec: "string").last.exitstatus, :positive?
  end

  def test_changes_are_told_and_counted_together
    atom = Exoref::Atom.create(client, "n", 0)
    told = Thread::Queue.new
    atom.add_watch("w") { |change| told << change.new_value }
    other = Thread.new { 5.times { command("atom", "swap", "n", "--", "sh", "-c", "read -r n || :; echo $((n + 1))") } }
    5.times { atom.swap { |n| n + 1 } }
    other.join
    assert_equal 10, atom.deref
    assert_equal (1..10).to_a, Array.new(10) { take(told) }
  end

  def test_a_promise_that_the_command_delivers
    promise = Exoref::Promise.open(client, "p")
    waiting = waiting_thread { promise.deref(timeout: nil) }
    command("promise", "deliver", "p", '{"from": "elsewhere"}')
    assert_equal({ "from" => "elsewhere" }, waiting.value)
  end

  def test_a_delay_that_either_computes
    kept = Exoref::Delay.open(client, "ours") { ["made", "in Ruby"] }
    assert_equal '["made","in Ruby"]', command("delay", "get", "ours").first.chomp
    assert_equal '"there"', command("delay", "get", "theirs", "--", "echo", '"there"').first.chomp
    assert_equal "there", Exoref::Delay.open(client, "theirs") { flunk }.deref
    assert_equal ["made", "in Ruby"], kept.deref
  end

  def test_a_failure_crosses
    failing = Exoref::Delay.open(client, "d") { raise Exoref::BodyFailure.new("io", "no such file") }
    _, err, status = command("delay", "get", "d")
    refute_predicate status, :success?
    assert_match(/no such file/, err)
    assert_equal "io", assert_raises(Exoref::BodyError) { failing.deref }.kind
    command("delay", "get", "e", "--", "sh", "-c", "echo broken >&2; exit 1")
    assert_match(/broken/, assert_raises(Exoref::BodyError) { Exoref::Delay.open(client, "e").deref }.message)
  end
end
