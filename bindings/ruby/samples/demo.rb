# frozen_string_literal: true

# What one process of each language does at once: counts with the others, waits for the word to go on, and asks for an answer that one of
# them computes.
#
#   ruby demo.rb URL NAME COUNT
require "exoref"

url, name, count = ARGV
$stdout.sync = true

Exoref::Client.open(url) do |client|
  languages = Exoref::Atom.create(client, "demo:languages", 0)
  count.to_i.times { languages.swap { |n| n + 1 } }
  puts "counted #{count}"

  go = Exoref::Promise.open(client, "demo:go")
  puts "heard #{go.deref(timeout: 60)}"

  answer = Exoref::Delay.open(client, "demo:answer") { "computed by #{name}" }
  puts "has #{answer.deref(timeout: 60)}"
end
