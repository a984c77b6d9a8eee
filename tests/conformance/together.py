#!/usr/bin/env python3
"""One process of each language at once on the same references.

together.py LANGUAGE=AGENT... [LANGUAGE=AGENT...]    each agent's program and arguments as one word, split at spaces

First the stories of this file, in which every language takes every part; then the conformance cases of several processes, each process
in another language, in an order drawn by the seed (--seed, EXOREF_SEED). The last line is "together: N passed, M failed".
"""
import argparse
import itertools
import os
import random
import signal
import sys

import cases
from agents import Agent, Fault
from play import NEVER, Session
from servers import Server

SECONDS = 30
LONG = SECONDS * 1000
LEASE_MS = 1000
SWAPS = 25


class Wrong(Exception):
    """It came out otherwise than it must."""


class Process:
    """An agent with a client; what it is asked must go well."""

    def __init__(self, language, command, server, prefix):
        self.language = language
        self.agent = Agent(command)
        self.do("client.open", client="main", url=server.url(), options={"prefix": prefix, "timeout": f"{SECONDS}s"})

    def begin(self, op, **fields):
        self.op = op
        self.agent.send(op, {"op": op, **fields})

    def end(self, seconds=SECONDS):
        answer = self.agent.answer(self.op, seconds)
        if answer is None:
            raise Wrong(f"{self.language}: no answer to {self.op} in {seconds} s")
        if "ok" not in answer:
            raise Wrong(f"{self.language}: {self.op}: {answer}")
        return answer["ok"]

    def do(self, op, **fields):
        self.begin(op, **fields)
        return self.end()

    def leave(self):
        if self.agent.exit(SECONDS) != 0:
            raise Wrong(f"{self.language}: did not end well")


def all_at_once(processes, op, **fields):
    for process in processes:
        process.begin(op, **fields)
    return [process.end() for process in processes]


def must_be_one(what, values):
    if len(set(values)) != 1:
        raise Wrong(f"{what} differ: {values}")
    return values[0]


def counting(processes):
    """All add one at the same time, again and again; nothing is lost, and the watches of all see the same changes."""
    all_at_once(processes, "atom.create", atom="n", key="n", value="0")
    all_at_once(processes, "atom.add_watch", atom="n", watch="w", log="log", does="record")
    for _ in range(SWAPS):
        all_at_once(processes, "atom.swap", atom="n", function="inc")
    total = SWAPS * len(processes)
    for value in [answer["value"] for answer in all_at_once(processes, "atom.deref", atom="n")]:
        if value != str(total):
            raise Wrong(f"{total} times one was added, and it is {value}")
    wanted = [(number + 1, str(number - 1), str(number), 0) for number in range(1, total + 1)]
    for process, answer in zip(processes, all_at_once(processes, "log.read", log="log", count=total, timeout=LONG)):
        seen = [(event["version"], event.get("old"), event.get("new"), event["missed"]) for event in answer["events"]]
        if seen != wanted:
            first = next((pair for pair in zip(seen, wanted) if pair[0] != pair[1]), (len(seen), len(wanted)))
            raise Wrong(f"{process.language}'s watch did not see what happened: {first[0]} instead of {first[1]}")


def delivering(processes):
    """Each delivers one promise to all others, who wait for it; whoever comes second gets what stands."""
    for giver in processes:
        key = f"from-{giver.language}"
        all_at_once(processes, "promise.open", promise=key, key=key)
        others = [process for process in processes if process is not giver]
        for process in others:
            process.begin("promise.deref", promise=key, timeout=-1)
        if not giver.do("promise.deliver", promise=key, value=giver.language)["delivered"]:
            raise Wrong(f"{giver.language} did not deliver first")
        got = [process.end()["value"] for process in others]
        if must_be_one("what they got", got) != giver.language:
            raise Wrong(f"{giver.language} delivered, and they got {got}")
        for answer in all_at_once(others, "promise.deliver", promise=key, value="late"):
            if answer["delivered"] or answer["value"] != giver.language:
                raise Wrong(f"a second delivery: {answer}")


def forcing(processes):
    """All force one delay at the same time: once only one has the body, each in turn, and once everybody has one."""
    for holders in [[process] for process in processes] + [processes]:
        key = "of-" + "-".join(holder.language for holder in holders)
        for process in processes:
            body = {"body": "give", "value": process.language} if process in holders else {}
            process.do("delay.open", delay=key, key=key, **body)
        got = must_be_one("the values", [answer["value"] for answer in all_at_once(processes, "delay.deref", delay=key)])
        calls = {holder.language: holder.do("body.calls", delay=key)["calls"] for holder in holders}
        if sum(calls.values()) != 1 or calls.get(got) != 1:
            raise Wrong(f"they got {got!r}, and the bodies were called {calls}")


def killing(processes, start, forget):
    """Who runs the body is killed in its midst, each in turn: another takes over, and all get one value."""
    for number, holder in enumerate(processes):
        key = f"killed-{holder.language}"
        options = {"lease": f"{LEASE_MS}ms"}
        holder.do("delay.open", delay=key, key=key, options=options, body="wait", value="never")
        holder.begin("delay.deref", delay=key, timeout=-1)
        witness = start(holder.language)  # a second process of that language: who is killed must not be missing among those who wait
        witness.do("delay.open", delay=key, key=key)
        while witness.do("client.inspect", key=key).get("attempt") != "1":
            NEVER.wait(0.01)
        others = [process for process in processes if process is not holder] + [witness]
        for process in others[:-1]:
            process.do("delay.open", delay=key, key=key, options=options, body="give", value=process.language)
        for process in others:
            process.begin("delay.deref", delay=key, timeout=-1)
        holder.agent.signal(signal.SIGKILL)
        got = must_be_one("the values", [process.end()["value"] for process in others])
        if got == "never":
            raise Wrong("they got the value of the one who was killed")
        forget(holder)
        processes[number] = witness


class Mixed(Session):
    """Conformance cases in which each process is of another language."""

    def __init__(self, server, commands, drawn):
        super().__init__(server, None)
        self.commands, self.drawn = commands, drawn
        self.by_process, self.spoken = {}, {}

    def play(self, case, flipped=None):
        names = case["processes"]
        languages = self.drawn.sample(sorted(self.commands), len(self.commands))
        self.by_process = {name: languages[i % len(languages)] for i, name in enumerate(names)}
        failure = super().play(case, flipped)
        return failure and f"{failure} (processes: {self.by_process})"

    def take(self, process):
        language = self.by_process[process]
        for agent in self.idle:
            if self.spoken[agent] == language:
                self.idle.remove(agent)
                return agent
        agent = Agent(self.commands[language])
        self.spoken[agent] = language
        return agent


def tell_stories(commands, server):
    """Yields (name, what went wrong or None)."""
    alive = []
    prefix = [""]

    def start(language):
        process = Process(language, commands[language], server, prefix[0])
        alive.append(process)
        return process

    for story in (counting, delivering, forcing, killing):
        prefix[0] = f"{story.__name__}:"
        what = None
        try:
            processes = [start(language) for language in commands]
            story(processes, *([start, alive.remove] if story is killing else []))
            for process in alive:
                process.leave()
        except (Wrong, Fault) as wrong:
            what = str(wrong)
        finally:
            for process in alive:
                process.agent.end()
            alive.clear()
        yield story.__name__, what


def play_cases(commands, server, seed):
    session = Mixed(server, commands, random.Random(seed))
    for case in cases.load():
        if len(case.get("processes", [])) > 1:
            yield case["name"], session.play(case)
    yield from (("the end", what) for what in session.close())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("agents", nargs="+", metavar="LANGUAGE=AGENT")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("EXOREF_SEED") or random.randrange(10**9)))
    args = parser.parse_args()
    commands = {language: agent.split(" ") for language, agent in (word.split("=", 1) for word in args.agents)}
    if len(commands) < 2:
        parser.error("at least two languages")
    print(f"together: {' '.join(commands)}, seed {args.seed}")
    server = Server()
    passed = failed = 0
    for name, what in itertools.chain(tell_stories(commands, server), play_cases(commands, server, args.seed)):
        if what:
            failed += 1
            print(f"FAIL {name}: {what}", flush=True)
        else:
            passed += 1
    print(f"together: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
