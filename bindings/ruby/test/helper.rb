# frozen_string_literal: true

require "minitest/autorun"
require "open3"
require "rbconfig"
require "socket"
require "timeout"
require "tmpdir"
require "exoref"

# A redis-server of this test process, on a socket in a folder of its own.
module TestServer
  def self.url = "redis+unix://#{path}"
  def self.path = (@path ||= start.first)

  # One more, for a test that stops it: its URL and process.
  def self.another
    path, pid = start
    ["redis+unix://#{path}", pid]
  end

  def self.disconnect_all
    UNIXSocket.open(path) { |socket| socket.write("CLIENT KILL TYPE normal\r\n") && socket.gets }
  end

  def self.start
    folder = Dir.mktmpdir("exoref-ruby.")
    path = File.join(folder, "redis.sock")
    pid = spawn("redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--dir", folder, "--logfile", File.join(folder, "log"))
    parent = Process.pid
    Minitest.after_run { stop(pid, folder) if Process.pid == parent }
    wait_for(path)
    [path, pid]
  end

  def self.stop(pid, folder)
    Process.kill(:CONT, pid)
    Process.kill(:TERM, pid)
    Process.wait(pid)
    FileUtils.rm_rf(folder)
  end

  # Until it answers: each try is a connection, and the server's own start is all that there is to wait for.
  def self.wait_for(path)
    Timeout.timeout(30) do
      UNIXSocket.open(path) { |socket| socket.write("PING\r\n") && socket.gets }
    rescue SystemCallError
      Thread.pass
      retry
    end
  end
end

class ExorefTest < Minitest::Test
  LIB = File.expand_path("../lib", __dir__)
  BUILT = $LOAD_PATH.find { |folder| File.exist?(File.join(folder, "exoref/exoref_low.so")) }

  def setup = @clients = []

  def teardown
    @clients.each { |client| client.close(timeout: 10) }
  end

  def open_client(**options)
    client = Exoref::Client.open(TestServer.url, prefix: "#{self.class}.#{name}:", **options)
    @clients << client
    client
  end

  def client = @client ||= open_client

  # What the block gives while the server stands still.
  def while_stopped(server)
    Process.kill(:STOP, server)
    yield
  ensure
    Process.kill(:CONT, server)
  end

  # What came into the queue; fails if nothing comes.
  def take(queue, seconds = 10) = Timeout.timeout(seconds) { queue.pop }

  # Until the block is true: asks again and again.
  def eventually(seconds = 10)
    Timeout.timeout(seconds) { Thread.pass until yield }
  end

  # A thread that has got so far that it waits in the call of the block.
  def waiting_thread(&block)
    thread = Thread.new(&block)
    thread.report_on_exception = false
    eventually { thread.status == "sleep" || !thread.alive? }
    thread
  end

  def ruby_command(*arguments) = [RbConfig.ruby, "-W", "-I#{LIB}", "-I#{BUILT}", *arguments]

  # Runs a program of its own; its output and status.
  def run_ruby(source, *arguments)
    Open3.capture2e(*ruby_command("--disable-gems", "-e", source, TestServer.url, *arguments))
  end
end
