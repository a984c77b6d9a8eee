# frozen_string_literal: true

require "json"

module Exoref
  module Codec
    # Canonical JSON, so that equal values are equal bytes in every language. Takes what reads back as the same: nil, true, false,
    # Integer, Float, String, Array, and Hash with Strings as keys (or Symbols, which are read back as Strings, unless
    # symbolize_names is set). Anything else, NaN, and Strings that are no valid text are refused.
    class JSONCodec
      MOST_NESTED = 512
      private_constant :MOST_NESTED

      # @param symbolize_names [Boolean] the keys of objects are read as Symbols
      def initialize(symbolize_names: false)
        @symbolize_names = symbolize_names
      end

      # @return [String]
      def label = "json"

      # @return [String]
      # @raise [EncodeError]
      def encode(object)
        Exoref.json_canonical(::JSON.generate(plain(object, 0), max_nesting: MOST_NESTED))
      rescue ::JSON::GeneratorError, InvalidError => error
        raise EncodeError, "this can't be written as JSON: #{error.message}"
      end

      # @raise [DecodeError]
      def decode(bytes)
        text = bytes.dup.force_encoding(Encoding::UTF_8)
        raise DecodeError.new("the value is no JSON: it is not in UTF-8", text.b) unless text.valid_encoding?

        Low.json_canonical(text) # Ruby's parser takes more than JSON: comments, other escapes, keys twice, numbers without end
        ::JSON.parse(text, max_nesting: MOST_NESTED, symbolize_names: @symbolize_names)
      rescue ::JSON::ParserError, EncodingError, ArgumentError, InvalidError => error
        raise DecodeError.new("the value is no JSON: #{error.message}", bytes.b)
      end

      private

      # Of Ruby's own classes alone: a subclass may write itself in another way.
      def plain(object, depth)
        case object
        when nil, true, false, Integer, Float then object # the generator refuses what is no number
        when String then plain_text(object)
        when Array
          check_depth(depth)
          object.to_a.map { |one| plain(one, depth + 1) }
        when Hash
          check_depth(depth)
          plain_hash(object, depth)
        else refuse("it would not be read back as #{Codec.a(object)}")
        end
      end

      def plain_hash(hash, depth)
        hash.each_with_object({}) do |(key, object), members|
          refuse("the key #{key.inspect} is no String") unless key.is_a?(String) || key.is_a?(Symbol)
          name = plain_text(key.is_a?(Symbol) ? key.name : key)
          refuse("the key #{name.inspect} is there twice") if members.key?(name)
          members[name] = plain(object, depth + 1)
        end
      end

      def plain_text(text)
        text = Codec.utf8(text)
        text.instance_of?(String) ? text : String.new(text, encoding: Encoding::UTF_8)
      end

      def check_depth(depth)
        refuse("it is nested more than #{MOST_NESTED} deep (or contains itself)") if depth >= MOST_NESTED
      end

      def refuse(why) = raise(EncodeError, "this can't be written as JSON: #{why}")
    end

    # What `codec: :json` means.
    JSON = JSONCodec.new
    # exoref's own, by their labels.
    BY_LABEL = [JSON, STRING, BYTES].to_h { |codec| [codec.label, codec] }.freeze
  end

  # The one text of a JSON value, which references with the codec "json" hold.
  # @param text [String] JSON in UTF-8
  # @return [String]
  # @raise [InvalidError] it is no JSON; the message says where
  def self.json_canonical(text)
    canonical = Low.json_canonical(text)
    Low.value_bytes(canonical).force_encoding(Encoding::UTF_8)
  end
end
