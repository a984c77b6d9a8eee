"""Plays cases: sends their steps to the agents of their processes, and has what comes back judged."""
import signal
import threading
import time

import judge
import schema
import values
from agents import Agent, Fault

STEP_SECONDS = 30
EVENTUALLY_SECONDS = 15
FLIPPED_SECONDS = 0.2
NEVER = threading.Event()


class Failure(Exception):
    def __init__(self, number, step, what):
        super().__init__(f"step {number} ({step.get('op')}): {what}")
        self.number = number


class Session:
    """A server, and agents that are used again from case to case."""

    def __init__(self, server, command, factor=1, write=None):
        self.server, self.command, self.factor = server, command, factor
        self.write = {"write": write} if write else {}
        self.idle = []
        self.prefixes = 0

    def take(self, process):
        """An agent for the process of that name; here all are of one language."""
        return self.idle.pop() if self.idle else Agent(self.command, **self.write)

    def give_back(self, agent):
        if agent.reusable and agent.busy is None:
            try:
                if "ok" in agent.ask({"op": "case.end"}, STEP_SECONDS * self.factor):
                    self.idle.append(agent)
                    return
            except Fault:
                pass
        agent.end()

    def play(self, case, flipped=None):
        """None, or the Failure. `flipped`: the number of a step whose expectation was made wrong on purpose."""
        self.prefixes += 1
        if self.server:  # a case that failed may have left others
            self.server.command("ACL", "SETUSER", "default", "allkeys", "allchannels", "allcommands")
        play = _Play(self, case, f"case{self.prefixes}:", flipped)
        try:
            play.run()
        except Failure as failure:
            for agent in play.agents.values():
                agent.reusable = flipped is not None and agent.reusable
            return failure
        finally:
            for agent in play.agents.values():
                self.give_back(agent)
        return None

    def close(self):
        """What went wrong when the agents ended, in words (a sanitizer's complaint at exit counts)."""
        codes = [agent.exit(STEP_SECONDS * self.factor) for agent in self.idle]
        for agent in self.idle:
            agent.end()
        if self.server:
            self.server.close()
        return [f"an agent ended with {code}" for code in codes if code != 0]


class _Play:
    def __init__(self, session, case, prefix, flipped):
        self.session, self.case, self.prefix, self.flipped = session, case, prefix, flipped
        self.processes = case.get("processes", ["a"])
        self.agents = {}
        self.started = {}  # by the step's name: the process that plays it

    def run(self):
        for number, step in enumerate(self.case["steps"], 1):
            try:
                what = self._run_step(number, step)
            except Fault as fault:
                what = str(fault)
            if what:
                raise Failure(number, step, what)

    def _run_step(self, number, step):
        seconds = FLIPPED_SECONDS if self.flipped == number else EVENTUALLY_SECONDS * self.session.factor
        deadline = time.monotonic() + seconds
        while True:
            what = self._play_once(step)
            if not what or not step.get("eventually") or time.monotonic() > deadline:
                return what
            NEVER.wait(0.01)

    def _play_once(self, step):
        if schema.STEPS[step["op"]].by_driver:
            return getattr(self, "_" + step["op"].replace(".", "_"))(step)
        process = step.get("in", self.processes[0])
        agent = self._agent(process)
        if "start" in step:
            self.started[step["start"]] = process
            agent.send(step["start"], self._message(step))
            return None
        return judge.difference(step, agent.ask(self._message(step), self._seconds()))

    def _seconds(self):
        return STEP_SECONDS * self.session.factor

    def _agent(self, process):
        if process not in self.agents:
            agent = self.agents[process] = self.session.take(process)
            if self.session.server:
                what = judge.difference({}, agent.ask(self._open("main", {}), self._seconds()))
                if what:
                    raise Fault(f"no client: {what}")
        return self.agents[process]

    def _open(self, client, options):
        merged = {"timeout": f"{20 * self.session.factor}s", **self.case.get("client", {}), **options, "prefix": self.prefix}
        return {"op": "client.open", "client": client, "url": self.session.server.url(), "options": merged}

    def _message(self, step):
        if step["op"] == "client.open":
            return self._open(step["client"], step.get("options", {}))
        message = {"op": step["op"]}
        for name, value in step.items():
            if name in schema.BYTES:
                message[name] = values.to_wire(values.from_case(value))
            elif name == "timeout":
                message[name] = -1 if value == "none" else value
            elif name not in schema.COMMON:
                message[name] = value
        if step["op"] in ("client.logged", "log.read", "body.began", "body.lost", "lease.lost"):  # they wait for something that must come
            message["timeout"] = int(EVENTUALLY_SECONDS * self.session.factor * 1000)
        return message

    def _await(self, step):
        agent = self.agents[self.started[step["step"]]]
        answer = agent.answer(step["step"], self._seconds())
        return judge.difference(step, answer) if answer else f"no answer in {self._seconds()} s"

    def _pending(self, step):
        agent = self.agents[self.started[step["step"]]]
        answer = agent.answer(step["step"], 0)
        return answer and f"has ended already: {values.shown(answer)}"

    def _process_kill(self, step):
        self._agent(step["process"]).signal(signal.SIGKILL)

    def _process_suspend(self, step):
        self._agent(step["process"]).signal(signal.SIGSTOP)

    def _process_resume(self, step):
        self._agent(step["process"]).signal(signal.SIGCONT)

    def _process_exit(self, step):
        code = self._agent(step["process"]).exit(self._seconds())
        return None if code == 0 else f"the agent ended with {code}"

    def _server_cut(self, step):
        self.session.server.command("CLIENT", "KILL", "TYPE", step["connections"], "SKIPME", "yes")

    def _server_command(self, step):
        words = [self.prefix + word["key"] if isinstance(word, dict) else word for word in step["command"]]
        try:
            reply = self.session.server.command(*words)
        except RuntimeError as error:
            return str(error)
        return judge.difference(step, {"ok": {"reply": values.to_wire(reply) if isinstance(reply, bytes) else reply}})
