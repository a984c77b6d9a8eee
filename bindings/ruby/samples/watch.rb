# frozen_string_literal: true

# A watch: is told of each change of an atom, whichever process makes it.
#
#   ruby watch.rb [URL]
require "exoref"

Exoref::Client.open(ARGV[0]) do |client|
  config = Exoref::Atom.create(client, "sample:config", { "workers" => 1 })
  config.reset({ "workers" => 1 })
  done = Thread::Queue.new

  # Gives the state from which on changes are told. The block runs on a thread of the client, for one change after the other.
  start = config.add_watch(:resize) do |change|
    puts "from #{change.old_value['workers']} to #{change.new_value['workers']} workers"
    done << true if change.new_value["workers"] == 4
  end
  puts "starting with #{start['workers']}"

  # Another connection, as another process would have it.
  Exoref::Client.open(ARGV[0]) do |elsewhere|
    remote = Exoref::Atom.open(elsewhere, "sample:config")
    3.times { remote.swap { |c| { **c, "workers" => c["workers"] + 1 } } }
  end

  done.pop
  config.remove_watch(:resize) # after this the block is not called again
  puts "seen all"
end
