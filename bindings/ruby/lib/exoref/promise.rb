# frozen_string_literal: true

module Exoref
  # A value that comes once, from whoever delivers it first, and is waited for anywhere: Clojure's promise. A handle stays with the promise
  # that it was opened on: if that is deleted and another is made under the key, who wants that one opens it anew.
  class Promise < Reference
    class << self
      # Opens the promise, and creates it, undelivered, if it does not exist ({Reference#created?}).
      # @param client [Client]
      # @param key [String]
      # @param codec [Symbol, Object, nil] the client's if left out
      # @param validator [#call, nil] judges what this handle delivers: true accepts
      # @param options of a reference: {Exoref.options}
      # @return [Promise]
      # @raise [TypeError, CodecError]
      def open(client, key, codec: nil, validator: nil, timeout: DEFAULT, **options)
        codec, validator, options = opening(client, codec, validator, options)
        future = Low.promise_open_async(client.hub.low, key, options, Times.ms(timeout))
        finish_opening(client, future) { |low| opened(client, low, codec, validator) }
      end

      # @return [Future<Promise>]
      def open_async(client, key, codec: nil, validator: nil, timeout: DEFAULT, **options)
        codec, validator, options = opening(client, codec, validator, options)
        Future.of(client.hub, kind: HandleFuture, read: ->(low) { opened(client, low, codec, validator) }) do
          Low.promise_open_async(client.hub.low, key, options, Times.ms(timeout))
        end
      end

      private

      def opened(client, low, codec, validator)
        new(client, Low.future_promise(low), codec, validator, created: Low.future_flag(low))
      end
    end

    # (see Reference#key)
    def key = Low.promise_key(low)

    # The value; waits for it. Answered from memory once this process has read it.
    # @param timeout [Numeric, nil] seconds; nil: for ever; 0: from memory alone
    # @raise [TimeoutError] it was not delivered in the time; the promise is as before
    # @raise [DeletedError]
    def deref(timeout: DEFAULT)
      return deref_versioned(timeout) if @versioned

      known = Low.promise_known(@held.low)
      return @codec.decode(known) if known

      read(finish(Low.promise_deref_async(low, Times.ms(timeout))))
    end

    # @return [Future]
    def deref_async(timeout: nil) = later(method(:read)) { Low.promise_deref_async(low, Times.ms(timeout)) }

    # Delivers the value, unless one was delivered before: then nothing is changed, and that is no error.
    #
    #   result.deliver(42)                                     # => true or false
    #   result.deliver(42) { |delivered, standing| ... }       # => what the block gives
    #
    # @yieldparam delivered [Boolean]
    # @yieldparam standing [Object] the value that stands: this one, or the earlier one
    # @return [Boolean, Object] whether this call delivered it; with a block, what that gives
    # @raise [DeletedError, ValidationError]
    def deliver(value, timeout: DEFAULT, &block) = delivered(finish(begin_delivery(value, timeout)), &block)
    # @return [Future<Boolean>] with a block, of what that gives
    def deliver_async(value, timeout: DEFAULT, &block)
      later(->(future) { delivered(future, &block) }) { begin_delivery(value, timeout) }
    end

    # Whether it was delivered, by anybody. Does not wait for that.
    def realized?(timeout: DEFAULT) = flag(finish(Low.promise_realized_async(low, Times.ms(timeout))))
    # @return [Future<Boolean>]
    def realized_async(timeout: DEFAULT) = later(method(:flag)) { Low.promise_realized_async(low, Times.ms(timeout)) }

    private

    def deref_versioned(timeout)
      known = Low.promise_known_value(@held.low)
      return Value.new(known, @codec) if known

      read(finish(Low.promise_deref_async(low, Times.ms(timeout))))
    end

    def begin_delivery(value, timeout) = Low.promise_deliver_async(low, proposed(value, "deliver"), Times.ms(timeout))

    def delivered(future)
      delivered = Low.future_flag(future)
      block_given? ? yield(delivered, read(future)) : delivered
    end
  end
end
