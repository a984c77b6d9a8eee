# frozen_string_literal: true

# As little of a fiber scheduler as Ruby 3.1 asks for: one thread, fibers that wait for times, descriptors, or each other.
class Scheduler
  # How often a fiber was put to wait by something that is not of Ruby's IO.
  attr_reader :blocks

  def initialize
    @readable = {}
    @writable = {}
    @waking = {}
    @ready = []
    @lock = Thread::Mutex.new
    @blocked = {}
    @urgent_reader, @urgent_writer = IO.pipe
    @blocks = 0
  end

  def run
    until @readable.empty? && @writable.empty? && @waking.empty? && @blocked.empty? && @ready.empty?
      select_once
      wake_late
      @lock.synchronize { @ready.slice!(0..) }.each { |fiber| fiber.transfer if fiber.alive? }
    end
  end

  def close = run

  # The loop runs on the fiber that schedules the first one.
  def fiber(&block)
    @loop ||= Fiber.current
    Fiber.new(blocking: false, &block).tap(&:transfer)
  end

  def block(_blocker, timeout = nil)
    @blocks += 1
    fiber = Fiber.current
    @blocked[fiber] = true
    @waking[fiber] = now + timeout if timeout
    yield_to_loop
    !@waking.delete(fiber).nil? || timeout.nil?
  ensure
    @blocked.delete(fiber)
  end

  def unblock(_blocker, fiber)
    @lock.synchronize { @ready << fiber }
    @urgent_writer.write_nonblock(".")
  end

  def kernel_sleep(duration = nil) = block(:sleep, duration)

  def io_wait(io, events, timeout)
    fiber = Fiber.current
    @readable[io] = fiber if (events & IO::READABLE) != 0
    @writable[io] = fiber if (events & IO::WRITABLE) != 0
    @waking[fiber] = now + timeout if timeout
    yield_to_loop
    events
  ensure
    @readable.delete(io)
    @writable.delete(io)
  end

  private

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  def yield_to_loop = @loop.transfer

  def select_once
    timeout = @lock.synchronize { @ready.empty? } ? @waking.values.min&.then { |time| [time - now, 0].max } : 0
    readable, writable = IO.select([@urgent_reader, *@readable.keys], @writable.keys, [], timeout)
    @urgent_reader.read_nonblock(1024, exception: false) if readable&.delete(@urgent_reader)
    readable&.each { |io| @readable.delete(io)&.transfer }
    writable&.each { |io| @writable.delete(io)&.transfer }
  end

  def wake_late
    late, = @waking.partition { |_, time| time <= now }
    late.each do |fiber, _|
      @waking.delete(fiber)
      fiber.transfer if fiber.alive?
    end
  end
end
