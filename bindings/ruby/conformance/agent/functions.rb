# frozen_string_literal: true

module Agent
  # What a function or validator of a case raises: it comes out of the call as it is, and stands for this status.
  class Failed < StandardError
    attr_reader :status

    def initialize(status, message)
      super(message)
      @status = status
    end
  end

  # The functions that cases name: for swaps and metadata, and for validators.
  class Function
    KNOWN = %w[inc append set keep fail decline accept refuse refuse_value at_most].freeze

    attr_reader :calls

    # The function of a step; none if the field is absent.
    def self.take(step, field, of_meta: false)
      does = step.maybe_text(field) or return
      raise Fault, "no function '#{does}'" unless KNOWN.include?(does)

      new(does, step.maybe_bytes("argument") || "", step.maybe_text("message") || "", meanwhile(step, of_meta))
    end

    # The options of a step that opens a reference, its validator among them.
    def self.take_options(step)
      validator = take(step, "validator")
      { **step.options, timeout: step.timeout, validator: validator&.method(:accepts?) }
    end

    # What another does while the function runs for the first time.
    def self.meanwhile(step, of_meta)
      name = step.maybe_text("meanwhile_atom") or return
      other = CASE.atoms.find(name)
      value = step.bytes("meanwhile_value")
      of_meta ? -> { other.reset_meta(value) } : -> { other.reset(value) }
    end
    private_class_method :meanwhile

    def initialize(does, argument, message, meanwhile)
      @does = does
      @argument = argument
      @message = message
      @meanwhile = meanwhile
      @calls = 0
    end

    # Of the bytes that were to those that are to be.
    def change(old)
      @calls += 1
      @meanwhile&.call if @calls == 1
      case @does
      when "inc" then (Integer(old, 10) + 1).to_s
      when "append" then old.b + @argument
      when "keep" then old
      when "set" then @argument
      when "decline" then Exoref::DECLINE
      else raise Failed.new("EXOREF_EFUNCTION", @message)
      end
    end

    def accepts?(proposed)
      case @does
      when "accept" then true
      when "refuse_value" then proposed.b != @argument
      when "at_most" then proposed.bytesize <= Integer(@argument)
      when "fail" then raise Failed.new("EXOREF_EVALIDATION", @message)
      else false
      end
    end
  end
end
