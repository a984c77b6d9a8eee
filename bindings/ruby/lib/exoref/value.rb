# frozen_string_literal: true

module Exoref
  # What a reference held at one state: its bytes, version, codec label, and - opaque - the identity of that very state, which
  # {Atom#compare_and_set_at} takes. Immutable. Handles that are {Reference#versioned} give these instead of plain objects.
  class Value
    # @api private
    attr_reader :low

    # @api private
    def initialize(low, codec)
      @low = low
      @codec = codec
    end

    # @return [Object] a new copy each time
    # @raise [DecodeError]
    def decode = @codec.decode(bytes)

    # @return [String] a new copy each time
    def bytes = Low.value_bytes(@low)

    # @return [Integer] how many values the reference had had when it got this one: 1 for the initial one of an atom
    def version = Low.value_version(@low)

    # @return [String] the codec label of the reference, "" if it has none
    def codec = Low.value_codec(@low)

    # Whether both are the very same state of the same reference. (Equal bytes of another state are not.)
    def same_state?(other) = Low.value_same_state(@low, other.low)

    # Equal bytes.
    def ==(other) = other.is_a?(Value) && bytes == other.bytes
    alias eql? ==
    # @return [Integer]
    def hash = bytes.hash

    # @return [String]
    def inspect = "#<#{self.class} version=#{version} codec=#{codec.inspect} bytes=#{bytes[0, 60].inspect}>"
  end
end
