# frozen_string_literal: true

module Exoref
  # One change, as a watch is told of it.
  class Change
    # @return [String] of the watch
    attr_reader :watch_key
    # @return [String] of the reference
    attr_reader :key
    # @return [Integer] of the new value; of the last one if it was deleted
    attr_reader :version
    # @return [Integer] how many changes before it were not told
    attr_reader :missed

    # @api private
    def initialize(watch, old_low, new_low, version, missed, flags)
      @watch_key = watch.watch_key
      @key = watch.key
      @atom = watch.atom
      @old_low = old_low
      @new_low = new_low
      @version = version
      @missed = missed
      @flags = flags
    end

    # @return [Object, nil] the value before; nil also where there is none or it can't be known any more ({#old_value?})
    def old_value = given(@old_low)
    # @return [Object, nil] the value after; nil also where it was deleted ({#new_value?})
    def new_value = given(@new_low)
    def old_value? = !@old_low.nil?
    def new_value? = !@new_low.nil?

    # The server lost data: what this watch saw last is not in the atom's past any more.
    def rewound? = flag?(Low::CHANGE_REWOUND)
    # Deleted or expired: there is no new value.
    def deleted? = flag?(Low::CHANGE_DELETED)
    # Created anew after it was deleted: there is no old value.
    def recreated? = flag?(Low::CHANGE_RECREATED)
    # Whether the changes missed were one line of history can't be known.
    def uncertain? = flag?(Low::CHANGE_UNCERTAIN)

    # This one, told in one with a later one.
    # @api private
    def followed_by(later)
      @new_low = later.new_low
      @version = later.version
      @missed += later.missed + 1
      @flags |= later.flags
    end

    protected

    attr_reader :new_low, :flags

    private

    def flag?(flag) = (@flags & flag) != 0

    def given(low)
      return if low.nil?

      value = Value.new(low, @atom.codec)
      @atom.versioned? ? value : value.decode
    end
  end

  # A watch that stands. It keeps the atom's handle, and so the client, for as long as it does.
  # @api private
  class Watch
    # As far as the library would keep changes for a watch that is slow. What does not fit is told in one with what follows.
    MOST_QUEUED = 4096

    attr_reader :atom, :key, :watch_key, :token
    # @return [Integer] which of two under one key was begun later: the library keeps that one
    attr_accessor :order

    def initialize(hub, atom, watch_key, block)
      @hub = hub
      @atom = atom
      @key = atom.key
      @watch_key = watch_key
      @block = block
      @mutex = Mutex.new
      @changed = ConditionVariable.new
      @queued = []
      @removed = false
      @token = hub.token_of_watch(self)
    end

    # That it is added is known: whether for the first time.
    def stand
      @mutex.synchronize { !@removed && !@stands && (@stands = true) }
    end

    # On the thread that takes events.
    def queue(*change)
      change = Change.new(self, *change)
      @mutex.synchronize do
        return if @removed
        return @queued.last.followed_by(change) if @queued.size >= MOST_QUEUED

        @queued << change
      end
      @hub.watching.post { run }
    end

    # It is told of nothing more.
    def drop
      @hub.forget_watch(@token)
      @mutex.synchronize do
        @removed = true
        @queued.clear
      end
    end

    # Not after this either, unless it is called by itself.
    def wait_until_idle
      @mutex.synchronize do
        @changed.wait(@mutex) until @runner.nil? || @runner == Thread.current || !@runner.alive?
      end
    end

    private

    def run
      change = @mutex.synchronize do
        @runner = Thread.current unless @removed || @hub.closed?
        @queued.shift
      end
      return if @runner.nil? || change.nil?

      @block.call(change)
    rescue *Lane::FAILURES => error
      @hub.report(error, "watch #{Error.quoted(@watch_key)} of #{Error.quoted(@key)} failed at version #{change.version}; " \
                         "the change stands and the other watches are told")
    ensure
      @mutex.synchronize do
        @runner = nil
        @changed.broadcast
      end
    end
  end
  private_constant :Watch
end
