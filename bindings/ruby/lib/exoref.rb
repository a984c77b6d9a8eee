# frozen_string_literal: true

# Clojure's reference types, shared between processes, machines and languages; the values are kept on Redis.
#
#   Exoref::Client.open("redis://localhost") do |client|
#     counter = Exoref::Atom.create(client, "counter", 0)
#     counter.swap { |n| n + 1 }
#   end
#
# {Client} is the connection. {Atom}, {Promise} and {Delay} are the references. What each operation means is said at it; how
# values are encoded at {Codec}, how things go wrong at {Error}.
module Exoref
  # As a timeout: the client's option `timeout`. (nil waits for ever, 0 does not wait.)
  DEFAULT = :default

  # What a swap's block gives to change nothing, and a delay's body to leave the computing to another process.
  DECLINE = Object.new
  DECLINE.define_singleton_method(:inspect) { "Exoref::DECLINE" }
  DECLINE.freeze
end

require "exoref/version"
require "exoref/low"
require "exoref/errors"
require "exoref/codec"
require "exoref/json_codec"
require "exoref/times"
require "exoref/options"
require "exoref/value"
require "exoref/elsewhere"
require "exoref/lane"
require "exoref/hub"
require "exoref/future"
require "exoref/client"
require "exoref/reference"
require "exoref/function_loop"
require "exoref/lane_run"
require "exoref/watch"
require "exoref/atom"
require "exoref/swap"
require "exoref/promise"
require "exoref/lease"
require "exoref/failure"
require "exoref/bodies"
require "exoref/delay"
require "exoref/info"
require "exoref/scan"
require "exoref/local"
