# frozen_string_literal: true

require_relative "helper"

class SamplesTest < ExorefTest
  SAMPLES = File.expand_path("../samples", __dir__)

  def test_demo
    Exoref::Client.open(TestServer.url) do |client|
      Exoref::Promise.open(client, "demo:go").deliver("now")
      command = ruby_command(File.join(SAMPLES, "demo.rb"), TestServer.url, "ruby", "3")
      out, status = Timeout.timeout(10) { Open3.capture2e(*command) }
      assert_predicate status, :success?, out
      assert_equal ["counted 3", "heard now", "has computed by ruby"], out.lines(chomp: true)
      assert_equal 3, Exoref::Atom.open(client, "demo:languages").deref
    end
  end

  def run_sample(name)
    out, status = Timeout.timeout(10) { Open3.capture2e(*ruby_command(File.join(SAMPLES, name), TestServer.url)) }
    assert_predicate status, :success?, out
    out.lines(chomp: true)
  end

  def test_basic
    expected = ["the light was green and is red", "it was not green", "refused, and still positive", "enough"]
    assert_equal ["visits: 10", *expected], run_sample("basic.rb")
    assert_equal "visits: 20", run_sample("basic.rb").first
  end

  def test_watch
    steps = (1..3).map { |n| "from #{n} to #{n + 1} workers" }
    assert_equal ["starting with 1", *steps, "seen all"], run_sample("watch.rb")
  end

  def test_promise
    lines = run_sample("promise.rb")
    assert_equal "nothing yet", lines.shift
    assert_equal ["it is 5050 already", "told: 5050", "waited: 5050"], lines.sort # it is told on another thread
  end

  def test_delay
    failures = ["paper: the printer is empty"] * 2
    assert_equal ["not built: false", "1 value, 1 run", "1", *failures, "nothing to claim"], run_sample("delay.rb")
  end
end
