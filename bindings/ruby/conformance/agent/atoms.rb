# frozen_string_literal: true

module Agent
  # Atoms: opening, reading, setting, validators, metadata.
  module Atoms
    def self.create(step)
      name = step.text("atom")
      client = CASE.client_of(step)
      key = step.bytes("key")
      initial = step.bytes("value")
      options = Function.take_options(step)
      step.ready
      atom = Exoref::Atom.create(client, key, initial, **options)
      step.give("created", atom.created?)
      CASE.atoms.keep(name, atom.versioned)
    end

    def self.open(step)
      name = step.text("atom")
      client = CASE.client_of(step)
      key = step.bytes("key")
      options = Function.take_options(step)
      step.ready
      CASE.atoms.keep(name, Exoref::Atom.open(client, key, **options).versioned)
    end

    def self.deref(step)
      atom = CASE.atoms.take(step)
      timeout = step.timeout
      play(step, -> { atom.deref_async(timeout: timeout) }, -> { atom.deref(timeout: timeout) }) do |value, to, save|
        CASE.give_state(to, save, value)
      end
    end

    def self.reset(step)
      atom = CASE.atoms.take(step)
      value = step.bytes("value")
      timeout = step.timeout
      play(step, -> { atom.reset_async(value, timeout: timeout) }, -> { atom.reset(value, timeout: timeout) }) do |set, to, save|
        CASE.give_state(to, save, set)
      end
    end

    def self.reset_vals(step)
      atom = CASE.atoms.take(step)
      value = step.bytes("value")
      timeout = step.timeout
      play(step, -> { atom.reset_vals_async(value, timeout: timeout) },
           -> { atom.reset_vals(value, timeout: timeout) }) do |(old, set), to, save|
        to.give_old(old)
        CASE.give_state(to, save, set)
      end
    end

    # Plays the asynchronous form if the step has a field `future`, else the other; what it comes to is given by the block.
    def self.play(step, asynchronous, blocking, &give)
      name = step.maybe_text("future")
      save = step.maybe_text("save")
      step.ready
      return give.call(blocking.call, step, save) unless name

      CASE.futures.keep(name, [asynchronous.call, ->(result, to) { give.call(result, to, nil) }])
    end

    def self.set_validator(step)
      atom = CASE.atoms.take(step)
      timeout = step.timeout
      validator = Function.take(step, "validator")
      step.ready
      atom.set_validator(validator&.method(:accepts?), timeout: timeout)
    end

    def self.meta(step)
      atom = CASE.atoms.take(step)
      timeout = step.timeout
      step.ready
      step.give("value", Step.to_wire(atom.meta(timeout: timeout)))
    end

    def self.reset_meta(step)
      atom = CASE.atoms.take(step)
      value = step.bytes("value")
      timeout = step.timeout
      step.ready
      atom.reset_meta(value, timeout: timeout)
    end

    def self.alter_meta(step)
      atom = CASE.atoms.take(step)
      timeout = step.timeout
      function = Function.take(step, "function", of_meta: true)
      step.ready
      step.give("value", Step.to_wire(atom.alter_meta(timeout: timeout) { |old| function.change(old) }))
      step.give("calls", function.calls)
    end

    STEPS = { "atom.create" => method(:create), "atom.open" => method(:open), "atom.deref" => method(:deref),
              "atom.reset" => method(:reset), "atom.reset_vals" => method(:reset_vals), "atom.set_validator" => method(:set_validator),
              "atom.meta" => method(:meta), "atom.reset_meta" => method(:reset_meta), "atom.alter_meta" => method(:alter_meta),
              "atom.release" => ->(step) { CASE.atoms.release(step) } }.freeze
  end
end
