# frozen_string_literal: true

# A delay: a value that is computed when somebody first asks for it, by one process of all that could.
#
#   ruby delay.rb [URL]
require "exoref"

Exoref::Client.open(ARGV[0]) do |client|
  %w[sample:report sample:broken].each { |key| client.delete(key) } # for running this again

  # Who opens it with a block offers to compute; the block runs where it is needed first, and nowhere else.
  runs = 0
  report = Exoref::Delay.open(client, "sample:report", ttl: 3600) do |lease|
    runs += 1
    # A long body looks now and then whether lease.lost?: its result would be refused then.
    { "built by run" => lease.token }
  end
  puts "not built: #{report.realized?}"

  # Many ask at once: it is built once.
  values = Array.new(5) { Thread.new { report.deref } }.map(&:value)
  puts "#{values.uniq.size} value, #{runs} run"

  # Who has no block asks others.
  Exoref::Client.open(ARGV[0]) do |elsewhere|
    puts Exoref::Delay.open(elsewhere, "sample:report").deref["built by run"]
  end

  # A failure is a result, too: everybody gets the same.
  broken = Exoref::Delay.open(client, "sample:broken") { raise Exoref::BodyFailure.new("paper", "the printer is empty") }
  2.times do
    broken.deref
  rescue Exoref::BodyError => error
    puts "#{error.kind}: #{error.message}"
  end

  # The pull form: the lease, for who computes in a way of his own; nil if there is nothing to compute.
  puts report.claim.nil? ? "nothing to claim" : "mine"
end
