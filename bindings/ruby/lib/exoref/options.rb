# frozen_string_literal: true

module Exoref
  # One option, as the library's table has it.
  # @!attribute [r] scope
  #   @return [String] "client" or "reference"
  # @!attribute [r] type
  #   @return [String] "text", "duration", "size", "count", "truth" or "choice"
  Option = Struct.new(:name, :scope, :type, :default, :range, :meaning, :alias, :since, :deprecated, :secret, :unsupported)

  # @return [Array<Option>] all options that there are
  def self.options = Options::TABLE

  # Options as keywords become options of C. Durations may be numbers of seconds (nil: none).
  # @api private
  module Options
    TABLE = Array.new(Low.option_count) do |n|
      Option.new(*Array.new(Option.members.size) { |property| Low.option_text(n, property) }).freeze
    end.freeze
    BY_NAME = TABLE.flat_map { |option| [option.name, *option.alias].map { |name| [name, option] } }.to_h.freeze
    IN_MS = { "ms" => 1, "s" => 1000, "m" => 60_000, "h" => 3_600_000 }.freeze

    # nil if there are none.
    def self.low(options)
      return if options.empty?

      made = Low.options_new
      options.each { |name, value| Low.options_set(made, name.to_s, text(name.to_s, value)) }
      made
    end

    def self.text(name, value)
      case value
      when nil then duration?(name) ? "none" : ""
      when Numeric then duration?(name) ? Times.text(value) : value.to_s
      else value.to_s
      end
    end

    def self.duration?(name) = BY_NAME[name]&.type == "duration"
    private_class_method :duration?

    # Milliseconds of a duration's text; -1 for none.
    def self.duration_ms(text)
      number, unit = text.match(/\A(\d+)(ms|s|m|h)\z/)&.captures
      return number.to_i * IN_MS.fetch(unit) if number
      return Times::NONE if text == "none"

      raise InvalidError.new("a duration is written 500ms, 5s, 2m, 1h or none, and this was #{text.inspect}", status: :EINVAL)
    end

    # What the options of a client come to, as the library reads them: what the URL says wins, and without a URL the environment has it.
    class Effective
      def initialize(url, options)
        url = url.nil? ? ENV.values_at("EXOREF_URL", "REDIS_URL").find { |text| text && !text.empty? } : url.to_s
        @query = query_of(url.to_s)
        @options = options
        refuse_events unless [@query["events"], @options[:events]].compact.all? { |events| events.to_s == "take" }
      end

      # @return [String]
      def text(name)
        option = name.to_sym
        @query.fetch(name) { @options.key?(option) ? Options.text(name, @options[option]) : BY_NAME.fetch(name).default }
      end

      # @return [Integer] -1 for none
      def duration_ms(name) = Options.duration_ms(text(name))

      private

      def query_of(url)
        url.b[/\?(.*)\z/m, 1].to_s.split("&").to_h { |pair| pair.split("=", 2).map { |part| decoded(part) }.values_at(0, 1) }
      end

      # A `+` is a plus: this is no form. What can't be decoded the library refuses.
      def decoded(part) = part.gsub(/%\h\h/) { |code| code[1, 2].hex.chr }

      def refuse_events
        raise InvalidError.new("the option 'events' is the binding's own, events=take: callbacks come on threads of Ruby",
                               status: :EINVAL)
      end
    end
  end
  private_constant :Options
end
