# frozen_string_literal: true

module Exoref
  # Of the gem. {.library_version} is that of the library it runs with.
  VERSION = "1.0.0"
end
