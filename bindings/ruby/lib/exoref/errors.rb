# frozen_string_literal: true

module Exoref
  # What went wrong. Each is one of {RetryError} (certainly nothing was changed: the same call may succeed later), {FinalError} (certainly
  # nothing was changed: give up) or {UnknownError} (it may have been applied: look at the value).
  class Error < StandardError
    # @return [Symbol, nil] the status of the C API without its prefix, such as :ETIMEOUT
    attr_reader :status
    # @return [Symbol, nil] of an {UnknownError}: :timeout, :cancelled, :closed, :history_dropped or :data_lost
    attr_reader :reason
    # @return [String] the key it was about, "" for none
    attr_reader :key
    # @return [String] the server's own words, or ""
    attr_reader :server_text
    # @return [String] of a {BodyError}: what the body said, a word for programs
    attr_reader :kind
    # @return [String] of a {BodyError}: bytes that the body gave
    attr_reader :payload

    def initialize(message = nil, status: nil, reason: nil, key: "", server_text: "", sent: false, kind: "", payload: "".b)
      super(message)
      @status = status
      @reason = reason
      @key = key
      @server_text = server_text
      @sent = sent
      @kind = kind
      @payload = payload
    end

    # Whether a request may have reached the server.
    def sent? = @sent

    # @return [Symbol, nil] :retry, :final or :unknown
    def status_class
      case self
      when RetryError then :retry
      when FinalError then :final
      when UnknownError then :unknown
      end
    end

    # Called by the extension.
    # @api private
    def self.of(number, message, reason, key, server_text, sent, kind, payload)
      kind_of(number).new(message, status: Low.status_name(number).delete_prefix("EXOREF_").to_sym,
                                   reason: REASONS[reason], key: key, server_text: server_text, sent: sent,
                                   kind: kind, payload: payload)
    end

    # Bytes as messages of the library show them.
    # @api private
    def self.quoted(bytes)
      bytes = bytes.to_s
      shown = bytes.byteslice(0, 80).b.gsub(/[^ -~]|['\\]/n) { |byte| format('\x%02x', byte.ord) }
      "'#{shown}#{"…(#{bytes.bytesize} bytes)" if bytes.bytesize > 80}'"
    end

    # @api private
    def self.kind_of(number)
      BY_STATUS.fetch(number) do
        case Low.status_class(number)
        when Low::CLASS_NOT_APPLIED_RETRY then RetryError
        when Low::CLASS_NOT_APPLIED_FINAL then FinalError
        else UnknownError
        end
      end
    end
  end

  # Certainly nothing was changed; the same call may succeed later.
  class RetryError < Error; end
  # Certainly nothing was changed; the same call will fail again.
  class FinalError < Error; end
  # It may or may not have been applied: look before doing it again.
  class UnknownError < Error; end

  # The time ran out.
  class TimeoutError < RetryError; end
  # There was no usable connection to the server in the time.
  class ConnectionError < RetryError; end
  # An argument or option is not valid.
  class InvalidError < FinalError; end
  # There is no reference under this key.
  class NotFoundError < FinalError; end
  # The key holds something of another type.
  class TypeError < FinalError; end
  # The reference carries another codec label.
  class CodecError < FinalError; end
  # The validator refused the value.
  class ValidationError < FinalError; end
  # The operation was cancelled before it was sent.
  class CancelledError < FinalError; end
  # The client is closed, or the handle was let go of.
  class ClosedError < FinalError; end
  # The promise or delay was deleted or has expired.
  class DeletedError < FinalError; end
  # The client was opened before this process was forked: {Client#reopen}.
  class ForkError < FinalError; end
  # A wait on this thread could never end.
  class DeadlockError < FinalError; end
  # The body of the delay failed; {#kind}, the message and {#payload} are what it said. Its `cause` is the body's own exception
  # where that was raised by this very call.
  class BodyError < FinalError; end
  # The lease was lost or has ended; the result was refused.
  class LeaseError < FinalError; end

  # The object can't be written by the codec so that the same can be read again.
  class EncodeError < FinalError; end

  # The codec can't read the bytes that the reference holds.
  class DecodeError < FinalError
    # @return [String]
    attr_reader :bytes

    def initialize(message, bytes)
      super(message)
      @bytes = bytes
    end
  end

  class Error
    BY_STATUS = {
      Low::ETIMEOUT => TimeoutError, Low::ECONNECTION => ConnectionError, Low::EINVAL => InvalidError,
      Low::ENOTFOUND => NotFoundError, Low::ETYPE => TypeError, Low::ECODEC => CodecError,
      Low::EVALIDATION => ValidationError, Low::ECANCELLED => CancelledError, Low::ECLOSED => ClosedError,
      Low::EDELETED => DeletedError, Low::EFORK => ForkError, Low::EDEADLOCK => DeadlockError,
      Low::EBODY => BodyError, Low::ELEASE => LeaseError
    }.freeze
    REASONS = {
      Low::REASON_TIMEOUT => :timeout, Low::REASON_CANCELLED => :cancelled, Low::REASON_CLOSED => :closed,
      Low::REASON_HISTORY_DROPPED => :history_dropped, Low::REASON_DATA_LOST => :data_lost
    }.freeze
    private_constant :BY_STATUS, :REASONS
  end

  # Raised by a delay's body to say more of its failure than a message. Who asks for the value gets a {BodyError} with the same.
  class BodyFailure < StandardError
    # @return [String] a word for programs
    attr_reader :kind
    # @return [String] any bytes
    attr_reader :payload

    def initialize(kind, message, payload = "")
      super(message)
      @kind = kind
      @payload = payload
    end
  end
end
