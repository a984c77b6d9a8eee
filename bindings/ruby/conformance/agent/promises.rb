# frozen_string_literal: true

module Agent
  # Promises.
  module Promises
    def self.open(step)
      name = step.text("promise")
      client = CASE.client_of(step)
      key = step.bytes("key")
      options = Function.take_options(step)
      step.ready
      promise = Exoref::Promise.open(client, key, **options)
      CASE.promises.keep(name, promise.versioned)
      step.give("created", promise.created?)
    end

    def self.deliver(step)
      promise = CASE.promises.take(step)
      value = step.bytes("value")
      timeout = step.timeout
      both = ->(delivered, standing) { [delivered, standing] }
      Atoms.play(step, -> { promise.deliver_async(value, timeout: timeout, &both) },
                 -> { promise.deliver(value, timeout: timeout, &both) }) do |(delivered, standing), to, _|
        to.give("delivered", delivered)
        to.give_value(standing)
      end
    end

    def self.deref(step)
      promise = CASE.promises.take(step)
      timeout = step.timeout
      Atoms.play(step, -> { promise.deref_async(timeout: timeout) }, -> { promise.deref(timeout: timeout) }) do |value, to, _|
        to.give_value(value)
      end
    end

    def self.realized(step)
      promise = CASE.promises.take(step)
      timeout = step.timeout
      step.ready
      step.give("realized", promise.realized?(timeout: timeout))
    end

    STEPS = { "promise.open" => method(:open), "promise.deliver" => method(:deliver), "promise.deref" => method(:deref),
              "promise.realized" => method(:realized), "promise.release" => ->(step) { CASE.promises.release(step) } }.freeze
  end
end
