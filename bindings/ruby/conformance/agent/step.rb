# frozen_string_literal: true

module Agent
  # The step can't be played: a mistake of the case or of this agent, not a result.
  class Fault < StandardError; end

  # One step of a case: its fields, and what it gives. Who plays it takes the fields, then calls ready, which refuses what nobody took, and
  # only then does something.
  class Step
    attr_reader :results

    # Bytes are percent-encoded on the wire.
    def self.to_wire(bytes)
      bytes.b.gsub(/[^ -~]|%/n) { |byte| format("%%%02x", byte.ord) }
    end

    def self.from_wire(text)
      raise Fault, "not percent-encoded: #{text}" if text.match?(/%(?!\h\h)/)

      text.b.gsub(/%\h\h/n) { |code| code[1..].hex.chr }
    end

    def initialize(fields)
      @fields = fields
      @taken = []
      @results = {}
    end

    def maybe_text(name)
      field = take(name)
      raise Fault, "#{name} is no text" unless field.nil? || field.is_a?(String)

      field
    end

    def text(name) = maybe_text(name) || raise(Fault, "field '#{name}' is missing")
    def maybe_bytes(name) = maybe_text(name)&.then { |text| Step.from_wire(text) }
    def bytes(name) = Step.from_wire(text(name))

    def number(name, otherwise)
      field = take(name)
      return otherwise if field.nil?
      raise Fault, "#{name} is no number" unless field.is_a?(Integer)

      field
    end

    # Seconds, as Ruby has it.
    def timeout(otherwise = Exoref::DEFAULT)
      ms = number("timeout", nil)
      return otherwise if ms.nil?

      ms == -1 ? nil : ms / 1000r
    end

    # The options as keywords; a codec label becomes a codec that leaves bytes as they are.
    def options
      given = (take("options") || {}).transform_keys(&:to_sym)
      label = given.delete(:codec)
      { codec: label ? Exoref::Codec::Bytes.new(label: label) : :bytes, **given }
    end

    def ready
      left = @fields.keys - @taken
      raise Fault, "unknown field '#{left.first}'" unless left.empty?
    end

    def give(name, what) = @results[name] = what

    # A state: its value, version and codec.
    def give_value(value)
      give("value", Step.to_wire(value.bytes))
      give("version", value.version)
      give("codec", value.codec)
    end

    def give_old(value)
      give("old", Step.to_wire(value.bytes))
      give("old_version", value.version)
    end

    private

    def take(name)
      @taken << name
      @fields[name]
    end
  end
end
