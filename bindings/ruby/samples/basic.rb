# frozen_string_literal: true

# An atom: one value that any number of processes read and change. Run it twice at once: no step is lost.
#
#   ruby basic.rb [URL]          (without one: EXOREF_URL, REDIS_URL, or redis://127.0.0.1:6379)
require "exoref"

Exoref::Client.open(ARGV[0]) do |client|
  # Opens the atom, and creates it with 0 if nobody has yet.
  visits = Exoref::Atom.create(client, "sample:visits", 0)

  # The block may be called again, if another process was faster: it must do nothing but compute.
  10.times { visits.swap { |n| n + 1 } }
  puts "visits: #{visits.deref}"

  # Any value of JSON.
  light = Exoref::Atom.create(client, "sample:light", { "color" => "green" })
  old, new = light.reset_vals({ "color" => "red", "since" => [12, 30] })
  puts "the light was #{old['color']} and is #{new['color']}"

  # A step that is allowed from one value only. Not to match is no error.
  changed = light.compare_and_set({ "color" => "green" }, { "color" => "yellow" })
  puts changed ? "yellow" : "it was not green"

  # What is proposed through this handle is judged before anything is sent.
  visits.set_validator { |n| n >= 0 }
  begin
    visits.reset(-1)
  rescue Exoref::ValidationError
    puts "refused, and still #{visits.deref.positive? ? 'positive' : 'negative'}"
  end

  # Leaving the block leaves the value as it is.
  puts(visits.swap { |n| break "enough" if n.positive? })
end
