# frozen_string_literal: true

module Exoref
  # Calls of the library that can't be interrupted run on a thread of their own: waiting for another thread can be.
  # @api private
  module Elsewhere
    def self.run
      Thread.new do
        Thread.current.report_on_exception = false
        yield
      end.value
    end
  end
  private_constant :Elsewhere
end
