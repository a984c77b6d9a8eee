# frozen_string_literal: true

module Exoref
  # How values become bytes. A codec is any object with three methods:
  #
  # - `label`: what a reference that is opened with it carries, so that nobody reads it in another way; "" for none;
  # - `encode(object)`: the bytes, a String. Raises where it can't give bytes that read back as the same;
  # - `decode(bytes)`: the object. Raises where it can't read them.
  #
  # The client's option `codec:`, or that of a reference, is `:json` (the default), `:string`, `:bytes`, or an object of this kind.
  module Codec
    # Bytes as they are. Without a label it reads any reference, and writes to those that have none.
    class Bytes
      # @return [String]
      attr_reader :label

      # @param label [String] for bytes that are in an encoding of your own
      def initialize(label: "")
        @label = label
      end

      # @param object [String]
      # @return [String]
      # @raise [EncodeError]
      def encode(object)
        return object if object.is_a?(String)

        raise EncodeError, "bytes are written from a String, and this is #{Codec.a(object)}"
      end

      # @return [String]
      def decode(bytes) = bytes
    end

    # Text in UTF-8. Strings of other encodings are converted.
    class Text
      # @return [String]
      def label = "string"

      # @param object [String]
      # @return [String]
      # @raise [EncodeError]
      def encode(object)
        raise EncodeError, "a text is written from a String, and this is #{Codec.a(object)}" unless object.is_a?(String)

        Codec.utf8(object)
      end

      # @return [String]
      # @raise [DecodeError]
      def decode(bytes)
        text = bytes.dup.force_encoding(Encoding::UTF_8)
        return text if text.valid_encoding?

        raise DecodeError.new("the value is no text in UTF-8", text.b)
      end
    end

    # @param given [Symbol, Object]
    # @return [Object] the codec that is meant
    def self.of(given)
      case given
      when :json then JSON
      when :string then STRING
      when :bytes then BYTES
      else
        return given if %i[label encode decode].all? { |name| given.respond_to?(name) }

        raise ArgumentError, "a codec is :json, :string, :bytes or an object with label, encode and decode: #{given.inspect}"
      end
    end

    # The text in UTF-8; raises where there is none.
    # @api private
    def self.utf8(text)
      return text.encode(Encoding::UTF_8) unless text.encoding == Encoding::UTF_8 || text.ascii_only?
      return text if text.valid_encoding?

      raise EncodeError, "the text #{text[0, 40].inspect} is not valid in UTF-8"
    rescue EncodingError => error
      raise EncodeError, "the text can't be converted to UTF-8: #{error.message} " \
                         "(bytes are written with the codec :bytes, or encoded, with Base64 for instance)"
    end

    # @api private
    def self.a(object) = object.nil? ? "nil" : "a #{object.class}"

    # What `codec: :string` means.
    STRING = Text.new
    # What `codec: :bytes` means.
    BYTES = Bytes.new
  end
end
