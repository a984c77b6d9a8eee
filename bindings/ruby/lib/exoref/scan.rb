# frozen_string_literal: true

module Exoref
  # References one after the other, of {Client#list}. One that is changed while the listing runs may come twice or be missed; one that
  # stands all the time comes.
  #
  #   client.list("user:*").each { |info| puts info.key }
  class Scan
    include Enumerable

    # @api private
    def initialize(client, low)
      @client = client
      @hub = client.hub
      @low = low
    end

    # @return [Info, nil] nil at the end
    def next(timeout: DEFAULT) = Info.of(@hub.finish(Low.scan_next_async(@low, Times.ms(timeout))))
    # One call at a time.
    # @return [Future<Info, nil>]
    def next_async(timeout: DEFAULT) = Future.of(@hub, read: method(:info_of)) { Low.scan_next_async(@low, Times.ms(timeout)) }

    # All that are still to come.
    # @yieldparam info [Info]
    # @return [self, Enumerator]
    def each
      return enum_for(:each) unless block_given?

      while (info = self.next)
        yield info
      end
      self
    end

    private

    def info_of(future) = Info.of(future)
  end
end
