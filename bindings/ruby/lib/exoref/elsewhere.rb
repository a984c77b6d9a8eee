# frozen_string_literal: true

module Exoref
  # Calls of the library that can't be interrupted run on a thread of their own: waiting for another thread can be.
  # @api private
  module Elsewhere
    def self.run(&call)
      thread = started(call)
      thread ? thread.value : call.call
    end

    # None while the process ends.
    def self.started(call)
      Thread.new do
        Thread.current.report_on_exception = false
        call.call
      end
    rescue ThreadError
      nil
    end
    private_class_method :started
  end
  private_constant :Elsewhere
end
