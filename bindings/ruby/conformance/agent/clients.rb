# frozen_string_literal: true

module Agent
  # Clients, and what they do to any reference by its key.
  module Clients
    def self.open(step)
      name = step.text("client")
      url = step.text("url")
      options = step.options
      step.ready
      log = CASE.lines.keep(name, Log.new)
      CASE.clients.keep(name, Exoref::Client.open(url, **options, logger: LineLogger.new(log)))
    end

    def self.close(step)
      client = CASE.clients.take(step)
      step.ready
      client.close
    end

    # Waits until a line of the client's log has the text.
    def self.logged(step)
      log = CASE.lines_of(step)
      text = step.text("text")
      seconds = step.number("timeout", 0) / 1000.0
      step.ready
      has = ->(lines) { lines.any? { |line| line.include?(text) } }
      step.give("logged", has.call(log.read(seconds, &has)))
    end

    def self.delete(step)
      client = CASE.client_of(step)
      key = step.bytes("key")
      timeout = step.timeout
      step.ready
      step.give("deleted", client.delete(key, timeout: timeout))
    end

    def self.expire(step)
      client = CASE.client_of(step)
      key = step.bytes("key")
      ttl = step.number("ttl", nil)
      timeout = step.timeout
      step.ready
      client.expire(key, ttl && ttl / 1000r, timeout: timeout)
    end

    def self.realized(step)
      client = CASE.client_of(step)
      key = step.bytes("key")
      type = step.maybe_text("type")
      timeout = step.timeout
      step.ready
      step.give("realized", client.realized?(key, type: type, timeout: timeout))
    end

    def self.inspect_key(step)
      client = CASE.client_of(step)
      key = step.bytes("key")
      timeout = step.timeout
      step.ready
      info = client.info(key, timeout: timeout)
      %w[type codec ttl state attempt failure].each { |name| step.give(name, info.text(name) || "") }
      step.give("version", info.version)
      step.give("value", Step.to_wire(info.value.bytes)) if info.value
      step.give("meta", Step.to_wire(info.meta)) if info.meta
    end

    STEPS = { "client.open" => method(:open), "client.close" => method(:close), "client.logged" => method(:logged),
              "client.delete" => method(:delete), "client.expire" => method(:expire), "client.realized" => method(:realized),
              "client.inspect" => method(:inspect_key) }.freeze
  end
end
