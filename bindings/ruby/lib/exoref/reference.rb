# frozen_string_literal: true

module Exoref
  # What {Atom}, {Promise} and {Delay} have in common. A reference is a handle: any number of them may be of the same key.
  class Reference
    # The handle of C, which a versioned handle shares; none once it was released.
    # @api private
    Held = Struct.new(:low)
    private_constant :Held

    # @return [Client]
    attr_reader :client
    # @return [Object] how values become bytes
    attr_reader :codec

    private_class_method :new

    # @api private
    def initialize(client, low, codec, validator, created: false)
      @client = client
      @hub = client.hub
      @held = Held.new(low)
      @codec = codec
      @validator = validator
      @created = created
      @versioned = false
    end

    # Whether opening created it.
    def created? = @created

    # Another handle of the same, which gives a {Value} - with version, codec label and the identity of the state - wherever this one gives
    # a plain object, to blocks too.
    # @return [self.class]
    def versioned = clone.tap { |copy| copy.give_values(self) }

    # @api private
    def versioned? = @versioned

    # @return [String] as given at opening, without the client's prefix
    def key = raise(NotImplementedError)

    # Lets go of the handle now instead of when it is collected.
    # @return [void]
    def release
      low = @held.low
      @held.low = nil
      Low.let_go(low) if low
      nil
    end

    # @return [String]
    def inspect = "#<#{self.class} #{@held.low ? key.inspect : 'released'}>"

    # @api private
    def low
      @held.low or raise ClosedError.new("this handle was released", status: :ECLOSED)
    end

    # What failed, as messages say it.
    # @api private
    def attempted(verb) = "could not #{verb} #{self.class.name[/\w+\z/].downcase} #{Error.quoted(key)} on #{@client.server}"

    # The bytes of an object that is to be proposed, which the validator has judged.
    # @api private
    def proposed(object, verb = "change")
      bytes = @codec.encode(object)
      judge(object, verb)
      bytes
    end

    # The new value of a future.
    # @api private
    def read(future)
      return Value.new(Low.future_value(future), @codec) if @versioned

      @codec.decode(Low.future_bytes(future))
    end

    # The value before it.
    # @api private
    def read_old(future)
      return Value.new(Low.future_old_value(future), @codec) if @versioned

      @codec.decode(Low.future_old_bytes(future))
    end

    protected

    def give_values(origin)
      @versioned = true
      @origin = origin # a delay offers its body for as long as the handle that has it is held
    end

    private

    def finish(future) = @hub.finish(future)

    # A future keeps the reference, and so the client, by what reads it.
    def later(read = method(:nothing), **options, &begin_it) = Future.of(@hub, read: read, **options, &begin_it)
    def nothing(_future) = nil
    def flag(future) = Low.future_flag(future)

    # For a future that has a handle: lets go of it at once, however this ends.
    def finish_handle(future)
      yield finish(future)
    ensure
      Low.let_go(future)
    end

    def judge(object, verb)
      return if @validator.nil? || @validator.call(object)

      raise ValidationError.new("#{attempted(verb)}: the validator refused the value", status: :EVALIDATION, key: key)
    end

    class << self
      private

      # Waits for the future of an opening; it has a handle of its own, which must not outlive the one that is made of it.
      def finish_opening(client, future)
        yield client.hub.finish(future)
      ensure
        Low.let_go(future)
      end

      # The codec, the validator and the options of C.
      def opening(client, codec, validator, options)
        raise ArgumentError, "the first argument is a Client: #{client.inspect}" unless client.is_a?(Client)

        codec = codec.nil? ? client.codec : Codec.of(codec)
        options = { **options, codec: codec.label } unless codec.label.empty?
        [codec, validator, Options.low(options)]
      end
    end
  end
end
