# frozen_string_literal: true

require_relative "helper"

class ReadmeTest < ExorefTest
  README = File.read(File.expand_path("../README.md", __dir__))

  def test_the_first_example_runs_and_does_what_it_says
    source = README[/^```ruby\n(.*?)^```/m, 1]
    Dir.mktmpdir do |folder|
      out, status = Timeout.timeout(10) { Open3.capture2e(*ruby_command("-e", source), chdir: folder) }
      assert_predicate status, :success?, out
      told, rest = out.lines(chomp: true).partition { |line| line.include?("->") }
      assert_equal ["3", "built once, by whoever was asked first"], rest
      assert_equal ["0 -> 1", "1 -> 2", "2 -> 3"].first(told.size), told # on another thread, until the client is closed
    ensure
      Exoref::Local.stop(File.join(folder, "exoref-data"))
    end
  end

  def test_the_operations_that_it_names_are_there
    rows = README[/^## Operations\n(.*?)^## /m, 1].lines.grep(/^\|/).drop(2)
    named = nil
    rows.each do |row|
      what, operations = row.split(" | ").map(&:strip)
      named = what[/\*\*(.*)\*\*/, 1] || named
      operations.scan(/`(?:([A-Z]\w+)\.)?(\w+[?]?)(?:\([^`]*\))?(?: \{[^`]*\})?`/) { |type, name| check(named, type, name) }
    end
  end

  def check(named, type, name)
    return if name == name.capitalize # a class
    return assert_respond_to(Exoref.const_get(type), name) if type

    owners = { "all references" => "Reference", "Exoref" => nil }.fetch(named, named)
    candidates = [*owners, "Swap", "Scan"].map { |one| Exoref.const_get(one) }
    found = candidates.any? { |klass| klass.method_defined?(name) } || Exoref.respond_to?(name) || Exoref::Local.respond_to?(name)
    assert found, "#{named} has no #{name}"
  end
end
