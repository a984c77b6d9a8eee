# frozen_string_literal: true

module Exoref
  # One value under a key that any number of processes read and change: Clojure's atom.
  #
  # Each operation has a form that gives a {Future}, `..._async`. Values are plain objects, encoded by the {Codec}; of a {#versioned}
  # handle, {Value}s.
  class Atom < Reference
    class << self
      # Opens the atom, which must exist, unless the option `absent` says otherwise.
      # @param client [Client]
      # @param key [String]
      # @param codec [Symbol, Object, nil] the client's if left out
      # @param validator [#call, nil] judges what is proposed through this handle: true accepts
      # @param options of a reference: {Exoref.options}
      # @return [Atom]
      # @raise [NotFoundError, TypeError, CodecError]
      def open(client, key, codec: nil, validator: nil, timeout: DEFAULT, **options)
        codec, validator, options = opening(client, codec, validator, options)
        future = Low.atom_open_async(client.hub.low, key, options, Times.ms(timeout))
        finish_opening(client, future) { |low| opened(client, low, codec, validator) }
      end

      # @return [Future<Atom>]
      def open_async(client, key, codec: nil, validator: nil, timeout: DEFAULT, **options)
        codec, validator, options = opening(client, codec, validator, options)
        Future.of(client.hub, kind: HandleFuture, read: ->(low) { opened(client, low, codec, validator) }) do
          Low.atom_open_async(client.hub.low, key, options, Times.ms(timeout))
        end
      end

      # Opens the atom, and creates it with the initial value if it does not exist ({Reference#created?}). One that exists is not changed.
      # @return [Atom]
      # @raise [TypeError, CodecError, ValidationError]
      def create(client, key, initial, codec: nil, validator: nil, timeout: DEFAULT, **options)
        codec, validator, options = opening(client, codec, validator, options)
        bytes = initial_bytes(key, initial, codec, validator)
        future = Low.atom_create_async(client.hub.low, key, bytes, options, Times.ms(timeout))
        finish_opening(client, future) { |low| opened(client, low, codec, validator) }
      end

      # @return [Future<Atom>]
      def create_async(client, key, initial, codec: nil, validator: nil, timeout: DEFAULT, **options)
        codec, validator, options = opening(client, codec, validator, options)
        Future.of(client.hub, kind: HandleFuture, read: ->(low) { opened(client, low, codec, validator) }) do
          bytes = initial_bytes(key, initial, codec, validator)
          Low.atom_create_async(client.hub.low, key, bytes, options, Times.ms(timeout))
        end
      end

      private

      def opened(client, low, codec, validator)
        new(client, Low.future_atom(low), codec, validator, created: Low.future_flag(low))
      end

      def initial_bytes(key, initial, codec, validator)
        bytes = codec.encode(initial)
        return bytes if validator.nil? || validator.call(initial)

        raise ValidationError.new("could not create atom #{Error.quoted(key)}: the validator refused the initial value",
                                  status: :EVALIDATION, key: key)
      end
    end

    # (see Reference#key)
    def key = Low.atom_key(low)

    # The value, asked from the server: one round trip.
    # @raise [NotFoundError] it was deleted or has expired
    def deref(timeout: DEFAULT) = read(finish(Low.atom_deref_async(low, Times.ms(timeout))))
    # @return [Future]
    def deref_async(timeout: DEFAULT) = later(method(:read)) { Low.atom_deref_async(low, Times.ms(timeout)) }

    # Sets the value, whatever it was.
    # @return [Object] the new value
    # @raise [ValidationError, NotFoundError]
    def reset(value, timeout: DEFAULT) = read(finish(begin_reset(value, false, timeout)))
    # @return [Future]
    def reset_async(value, timeout: DEFAULT) = later(method(:read)) { begin_reset(value, false, timeout) }

    # The same, and gives the exact value before it.
    # @return [Array(Object, Object)] the old and the new value
    def reset_vals(value, timeout: DEFAULT) = both(finish(begin_reset(value, true, timeout)))
    # @return [Future<Array(Object, Object)>]
    def reset_vals_async(value, timeout: DEFAULT) = later(method(:both)) { begin_reset(value, true, timeout) }

    # Sets the value to `value` if it is `expected` at the instant it takes effect: if both are the same bytes.
    #
    #   order.compare_and_set("new", "paid")                                            # => true or false
    #   order.compare_and_set("new", "paid") { |swapped, standing| ... }                # => what the block gives
    #
    # @yieldparam swapped [Boolean]
    # @yieldparam standing [Object] what stands then: the new value, or the one that did not match
    # @return [Boolean, Object] whether it was set; with a block, what that gives
    # @raise [ValidationError] `value` is judged first, also where it would not have matched
    def compare_and_set(expected, value, timeout: DEFAULT, &block)
      compared(finish(begin_compare(expected, value, timeout)), &block)
    end

    # @return [Future<Boolean>] with a block, of what that gives
    def compare_and_set_async(expected, value, timeout: DEFAULT, &block)
      later(->(future) { compared(future, &block) }) { begin_compare(expected, value, timeout) }
    end

    # Sets the value if the atom is still at the very state that `state` came from: free of ABA.
    # @param state [Value] of this atom, from a {#versioned} handle
    # @return [Boolean, Object] as for {#compare_and_set}
    def compare_and_set_at(state, value, timeout: DEFAULT, &block)
      compared(finish(begin_compare_at(state, value, timeout)), &block)
    end

    # @return [Future<Boolean>]
    def compare_and_set_at_async(state, value, timeout: DEFAULT, &block)
      later(->(future) { compared(future, &block) }) { begin_compare_at(state, value, timeout) }
    end

    # Changes the value by the block, which gets the old value and gives the new one, or {DECLINE} to change nothing. It is called again
    # whenever somebody else was faster, so it must do nothing but compute. What it raises comes out of here, and so does `break` or
    # `throw`: nothing is changed then.
    # @yieldparam old [Object]
    # @return [Object] the new value
    # @raise [ValidationError, NotFoundError]
    def swap(timeout: DEFAULT, &function) = read(run_here(swapping(timeout, function)).first)

    # The same, and gives the exact value before it.
    # @return [Array(Object, Object)] the old and the new value
    def swap_vals(timeout: DEFAULT, &function) = swapped(*run_here(swapping(timeout, function)))

    # The block is called on a thread of the client.
    # @return [Future]
    def swap_async(timeout: DEFAULT, &function) = run_on_lane(swapping(timeout, function)) { |future| read(future) }
    # @return [Future<Array(Object, Object)>]
    def swap_vals_async(timeout: DEFAULT, &function)
      run_on_lane(swapping(timeout, function)) { |future, declined| swapped(future, declined) }
    end

    # The pull form of swap, for who computes in a way of his own: gives a {Swap}.
    # @return [Swap]
    def swap_begin(timeout: DEFAULT) = Swap.new(self, @hub, finish(Low.atom_swap_begin_async(low, Times.ms(timeout))))

    # Sets the validator of this handle; nil removes it. The current value is judged first.
    # @param validator [#call, nil]
    # @return [void]
    # @raise [ValidationError] it refuses the current value: the old one stays
    def set_validator(validator = nil, timeout: DEFAULT, &block)
      validator ||= block
      judge_current(validator, timeout) if validator
      @validator = validator
      nil
    end

    # Has the block called for every change after the state that is given back, on a thread of the client; one after the other, in the
    # order of versions. Until the watch is removed, replaced by another under the same key, or the client is closed.
    # @param watch_key [String, Symbol]
    # @yieldparam change [Change]
    # @return [Object, nil] the value at this moment; nil where the atom does not exist
    def add_watch(watch_key, timeout: DEFAULT, &block)
      watching(watch_key, block) { |watch| @hub.finish(begin_watch(watch, timeout)) }
    end

    # @return [Future]
    def add_watch_async(watch_key, timeout: DEFAULT, &block)
      function_given(block)
      watch = Watch.new(@hub, self, watch_key.to_s, block)
      future = later(->(low) { registered(watch, low) }) { begin_watch(watch, timeout) }
      future.on_done { |done| stands_or_is_dropped(watch, done) }
    end

    # Removes the watch. After it returns the block is not called again (called by the block itself: not after that call).
    # @return [void]
    def remove_watch(watch_key)
      Low.atom_remove_watch(low, watch_key.to_s)
      watch = @hub.watches.delete([key, watch_key.to_s.b]) or return
      watch.drop
      watch.wait_until_idle
    end

    # @return [String] bytes beside the value, shared by all processes; "" at first
    def meta(timeout: DEFAULT) = read_meta(finish(Low.atom_meta_async(low, Times.ms(timeout))))
    # @return [Future<String>]
    def meta_async(timeout: DEFAULT) = later(method(:read_meta)) { Low.atom_meta_async(low, Times.ms(timeout)) }

    # Sets the metadata. That is no change of the value.
    # @return [void]
    def reset_meta(bytes, timeout: DEFAULT)
      finish(Low.atom_reset_meta_async(low, Codec::BYTES.encode(bytes), Times.ms(timeout)))
      nil
    end

    # @return [Future<nil>]
    def reset_meta_async(bytes, timeout: DEFAULT)
      later { Low.atom_reset_meta_async(low, Codec::BYTES.encode(bytes), Times.ms(timeout)) }
    end

    # Changes the metadata by the block, as {#swap} does the value.
    # @yieldparam old [String]
    # @return [String] the new metadata
    def alter_meta(timeout: DEFAULT, &function)
      read_meta(run_here(altering(timeout, function)).first)
    end

    # The block is called on a thread of the client.
    # @return [Future<String>]
    def alter_meta_async(timeout: DEFAULT, &function)
      run_on_lane(altering(timeout, function)) { |future| read_meta(future) }
    end

    private

    def function_given(function)
      function or raise ArgumentError, "a block is needed"
    end

    def begin_reset(value, want_old, timeout)
      Low.atom_reset_async(low, proposed(value, "reset"), want_old, Times.ms(timeout))
    end

    def begin_compare(expected, value, timeout)
      Low.atom_compare_and_set_async(low, @codec.encode(expected), proposed(value, "set"), Times.ms(timeout))
    end

    def begin_compare_at(state, value, timeout)
      raise ArgumentError, "the state is an Exoref::Value, which a versioned handle gives: #{state.inspect}" unless state.is_a?(Value)

      Low.atom_compare_and_set_at_async(low, state.low, proposed(value, "set"), Times.ms(timeout))
    end

    def both(future) = [read_old(future), read(future)]

    def compared(future)
      swapped = Low.future_flag(future)
      block_given? ? yield(swapped, read(future)) : swapped
    end

    def swapping(timeout, function) = FunctionLoop.new(self, ValuePulls.new(self), Times.ms(timeout), function_given(function))
    def altering(timeout, function) = FunctionLoop.new(self, MetaPulls.new(self), Times.ms(timeout), function_given(function))

    # The future that has the result, and whether the function left the value as it was.
    def run_here(run)
      future = finish(run.start)
      until run.over?(future)
        following = run.propose(future) or break
        future = run.step { finish(following) }
      end
      [future, run.declined?]
    ensure
      run.let_go
    end

    def run_on_lane(run, &read) = LaneRun.new(@hub, run, read).start

    def swapped(future, declined) = declined ? [read(future), read(future)] : both(future)

    def judge_current(validator, timeout)
      current = @codec.decode(Low.future_bytes(finish(Low.atom_deref_async(low, Times.ms(timeout)))))
      return if validator.call(current)

      raise ValidationError.new("#{attempted('set the validator of')}: it refused the current value", status: :EVALIDATION, key: key)
    rescue NotFoundError
      nil # it has no value to refuse
    end

    def begin_watch(watch, timeout)
      @hub.in_order_of_watches do |order|
        watch.order = order
        Low.atom_add_watch_async(low, watch.watch_key, watch.token, Times.ms(timeout))
      end
    end

    def watching(watch_key, block)
      function_given(block)
      watch = Watch.new(@hub, self, watch_key.to_s, block)
      stands = false
      since = registered(watch, yield(watch))
      stands = true
      since
    ensure
      watch&.drop unless stands
    end

    # It stands, in place of one that was begun earlier under the same key, which is called no more; or is itself the earlier one.
    def registered(watch, future)
      replaced_by(watch)&.drop if watch.stand
      Low.future_bytes(future) && read(future)
    end

    def replaced_by(watch)
      place = [watch.key, watch.watch_key.b]
      @hub.in_order_of_watches do
        other = @hub.watches[place]
        return watch if other && other.order > watch.order

        @hub.watches[place] = watch
        other
      end
    end

    def stands_or_is_dropped(watch, future)
      future.get
    rescue Error
      watch.drop
    end

    def read_meta(future) = Low.future_bytes(future).force_encoding(Encoding::UTF_8)
  end
end
