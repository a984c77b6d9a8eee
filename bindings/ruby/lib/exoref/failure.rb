# frozen_string_literal: true

module Exoref
  # A body's failure as it is published.
  # @api private
  Failure = Struct.new(:kind, :message, :payload, :cause) do
    # Whether what left a body says nothing of its value: it ends the program, or the call.
    def self.none?(error)
      error.is_a?(SystemExit) || error.is_a?(SignalException) ||
        (defined?(::Timeout::ExitException) && error.is_a?(::Timeout::ExitException))
    end

    # @param error [Exception] what the body raised
    def self.of(error)
      kind, payload = error.is_a?(BodyFailure) ? [error.kind, error.payload] : [error.class, ""]
      new(text(kind), text(error.message), payload.to_s.b, error)
    rescue *Lane::FAILURES # what it says of itself
      new("exception", "the body raised an exception that can't say what it is", "".b, error)
    end

    # Why the library publishes nothing, the lease being held still: it is too big. Nil if it does.
    def self.of_refused(publishing)
      error = Low.future_error(publishing)
      error && error.status == :ETOOBIG ? new("size", text(error.message), "".b, nil) : nil
    end

    # As C takes it: UTF-8 that ends at no NUL.
    def self.text(given)
      text = given.to_s
      text = text.dup.force_encoding(Encoding::UTF_8) if text.encoding == Encoding::BINARY || text.encoding.dummy?
      text.encode(Encoding::UTF_8, invalid: :replace, undef: :replace).scrub.tr("\0", " ")
    end

    # This, and what can be said where that is too big; the last is nothing at all, which always fits.
    def ever_shorter
      yield self
      yield self.class.new("size", "the failure of the body is larger than a value may be", "".b, cause)
      yield self.class.new("size", "", "".b, cause)
      yield self.class.new("", "", "".b, cause)
    end

    # @return [BodyError]
    def error(key) = BodyError.new(message, status: :EBODY, key: key, sent: true, kind: kind, payload: payload)
  end
  Failure::THREAD_ENDED = Failure.new("exception", "the body ended its thread", "".b, nil).freeze
  private_constant :Failure
end
