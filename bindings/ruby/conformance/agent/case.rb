# frozen_string_literal: true

module Agent
  # Things of one kind by their names.
  class Names
    include Enumerable

    def initialize(what)
      @what = what
      @all = {}
    end

    def find(name) = @all.fetch(name) { raise Fault, "no #{@what} '#{name}'" }
    def take(step) = find(step.text(@what))
    def each(&block) = @all.each_value(&block)
    def clear = @all.clear

    def keep(name, thing)
      raise Fault, "the #{@what} '#{name}' is there already" if @all.key?(name)

      @all[name] = thing
    end

    # The thing of that name; makes it, if there is none.
    def find_or_keep(name) = @all[name] ||= yield

    def release(step)
      name = step.text(@what)
      found = find(name)
      step.ready
      @all.delete(name)
      found.release
    end
  end

  # What the steps of a case call by name, until the case ends.
  class Case
    KINDS = { clients: "client", atoms: "atom", promises: "promise", delays: "delay", leases: "lease", states: "state", swaps: "swap",
              logs: "log", lines: "client", bodies: "delay", futures: "future" }.freeze

    attr_reader(*KINDS.keys)

    def initialize
      KINDS.each { |kind, what| instance_variable_set(:"@#{kind}", Names.new(what)) }
    end

    def client_of(step) = clients.find(client_name(step))
    def lines_of(step) = lines.find(client_name(step))

    # Gives the state, and keeps it under the name of the field `save`, if that was there.
    def give_state(step, save, value)
      return if value.nil?

      step.give_value(value)
      states.keep(save, value) if save
    end

    # Ends it: nothing of it goes on or is called after this.
    def end
      bodies.each(&:end)
      clients.each { |client| client.close(timeout: 60) }
      KINDS.each_key { |kind| public_send(kind).clear }
    end

    private

    def client_name(step) = step.maybe_text("client") || "main"
  end

  CASE = Case.new
end
