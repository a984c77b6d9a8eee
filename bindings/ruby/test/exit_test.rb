# frozen_string_literal: true

require_relative "helper"

# Programs that end without closing anything end at once, in peace.
class ExitTest < ExorefTest
  PROGRAM = <<~RUBY
    require "exoref"
    own = ->(&work) { Thread.new { (Thread.current.report_on_exception = false) || work.call } }
    client = Exoref::Client.open(ARGV[0], prefix: "exit:")
    atom = Exoref::Atom.create(client, "k", 0)
    promise = Exoref::Promise.open(client, "p")
    atom.add_watch("w") { |change| change.new_value }
    delay = Exoref::Delay.open(client, "d") { sleep }
    other = Exoref::Client.open(ARGV[0], prefix: "exit:")
    asked = Exoref::Delay.open(other, "d").deref_async
    waiting = own.call { promise.deref(timeout: nil) }
    futures = Array.new(10) { promise.deref_async.on_done { |done| done } }
    stream = own.call { loop { atom.swap { |n| n + 1 } } }
    Thread.pass until atom.deref > 20 && waiting.status == "sleep"
  RUBY

  { "at the end of the program" => "puts :end", "by exit" => "puts :end; exit", "by exit!" => "puts :end; $stdout.flush; exit!(true)",
    "from a thread" => "puts :end; Thread.new { exit }.join; sleep" }.each do |how, words|
    define_method("test_#{how.tr(' !', '__')}") do
      out, status = Timeout.timeout(10) { run_ruby(PROGRAM + words) }
      assert_equal ["end\n", true], [out, status.success?]
    end
  end

  def test_by_an_exception
    out, status = Timeout.timeout(10) { run_ruby("#{PROGRAM}raise 'the end'") }
    refute_predicate status, :success?
    assert_match(/the end \(RuntimeError\)/, out)
    refute_match(/exoref-|\[BUG\]/, out)
  end

  def test_in_at_exit_references_still_work
    out, status = Timeout.timeout(10) { run_ruby("#{PROGRAM}at_exit { puts atom.deref.positive?, client.close(timeout: 0).inspect }") }
    assert_equal ["true\nnil\n", true], [out, status.success?]
  end

  def test_a_thread_that_closes_its_client_while_the_program_ends
    block = "Thread.new { Exoref::Client.open(ARGV[0]) { |mine| mine.ping; $up = true; sleep } }; Thread.pass until defined?($up) && $up"
    out, status = Timeout.timeout(10) { run_ruby("#{PROGRAM}#{block}; puts :end") }
    assert_equal ["end\n", true], [out, status.success?]
  end

  def test_a_body_that_runs_when_the_program_ends_has_not_failed
    source = <<~RUBY
      require "exoref"
      $stdout.sync = true
      client = Exoref::Client.open(ARGV[0], prefix: ARGV[1])
      kept = Exoref::Delay.open(client, "d", lease: 1) { puts "running"; sleep }
      Thread.new do
        sleep
      ensure
        sleep 0.2 # a slow end: time enough for what should not be published
      end
      $stdin.gets
      kept.key
    RUBY
    asked = Exoref::Delay.open(client, "d").deref_async
    IO.popen([*ruby_command("-e", source, TestServer.url, "#{self.class}.#{name}:")], "r+") do |program|
      assert_equal "running\n", Timeout.timeout(10) { program.gets }
      program.puts
      Timeout.timeout(10) { program.read }
    end
    assert_predicate $?, :success?
    kept = Exoref::Delay.open(client, "d") { "there" }
    assert_equal "there", asked.get(timeout: 15)
    assert kept
  end
end
