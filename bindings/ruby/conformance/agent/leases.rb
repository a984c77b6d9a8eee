# frozen_string_literal: true

module Agent
  # Leases that a case holds itself.
  module Leases
    def self.deliver(step)
      lease = CASE.leases.take(step)
      value = step.bytes("value")
      timeout = step.timeout
      step.ready
      step.give_value(lease.deliver(value, timeout: timeout))
    end

    def self.fail(step)
      lease = CASE.leases.take(step)
      kind = step.text("kind")
      message = step.text("message")
      payload = step.maybe_bytes("payload") || ""
      timeout = step.timeout
      step.ready
      lease.fail(kind, message, payload, timeout: timeout)
    end

    def self.renew(step)
      lease = CASE.leases.take(step)
      timeout = step.timeout
      step.ready
      step.give("left_ms", (lease.renew(timeout: timeout) * 1000).round)
    end

    # Waits until the lease is lost or has ended otherwise.
    def self.lost(step)
      lease = CASE.leases.take(step)
      timeout = step.timeout(0)
      step.ready
      step.give("lost", lease.lost_async.get(timeout: timeout))
    end

    def self.give_back(step)
      lease = CASE.leases.take(step)
      timeout = step.timeout
      step.ready
      lease.give_back(timeout: timeout)
    end

    STEPS = { "lease.deliver" => method(:deliver), "lease.fail" => method(:fail), "lease.renew" => method(:renew),
              "lease.lost" => method(:lost), "lease.give_back" => method(:give_back) }.freeze
  end
end
