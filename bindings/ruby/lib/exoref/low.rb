# frozen_string_literal: true

require "exoref/exoref_low"

module Exoref
  # The C API as SWIG gives it. Not for users: nothing of it is stable.
  # @api private
  Low = ::Exoref_low
  private_constant :Low

  # @return [String] the version of libexoref
  def self.library_version = Low.version
end
