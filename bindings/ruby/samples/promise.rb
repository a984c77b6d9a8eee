# frozen_string_literal: true

# A promise: a value that comes once, from whoever delivers it first, and is waited for anywhere.
#
#   ruby promise.rb [URL]
require "exoref"

# All open it alike; whoever comes first makes it. It lives for an hour after the delivery.
def open_result(client) = Exoref::Promise.open(client, "sample:result", ttl: 3600)

Exoref::Client.open(ARGV[0]) do |client|
  client.delete("sample:result") # for running this again
  result = open_result(client)

  begin
    result.deref(timeout: 0.05)
  rescue Exoref::TimeoutError
    puts "nothing yet"
  end

  # A wait costs no thread in this form.
  later = result.deref_async.on_done { |future| puts "told: #{future.get['sum']}" }

  worker = Thread.new do
    Exoref::Client.open(ARGV[0]) do |elsewhere|
      open_result(elsewhere).deliver({ "sum" => (1..100).sum })
    end
  end

  puts "waited: #{result.deref(timeout: 10)['sum']}"
  worker.join
  later.get

  # A second delivery is no error: the answer is what stands.
  result.deliver({ "sum" => 0 }) do |delivered, standing|
    puts delivered ? "mine counts" : "it is #{standing['sum']} already"
  end
end
