# frozen_string_literal: true

module Exoref
  # Times as users give them (seconds; nil: for ever) and as C takes them (milliseconds).
  # @api private
  module Times
    NONE = -1
    CLIENTS_DEFAULT = -2
    # A hundred years: nothing that is computed from it overflows, in Ruby or in C.
    MOST = 100 * 365 * 24 * 3600 * 1000

    def self.ms(timeout)
      return CLIENTS_DEFAULT if timeout.equal?(DEFAULT)
      return NONE if timeout.nil? || timeout == Float::INFINITY
      return rounded_up(timeout) if number?(timeout)

      raise InvalidError.new("a duration is a number of seconds from 0 up, or nil for none, and this was #{timeout.inspect}",
                             status: :EINVAL)
    end

    # Of a time to live, which has an end unless it is nil.
    def self.ttl_ms(ttl)
      return NONE if ttl.nil?
      return rounded_up(ttl) if number?(ttl) && ttl != Float::INFINITY

      raise InvalidError.new("a time to live is a number of seconds above 0, or nil for none, and this was #{ttl.inspect}",
                             status: :EINVAL)
    end

    # As an option's text.
    def self.text(duration) = duration == Float::INFINITY ? "none" : "#{ms(duration)}ms"

    def self.number?(given) = given.is_a?(Numeric) && given.real? && given >= 0
    # A part of a millisecond counts as a whole one.
    def self.rounded_up(seconds) = seconds >= MOST / 1000 ? MOST : (seconds * 1000).ceil
    private_class_method :number?, :rounded_up

    def self.now = Process.clock_gettime(Process::CLOCK_MONOTONIC, :float_millisecond)
  end

  # What is left of a time that several steps share.
  # @api private
  class Deadline
    # @param timeout_ms [Integer] as C takes it, but no default
    def initialize(timeout_ms)
      @end = timeout_ms.negative? ? nil : Times.now + [timeout_ms, Times::MOST].min
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
