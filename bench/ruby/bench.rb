# frozen_string_literal: true

# What Ruby adds to the C call, and what redis-rb needs for the same. A few seconds; the best of five rounds each. What is answered from
# memory is measured in the thread's own time, the rest by the clock on the wall.
#
#   EXOREF_PREFIX=... bindings/ruby/run build
#   EXOREF_PREFIX=... ruby -Ibuild/bindings/ruby/lib -Ibindings/ruby/lib bench/ruby/bench.rb
require "exoref"
require "fileutils"
require "shellwords"
require "socket"
require "tmpdir"

VALUE = "sixteen bytes: a"
ROUNDS = 5

def loop_of(count, clock)
  started = Process.clock_gettime(clock, :nanosecond)
  i = 0
  while i < count
    yield
    i += 1
  end
  (Process.clock_gettime(clock, :nanosecond) - started).fdiv(count)
end

# Nanoseconds of one call, without the loop around it.
def measure(count, clock = Process::CLOCK_MONOTONIC, &call)
  empty = Array.new(ROUNDS) { loop_of(count, clock) { nil } }.min
  Array.new(ROUNDS) { loop_of(count, clock, &call) }.min - empty
end

def with_server
  Dir.mktmpdir("exoref-bench.") do |folder|
    socket = "#{folder}/redis.sock"
    pid = spawn("redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder, "--logfile", "#{folder}/log")
    begin
      begin
        UNIXSocket.open(socket, &:close)
      rescue SystemCallError
        Thread.pass
        retry
      end
      yield socket, folder
    ensure
      Process.kill(:TERM, pid)
      Process.wait(pid)
    end
  end
end

def c_calls(url, folder)
  program = "#{folder}/c_calls"
  lib = "#{ENV.fetch('EXOREF_PREFIX')}/lib"
  flags = `PKG_CONFIG_PATH=#{lib}/pkgconfig pkg-config --cflags --libs exoref`.shellsplit
  source = File.expand_path("../../bindings/ruby/bench/c_calls.c", __dir__)
  system("cc", "-O2", "-o", program, source, *flags, "-Wl,-rpath,#{lib}", exception: true)
  `#{[program, url].shelljoin}`.lines.to_h { |line| line.split.then { |name, ns| [name, ns.to_f] } }
end

def ruby_calls(url)
  Exoref::Client.open(url, codec: :bytes) do |client|
    promise = Exoref::Promise.open(client, "r:p")
    promise.deliver(VALUE)
    atom = Exoref::Atom.create(client, "r:a", VALUE)
    { "promise_deref" => measure(100_000, Process::CLOCK_THREAD_CPUTIME_ID) { promise.deref },
      "swap" => measure(2000) { atom.swap { VALUE } }, "atom_deref" => measure(2000) { atom.deref } }
  end
end

# What one would write with redis-rb instead: optimistic locking by WATCH, or a script.
def redis_calls(socket)
  require "redis"
  redis = Redis.new(path: socket)
  redis.set("w", VALUE)
  script = redis.script(:load, "redis.call('SET', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[1])")
  optimistic = -> { redis.watch("w") { redis.get("w") && redis.multi { |multi| multi.set("w", VALUE) } } }
  { "WATCH, GET, MULTI, SET, EXEC" => measure(1000, &optimistic),
    "EVALSHA" => measure(1000) { redis.evalsha(script, ["w"], [VALUE]) }, "GET" => measure(1000) { redis.get("w") } }
rescue LoadError
  puts "redis-rb is not there: apt install ruby-redis"
  {}
end

def row(what, ruby, against, name)
  puts format("%-34<what>s %10<ruby>.0f ns   %10<against>.0f ns   x %<ratio>.2f   + %<more>.0f ns   (%<name>s)",
              what: what, ruby: ruby, against: against, ratio: ruby / against, more: ruby - against, name: name)
end

with_server do |socket, folder|
  url = "redis+unix://#{socket}"
  c = c_calls(url, folder)
  ruby = ruby_calls(url)
  redis = redis_calls(socket)
  row("deref of a realized promise", ruby["promise_deref"], c["promise_deref"], "C")
  row("swap", ruby["swap"], c["swap"], "C, blocking form")
  row("swap", ruby["swap"], c["swap_by_futures"], "C, by futures: waits can be interrupted")
  row("deref of an atom", ruby["atom_deref"], c["atom_deref"], "C")
  redis.each do |name, ns|
    what, ours = name == "GET" ? ["deref of an atom", "atom_deref"] : %w[swap swap]
    row(what, ruby[ours], ns, "redis-rb: #{name}")
  end
end
