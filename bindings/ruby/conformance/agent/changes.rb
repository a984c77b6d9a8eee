# frozen_string_literal: true

module Agent
  # Changes that depend on the value before: compare-and-set, swap, and swap in its pull form.
  module Changes
    def self.compare_and_set(step)
      atom = CASE.atoms.take(step)
      expected = step.bytes("expected")
      value = step.bytes("value")
      timeout = step.timeout
      both = ->(swapped, standing) { [swapped, standing] }
      Atoms.play(step, -> { atom.compare_and_set_async(expected, value, timeout: timeout, &both) },
                 -> { atom.compare_and_set(expected, value, timeout: timeout, &both) }) do |(swapped, standing), to, save|
        to.give("swapped", swapped)
        CASE.give_state(to, save, standing)
      end
    end

    def self.compare_and_set_at(step)
      atom = CASE.atoms.take(step)
      state = CASE.states.take(step)
      value = step.bytes("value")
      timeout = step.timeout
      save = step.maybe_text("save")
      step.ready
      atom.compare_and_set_at(state, value, timeout: timeout) do |swapped, standing|
        step.give("swapped", swapped)
        CASE.give_state(step, save, standing)
      end
    end

    def self.same(step)
      state = CASE.states.take(step)
      other = CASE.states.find(step.text("other"))
      step.ready
      step.give("same", state.same_state?(other))
    end

    def self.swap(step)
      atom = CASE.atoms.take(step)
      timeout = step.timeout
      function = Function.take(step, "function")
      changing = ->(old) { function.change(old.bytes) }
      Atoms.play(step, -> { atom.swap_vals_async(timeout: timeout, &changing) },
                 -> { [nil, atom.swap(timeout: timeout, &changing)] }) do |(old, value), to, save|
        to.give_old(old) if old
        CASE.give_state(to, save, value)
        to.give("calls", function.calls)
      end
    end

    def self.swap_vals(step)
      atom = CASE.atoms.take(step)
      timeout = step.timeout
      save = step.maybe_text("save")
      function = Function.take(step, "function")
      step.ready
      old, value = atom.swap_vals(timeout: timeout) { |before| function.change(before.bytes) }
      step.give_old(old)
      CASE.give_state(step, save, value)
      step.give("calls", function.calls)
    end

    def self.swap_begin(step)
      name = step.text("swap")
      save = step.maybe_text("save")
      atom = CASE.atoms.take(step)
      timeout = step.timeout
      step.ready
      swap = CASE.swaps.keep(name, atom.swap_begin(timeout: timeout))
      CASE.give_state(step, save, swap.value)
    end

    def self.swap_offer(step)
      swap = CASE.swaps.take(step)
      value = step.bytes("value")
      give_answer(step, swap) { |timeout| swap.offer(value, timeout: timeout) }
    end

    def self.swap_confirm(step)
      swap = CASE.swaps.take(step)
      give_answer(step, swap) { |timeout| swap.confirm(timeout: timeout) }
    end

    def self.give_answer(step, swap)
      timeout = step.timeout
      save = step.maybe_text("save")
      step.ready
      step.give("done", yield(timeout))
      CASE.give_state(step, save, swap.value)
    end

    STEPS = { "atom.compare_and_set" => method(:compare_and_set), "atom.compare_and_set_at" => method(:compare_and_set_at),
              "state.same" => method(:same), "atom.swap" => method(:swap), "atom.swap_vals" => method(:swap_vals),
              "swap.begin" => method(:swap_begin), "swap.offer" => method(:swap_offer), "swap.confirm" => method(:swap_confirm) }.freeze
  end
end
