# frozen_string_literal: true

# The Ruby agent of the conformance suite: plays one step a line upon this binding (docs/conformance.md).
require "json"
require "logger"
require "exoref"
require_relative "agent/step"
require_relative "agent/case"
require_relative "agent/functions"
require_relative "agent/body"
require_relative "agent/log"
require_relative "agent/clients"
require_relative "agent/atoms"
require_relative "agent/changes"
require_relative "agent/watches"
require_relative "agent/promises"
require_relative "agent/delays"
require_relative "agent/leases"
require_relative "agent/futures"

module Agent
  PLAYERS = [Clients, Atoms, Changes, Watches, Promises, Delays, Leases, Futures].map { |players| players::STEPS }.reduce(:merge).merge(
    "hello" => lambda { |step|
      step.ready
      step.give("language", "ruby")
    },
    "case.end" => lambda { |step|
      step.ready
      CASE.end
    }
  ).freeze

  def self.error_of(error)
    said = { "status" => "EXOREF_#{error.status}", "message" => error.message }
    said.update("kind" => error.kind, "payload" => Step.to_wire(error.payload)) if error.status == :EBODY
    said
  end

  def self.answer(line)
    step = Step.new(JSON.parse(line))
    op = step.text("op")
    player = PLAYERS[op] or raise Fault, "unknown step '#{op}'"
    player.call(step)
    { "ok" => step.results }
  rescue Failed => failed
    { "error" => { "status" => failed.status, "message" => failed.message } }
  rescue Exoref::Error => error
    { "error" => error_of(error) }
  rescue StandardError => error
    { "fault" => "#{error.message} (#{error.class}) #{error.backtrace.first}" }
  end

  def self.run
    $stdout.sync = true
    $stdin.each_line { |line| puts JSON.generate(answer(line)) }
    CASE.end
  end
end

Agent.run if $PROGRAM_NAME == __FILE__
