# frozen_string_literal: true

module Exoref
  # What is known about a reference: {Client#info}, {Client#list}.
  class Info
    # One of the last changes. The value is nil if it was too large to be kept.
    PastChange = Struct.new(:version, :value)

    # @api private
    def self.of(future)
      low = Low.future_info(future)
      low && new(low)
    end

    private_class_method :new

    # @api private
    def initialize(low)
      @low = low
    end

    # @return [String] without the client's prefix
    def key = Low.info_key(@low)

    # One of the texts: type, version, epoch, size, codec, ttl, expires, history, terms; of a delay also state, attempt, owner, lease,
    # lease_ms, failure.
    # @param name [String, Symbol]
    # @return [String, nil] nil for another name
    def text(name) = Low.info_text(@low, name.to_s)
    alias [] text

    # @return [String] "atom", "promise" or "delay"
    def type = text("type")
    # @return [Integer] how many values it has had
    def version = text("version").to_i
    # @return [String] the codec label, "" for none
    def codec = text("codec")

    # Of {Client#info} alone.
    # @return [Value, nil] nil if there is none yet
    def value = value_of(Low.info_value(@low))

    # @return [String, nil] bytes
    def meta
      low = Low.info_meta(@low)
      low && Low.value_bytes(low).force_encoding(Encoding::UTF_8)
    end

    # The last changes, newest first, as many as the history holds. Of {Client#info} alone.
    # @return [Array<PastChange>]
    def changes
      Array.new(Low.info_change_count(@low)) do |n|
        PastChange.new(Low.info_change_version(@low, n), value_of(Low.info_change_value(@low, n)))
      end
    end

    # @return [String]
    def inspect = "#<#{self.class} #{type} #{key.inspect} version=#{version}>"

    private

    def value_of(low)
      low && Value.new(low, Codec::BY_LABEL.fetch(codec, Codec::BYTES))
    end
  end
end
