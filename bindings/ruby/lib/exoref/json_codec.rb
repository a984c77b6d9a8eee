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
        check(object, 0)
        Exoref.json_canonical(::JSON.generate(object, max_nesting: MOST_NESTED))
      rescue ::JSON::GeneratorError, InvalidError => error
        raise EncodeError, "this can't be written as JSON: #{error.message}"
      end

      # @raise [DecodeError]
      def decode(bytes)
        text = bytes.dup.force_encoding(Encoding::UTF_8)
        raise DecodeError.new("the value is no JSON: it is not in UTF-8", text.b) unless text.valid_encoding?

        # An escape beyond the controls is no canonical JSON: whether it is JSON at all the library knows better than Ruby's parser.
        Low.json_canonical(text) if text.include?("\\u") && text.match?(/\\u[^0]/)
        ::JSON.parse(text, max_nesting: MOST_NESTED, symbolize_names: @symbolize_names)
      rescue ::JSON::ParserError, EncodingError, ArgumentError, InvalidError => error
        raise DecodeError.new("the value is no JSON: #{error.message}", bytes.b)
      end

      private

      def check(object, depth)
        case object
        when nil, true, false, Integer, Float then nil # the generator refuses what is no number
        when String then check_text(object)
        when Array
          check_depth(depth)
          object.each { |one| check(one, depth + 1) }
        when Hash
          check_depth(depth)
          object.each { |key, one| check_member(key, one, depth) }
        else refuse("it would not be read back as #{Codec.a(object)}")
        end
      end

      def check_member(key, object, depth)
        refuse("the key #{key.inspect} is no String") unless key.is_a?(String) || key.is_a?(Symbol)
        check_text(key.to_s)
        check(object, depth + 1)
      end

      def check_text(text) = Codec.utf8(text)

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
