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
      when nil then BY_NAME[name]&.type == "duration" ? "none" : ""
      when Numeric then BY_NAME[name]&.type == "duration" ? "#{(value * 1000).ceil}ms" : value.to_s
      else value.to_s
      end
    end

    # What an option of a client comes to. What the URL says wins.
    def self.effective(name, url, options)
      query = url.to_s[/\?(.*)\z/m, 1].to_s.split("&").map { |pair| pair.split("=", 2) }.to_h
      query[name] || options[name.to_sym]&.then { |value| text(name, value) } || BY_NAME.fetch(name).default
    end

    # Milliseconds of a duration's text; -1 for none.
    def self.duration_ms(text)
      number, unit = text.match(/\A(\d+)(ms|s|m|h)\z/)&.captures
      number ? number.to_i * IN_MS.fetch(unit) : Times::NONE
    end
  end
  private_constant :Options
end
