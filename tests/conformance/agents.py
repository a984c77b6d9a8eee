"""An agent: the program that plays steps in one language. One step a line goes in, one answer a line comes out (docs/conformance.md)."""
import json
import selectors
import signal
import subprocess
import time

from servers import end_with_parent


class Fault(Exception):
    """The agent could not play a step, or is gone."""


def to_json(message):
    return json.dumps(message)


def to_edn(message):
    """The same for Clojure's reader: no colons, no commas needed, and there are no nulls."""
    return json.dumps(message, separators=(" ", " "))


class Agent:
    def __init__(self, command, write=to_json):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=end_with_parent)
        self.write = write
        self.buffer = b""
        self.busy = None  # the name of the step that it was sent and has not answered
        self.answers = {}
        self.reusable = True
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)

    def send(self, name, message):
        if self.busy is not None:
            raise Fault(f"step {name} while {self.busy} goes on: a process plays one step at a time")
        self.busy = name
        try:
            self.process.stdin.write(self.write(message).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Fault(f"the agent ended with {self.process.wait()}") from None

    def answer(self, name, seconds):
        """The answer to that step; None if it has not come in this time."""
        deadline = time.monotonic() + seconds
        while name not in self.answers:
            if b"\n" in self.buffer:
                line, self.buffer = self.buffer.split(b"\n", 1)
                self.answers[self.busy], self.busy = json.loads(line), None
                continue
            if not self.selector.select(max(0, deadline - time.monotonic())):
                return None
            chunk = self.process.stdout.read1(65536)
            if not chunk:
                raise Fault(f"the agent ended with {self.process.wait()}")
            self.buffer += chunk
        return self.answers.pop(name)

    def ask(self, message, seconds):
        self.send("", message)
        answer = self.answer("", seconds)
        if answer is None:
            raise Fault(f"no answer to {message['op']} in {seconds} s")
        return answer

    def signal(self, number):
        self.reusable = False
        self.process.send_signal(number)
        if number == signal.SIGKILL:
            self.process.wait()

    def exit(self, seconds):
        """Ends it in good order; what it ended with."""
        self.reusable = False
        self.process.stdin.close()
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.end()
            return None

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.selector.close()
        self.process.stdout.close()
