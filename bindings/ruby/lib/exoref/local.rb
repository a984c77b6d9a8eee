# frozen_string_literal: true

module Exoref
  # The private server of local:DIR by hand.
  module Local
    class << self
      # Starts it if none runs, and keeps it up without clients until {stop}.
      # @return [void]
      # @raise [FinalError] the folder or the server can't be used
      def start(directory, timeout: 5) = Elsewhere.run { Low.local_start(directory.to_s, Times.ms(timeout)) }

      # Ends it, whoever uses it.
      # @return [Boolean] whether one ran
      def stop(directory, timeout: 5) = Elsewhere.run { Low.local_stop(directory.to_s, Times.ms(timeout)) }

      # @return [String, nil] a line of text; nil if none runs
      def status(directory, timeout: 5)
        Elsewhere.run { Low.local_status(directory.to_s, Times.ms(timeout)) }&.force_encoding(Encoding::UTF_8)
      end
    end
  end
end
