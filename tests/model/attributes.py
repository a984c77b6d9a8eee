#!/usr/bin/env python3
"""Metadata and time to live (src/store/scripts/meta.lua, expire.lua, include/attribute.lua; src/refs/metadata.cpp, admin.cpp): a content
and the id of its last write, changed by compare-and-set on that id; no ring, no record. Calls that set take the id that a refusal
tells and go on under a new counter; calls that alter tell the refusal. With lost replies, late originals, a key that is deleted and
made anew, and a lossy failover. In a second world time passes, and changes of the value renew the life.

What must hold:
  told APPLIED      -> its content stood at some instant, once (or lost by the failover)
  told NOT_APPLIED  -> it never stood, and never will
  told UNKNOWN      -> at most once; and never while its own write stands there
  a write replaces exactly the content that it rests on: no late original overwrites what came after its repeat
  a reference ends exactly its time to live after its last change or the last write of the time to live, whichever was later; a
  repeat, or an original after its repeat, is no change
"""
from collections import namedtuple

import search
from search import Violation

# op: the id of the last write: (client, counter, sending), None: never written. written: calls on this timeline, (client, call).
Content = namedtuple("Content", "epoch op")
Op = namedtuple("Op", "client call counter kind epoch base")
Client = namedtuple("Client", "todo op sends counter told looked_again")
State = namedtuple("State", "there clients wires written copy failed remade")


class Metadata(search.World):
    """plan: each client's calls: set, alter. remakes: how often somebody deletes the key and makes it anew."""

    def __init__(self, bug, plan, sends=2, failover=False, remakes=0):
        super().__init__(bug)
        self.plan = tuple(tuple(client.split(",")) for client in plan.split("/"))
        self.sends, self.failover, self.remakes = sends, failover, remakes

    def start(self):
        clients = tuple(Client(todo, None, 0, 0, (), False) for todo in self.plan)
        return State(Content(0, None), clients, frozenset(), (), None, False, 0)

    def write(self, there, op, sending):
        """meta.lua: (content', answer)."""
        if there.epoch != op.epoch and self.bug != "epoch-left-out":
            return there, "gone"
        own = (op.client,) if self.bug == "session-alone" else (op.client, op.counter)
        if there.op and there.op[:len(own)] == own and self.bug != "own-id-unknown":
            return there, "applied, by its id"
        if there.op != op.base and self.bug != "unconditional":
            return there, "conflict"
        return Content(there.epoch, (op.client, op.counter, sending)), "applied"

    def successors(self, state):
        for i, client in enumerate(state.clients):
            if client.op is None and client.todo:
                # Set begins with no base at all, alter with what it has read.
                base = None if client.todo[0] == "set" else state.there.op
                yield from self.sent(state, i, client._replace(todo=client.todo[1:], looked_again=False), client.todo[0],
                                     len(client.told) + 1, state.there.epoch, base, "begins:")
            if client.op and client.sends < self.sends:
                again = client._replace(sends=client.sends + 1)
                yield ("sends again:", client.op), with_client(state, i, again, state.wires | {(client.op, again.sends)})
            if client.op and client.todo:
                yield ("gives up:", client.op), told(state, i, client, "UNKNOWN")
        for wire in state.wires:
            yield from self.arrives(state, wire)
        if state.remade < self.remakes:
            yield "deleted and made anew", state._replace(there=Content(state.there.epoch + 1, None), remade=state.remade + 1)
        if self.failover and not state.failed:
            if state.copy is None:
                yield "a replica lags from here on", state._replace(copy=(state.there, state.written))
            elif state.copy[0] != state.there:
                there, written = state.copy
                yield "it takes over", state._replace(there=there, written=written, wires=frozenset(), failed=True)

    @staticmethod
    def sent(state, i, client, kind, call, epoch, base, what):
        op = Op(i, call, client.counter + 1, kind, epoch, base)
        new = client._replace(op=op, sends=1, counter=client.counter + 1)
        yield (what, op), with_client(state, i, new, state.wires | {(op, 1)})

    def arrives(self, state, wire):
        op, sending = wire
        there, answer = self.write(state.there, op, sending)
        self.reached.add(answer)
        written = state.written + ((op.client, op.call),) if answer == "applied" else state.written
        if answer == "applied" and there.epoch == op.epoch and state.there.op != op.base and self.bug != "unconditional":
            raise Violation(f"{op} overwrites {state.there}")
        after = state._replace(there=there, written=tuple(sorted(written)), wires=state.wires - {wire})
        if answer == "applied":
            yield ("executed, its reply lost:", *wire), after
        client = state.clients[op.client]
        if client.op == op and sending == client.sends:
            yield from self.answered(after, client, op, answer, sending == 1)

    def answered(self, state, client, op, answer, only):
        """WriteMeta::answered()."""
        if answer.startswith("applied"):
            yield ("answered:", op, answer), told(state, op.client, client, "APPLIED")
        elif not only and self.bug != "refusal-is-final":
            if state.there.op and state.there.op[:2] == (op.client, op.counter) and state.there.epoch == op.epoch:
                raise Violation(f"{op} is told UNKNOWN, and stands there")
            yield ("answered:", op, answer), told(state, op.client, client, "UNKNOWN")
        elif op.kind == "set" and answer == "conflict":
            yield from self.sent(state, op.client, client, "set", op.call, op.epoch, state.there.op, "refused, takes what it is told:")
        elif op.kind == "set" and not client.looked_again:
            yield from self.sent(state, op.client, client._replace(looked_again=True), "set", op.call, state.there.epoch, op.base,
                                 "refused, looks again:")
        else:
            yield ("answered:", op, answer), told(state, op.client, client, "NOT_APPLIED")

    def check(self, state):
        if len(set(state.written)) < len(state.written):
            raise Violation(f"something was written twice: {state.written}")
        for i, client in enumerate(state.clients):
            for call, what in enumerate(client.told, 1):
                stood = (i, call) in state.written
                if (what == "NOT_APPLIED" and stood) or (what == "APPLIED" and not stood and not state.failed):
                    raise Violation(f"client {i} call {call} was told {what}, stood {int(stood)} times")


def with_client(state, i, client, wires):
    return state._replace(clients=state.clients[:i] + (client,) + state.clients[i + 1:], wires=wires)


def told(state, i, client, what):
    return with_client(state, i, client._replace(op=None, told=client.told + (what,)), state.wires)


# A reference with a life. ttl: 0 for ever; ttl_op: of its last write; ends_in: what Redis would say, None for never; head: the change
# that made the value; record: the last change of the client's session, 0 for none. since: what is true: ticks since the last change.
Living = namedtuple("Living", "ttl ttl_op ends_in head record since")
Aging = namedtuple("Aging", "there wires todo ticks")


class TimeToLive(search.World):
    """plan: what happens to the value and its life, in this order; each is sent twice, and executed whenever it arrives, if
    it does: "commit", or a time to live in ticks ("0": for ever)."""

    def __init__(self, bug, plan, ticks=5):
        super().__init__(bug)
        self.plan, self.ticks = tuple(enumerate(plan.split(","), 1)), ticks

    def start(self):
        return Aging(Living(2, "create", 2, "create", 0, 0), frozenset(), self.plan, self.ticks)

    def commit(self, there, op, base):
        """commit.lua, of a client that has its record as soon as it has committed once."""
        renewed = there._replace(ends_in=there.ttl or None)
        changed = there._replace(head=op, record=op, since=0)
        if there.record and there.head == base and (there.ttl == 0 or self.bug == "shortest-way-with-ttl"):
            self.reached.add("shortest way")
            return changed
        if there.record == op:
            self.reached.add("by its record")
            return renewed if self.bug == "repeats-renew" else there
        if there.record > op or there.head != base:
            return there
        if there.ttl and self.bug != "changes-do-not-renew":
            changed = changed._replace(ends_in=there.ttl)
        return changed

    def expire(self, there, op, base, ttl):
        """expire.lua."""
        if there.ttl_op == op:
            self.reached.add("by its id")
            return there._replace(ends_in=there.ttl or None) if self.bug == "repeats-renew" else there
        if there.ttl_op != base:
            return there
        ends_in = ttl or (there.ends_in if self.bug == "no-persist" else None)
        return Living(ttl, op, ends_in, there.head, there.record, 0)

    def successors(self, state):
        there, wires, todo, ticks = state
        if todo and there:
            op, what = todo[0]
            base = there.head if what == "commit" else there.ttl_op
            yield ("sent twice:", what), state._replace(todo=todo[1:], wires=wires | {(op, what, base, 2)})
        for wire in wires if there else ():
            op, what, base, left = wire
            after = self.commit(there, op, base) if what == "commit" else self.expire(there, op, base, int(what))
            rest = wires - {wire} | ({(op, what, base, left - 1)} if left > 1 else set())
            yield ("executed:", what, op, "upon", base), state._replace(there=after, wires=rest)
        if ticks and there:
            after = there._replace(since=there.since + 1, ends_in=there.ends_in and there.ends_in - 1)
            if after.ends_in == 0:
                self.reached.add("the end")
                if after.since != after.ttl:
                    raise Violation(f"{there} ends {after.since} ticks after its last change")
                after = None
            yield "time passes", state._replace(there=after, ticks=ticks - 1)

    def check(self, state):
        there = state.there
        if there and there.ends_in != (there.ttl - there.since if there.ttl else None):
            raise Violation(f"{there} changed {there.since} ticks ago and ends in {there.ends_in}")


def meta(plan, **settings):
    return lambda bug: Metadata(bug, plan, **settings)


def ttl(plan, **settings):
    return lambda bug: TimeToLive(bug, plan, **settings)


MODEL = search.Model(
    plans={
        "metadata, two clients": meta("set,set/set,alter"),
        "metadata, three clients": meta("set/alter/set"),
        "metadata, a failover": meta("set,alter/set", failover=True),
        "metadata, a key made anew": meta("set,set/set", remakes=1),
        "metadata, a key made anew and a failover": meta("set/alter", remakes=1, failover=True),
        "time to live, commits": ttl("commit,commit,commit"),
        "time to live, changed and ended": ttl("commit,3,0,commit,commit"),
    },
    more={
        "metadata, two calls each, a failover": meta("set,alter/set,set", failover=True),
        "metadata, three clients, a key made anew": meta("set/alter/set", remakes=2),
        "metadata, three sendings": meta("set,set/set", sends=3),
        "time to live, everything": ttl("commit,3,commit,0,commit", ticks=6),
    },
    reach={"applied", "applied, by its id", "conflict", "gone", "shortest way", "by its record", "by its id", "the end"},
    bugs={
        "unconditional": ("set does not compare: a late original overwrites what came after its repeat", meta("set/set")),
        "refusal-is-final": ("a refusal is told as not applied though it was sent twice", meta("set/alter")),
        "own-id-unknown": ("a repeat does not know its own id", meta("set")),
        "session-alone": ("the id is compared without its counter", meta("set,set")),
        "epoch-left-out": ("the epoch is not compared", meta("set", remakes=1)),
        "shortest-way-with-ttl": ("the shortest way does not look whether there is a time to live", ttl("commit,commit")),
        "repeats-renew": ("a repeat that was applied before renews the life", ttl("commit")),
        "changes-do-not-renew": ("a change leaves the life as it was", ttl("commit")),
        "no-persist": ("ending the time to live leaves the end that was set", ttl("0")),
    },
)

if __name__ == "__main__":
    search.main(MODEL)
