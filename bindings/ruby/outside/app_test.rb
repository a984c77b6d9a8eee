# frozen_string_literal: true

# A program of a user of the gem, which is copied out of the tree and run there.
require "minitest/autorun"
require "tmpdir"
require "exoref"

class AppTest < Minitest::Test
  FOLDER = Dir.mktmpdir("exoref-app.")
  URL = "local:#{FOLDER}/data"
  Minitest.after_run do
    Exoref::Local.stop("#{FOLDER}/data")
    FileUtils.rm_rf(FOLDER)
  end

  def test_it_is_the_installed_gem
    assert_includes $LOADED_FEATURES.grep(%r{/exoref\.rb\z}).first, "/gems/exoref-#{Exoref::VERSION}/"
  end

  def test_processes_count_together
    children = Array.new(2) do
      fork { Exoref::Client.open(URL) { |client| 10.times { Exoref::Atom.create(client, "n", 0).swap { |n| n + 1 } } } }
    end
    children.each { |pid| assert_predicate Process.wait2(pid).last, :success? }
    Exoref::Client.open(URL) { |client| assert_equal 20, Exoref::Atom.open(client, "n").deref }
  end

  def test_a_promise_and_a_delay
    Exoref::Client.open(URL) do |client|
      Exoref::Promise.open(client, "p").deliver({ "done" => true })
      assert_equal({ "done" => true }, Exoref::Promise.open(client, "p").deref(timeout: 5))
      assert_equal "made", Exoref::Delay.open(client, "d") { "made" }.deref
    end
  end

  def test_the_signatures_come_along
    assert_path_exists File.join(Gem.loaded_specs.fetch("exoref").full_gem_path, "sig/exoref.rbs")
  end
end
