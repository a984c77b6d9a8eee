# frozen_string_literal: true

module Exoref
  # Times as users give them (seconds; nil: for ever) and as C takes them (milliseconds).
  # @api private
  module Times
    NONE = -1
    CLIENTS_DEFAULT = -2
    MOST = (1 << 62)

    # A part of a millisecond counts as a whole one.
    def self.ms(timeout)
      return CLIENTS_DEFAULT if timeout.equal?(DEFAULT)
      return NONE if timeout.nil? || timeout == Float::INFINITY

      unless timeout.is_a?(Numeric) && timeout.real? && timeout >= 0
        raise InvalidError.new("a timeout is a number of seconds from 0 up, or nil for ever, and this was #{timeout.inspect}",
                               status: :EINVAL)
      end

      [(timeout * 1000).ceil, MOST].min
    end

    def self.now = Process.clock_gettime(Process::CLOCK_MONOTONIC, :float_millisecond)
  end

  # What is left of a time that several steps share.
  # @api private
  class Deadline
    # @param timeout_ms [Integer] as C takes it, but no default
    def initialize(timeout_ms)
      @end = timeout_ms.negative? ? nil : Times.now + timeout_ms
    end

    def left_ms = @end ? [(@end - Times.now).ceil, 0].max : Times::NONE
    def left = @end ? left_ms / 1000.0 : nil
    def over? = !@end.nil? && Times.now >= @end

    # Time that does not count.
    def extend_by(milliseconds)
      @end += milliseconds if @end
    end
  end
  private_constant :Times, :Deadline
end
