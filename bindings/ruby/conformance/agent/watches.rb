# frozen_string_literal: true

module Agent
  # Watches: each writes the changes that it is told of into a log, which a step reads.
  module Watches
    def self.event_of(change)
      event = { "watch" => Step.to_wire(change.watch_key), "version" => change.version, "missed" => change.missed, "flags" => [] }
      event["old"] = Step.to_wire(change.old_value.bytes) if change.old_value?
      event["new"] = Step.to_wire(change.new_value.bytes) if change.new_value?
      %w[rewound deleted recreated uncertain].each { |flag| event["flags"] << flag if change.public_send("#{flag}?") }
      event
    end

    def self.add_watch(step)
      atom = CASE.atoms.take(step)
      key = step.bytes("watch")
      log_name = step.text("log")
      does = step.maybe_text("does") || "record"
      save = step.maybe_text("save")
      timeout = step.timeout
      raise Fault, "no watch does '#{does}'" unless %w[record fail remove].include?(does)

      step.ready
      log = CASE.logs.find_or_keep(log_name) { Log.new }
      since = atom.add_watch(key, timeout: timeout) do |change|
        log.add(event_of(change))
        atom.remove_watch(key) if does == "remove"
        raise "this watch fails" if does == "fail"
      end
      CASE.give_state(step, save, since)
    end

    def self.remove_watch(step)
      atom = CASE.atoms.take(step)
      key = step.bytes("watch")
      step.ready
      atom.remove_watch(key)
    end

    def self.read(step)
      log = CASE.logs.take(step)
      count = step.number("count", 0)
      seconds = step.number("timeout", 0) / 1000.0
      step.ready
      step.give("events", log.read(seconds) { |events| events.size >= count })
    end

    STEPS = { "atom.add_watch" => method(:add_watch), "atom.remove_watch" => method(:remove_watch), "log.read" => method(:read) }.freeze
  end
end
