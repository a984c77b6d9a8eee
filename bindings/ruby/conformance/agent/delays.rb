# frozen_string_literal: true

module Agent
  # Delays and their bodies.
  module Delays
    def self.open(step)
      name = step.text("delay")
      client = CASE.client_of(step)
      key = step.bytes("key")
      body = Body.take(step)
      options = Function.take_options(step)
      step.ready
      CASE.bodies.keep(name, body) if body
      delay = Exoref::Delay.open(client, key, **options, &body&.method(:run))
      step.give("created", delay.created?)
      CASE.delays.keep(name, delay.versioned)
    end

    def self.deref(step)
      delay = CASE.delays.take(step)
      timeout = step.timeout
      Atoms.play(step, -> { delay.deref_async(timeout: timeout) }, -> { delay.deref(timeout: timeout) }) do |value, to, _|
        to.give_value(value)
      end
    end

    def self.realized(step)
      delay = CASE.delays.take(step)
      timeout = step.timeout
      step.ready
      step.give("realized", delay.realized?(timeout: timeout))
    end

    def self.claim(step)
      delay = CASE.delays.take(step)
      name = step.text("lease")
      timeout = step.timeout
      step.ready
      lease = delay.claim(timeout: timeout)
      step.give("leased", !lease.nil?)
      return step.give_value(delay.deref(timeout: 0)) unless lease

      step.give("token", lease.token)
      CASE.leases.keep(name, lease)
    end

    def self.calls(step)
      body = CASE.bodies.take(step)
      step.ready
      step.give("calls", body.calls)
    end

    # Waits until it was called so many times.
    def self.began(step)
      body = CASE.bodies.take(step)
      calls = step.number("calls", 1)
      seconds = step.number("timeout", 0) / 1000.0
      step.ready
      step.give("calls", body.calls(calls, seconds))
    end

    def self.end_body(step)
      body = CASE.bodies.take(step)
      step.ready
      body.end
    end

    # Waits until the lease under which it runs is lost or has ended.
    def self.lost(step)
      lost = CASE.bodies.take(step).lease.lost_async
      timeout = step.timeout(0)
      step.ready
      step.give("lost", lost.get(timeout: timeout))
    end

    STEPS = { "delay.open" => method(:open), "delay.deref" => method(:deref), "delay.realized" => method(:realized),
              "delay.claim" => method(:claim), "delay.release" => ->(step) { CASE.delays.release(step) },
              "body.calls" => method(:calls), "body.began" => method(:began), "body.end" => method(:end_body),
              "body.lost" => method(:lost) }.freeze
  end
end
