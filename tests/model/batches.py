#!/usr/bin/env python3
"""Batches (design.md, "A batch"; no script sends them yet): the swaps and resets of many threads of a client, computed one after the other and
committed together: one counter, versions v+1..v+k, ids (client, counter, i), one record (counter, first, last). Sent again byte for byte;
after a refusal built anew, under a new counter, from who still waits. A call whose function fails on what it is computed from
changes nothing, and is told so only once what it saw is known to have stood. With lost replies, late originals, cancelled calls, a
dropped record, and a lossy failover.

What must hold:
  a call told APPLIED at a version -> it made that version, and no other (or it was lost by the failover)
  told NOT_APPLIED -> it stands nowhere, now or later; told UNKNOWN -> at most once
  a swap stands right upon what it was computed from, on whatever history
  a call told "it failed on this value" -> that value stood at an instant of the call
  no identity (version, client, counter, i, sending) is made twice, also not on two branches
"""
from collections import namedtuple

import search
from search import Violation

# Entry: what made a version; `call` is whose it is. Batch: calls in the order in which they were computed; base: (version, entry).
Entry = namedtuple("Entry", "client counter i sending call")
Server = namedtuple("Server", "history records floor")
Batch = namedtuple("Batch", "client counter mode base calls")
Call = namedtuple("Call", "number kind begun")                       # begun: the version that stood then
Client = namedtuple("Client", "todo line batch sends counter known gone told")   # gone: calls of the batch that were cancelled
State = namedtuple("State", "server clients wires copy failed lost cancels")


def head(server):
    return len(server.history), server.history[-1] if server.history else None


def changes(calls):
    return [call for call in calls if call.kind != "fails"]


class Batches(search.World):
    """plan: each client's calls: swap, reset, fails. cancels: how many calls are cancelled."""

    def __init__(self, bug, plan, records=None, sends=2, failover=False, cancels=0):
        super().__init__(bug)
        self.plan = tuple(tuple(enumerate(client.split(","), 1)) for client in plan.split("/"))
        self.records, self.sends, self.failover, self.cancels = records, sends, failover, cancels

    def start(self):
        clients = tuple(Client(todo, (), None, 0, 0, (0, None), frozenset(), ()) for todo in self.plan)
        return State(Server((), (), 0), clients, frozenset(), None, False, frozenset(), 0)

    # The script to come: (server', answer, first version).

    def commit(self, server, batch, sending):
        record = dict(server.records).get(batch.client)
        if record and record[0] == batch.counter:
            return server, "applied, by its record", record[1]
        if record and record[0] > batch.counter:
            return server, "stale", 0
        version, entry = batch.base
        if not record and server.floor > version:
            return server, "too old", 0
        if batch.mode == "cas" and (head(server)[0], id_of(head(server)[1])) != (version, id_of(entry)):
            return server, "conflict", 0
        if batch.mode == "reset" and version and server.history[version - 1:version] != (entry,):
            return server, "conflict", 0
        first = len(server.history) + 1
        made = tuple(Entry(batch.client, batch.counter, i, sending, call.number) for i, call in enumerate(changes(batch.calls)))
        history = server.history + made
        records = dict(server.records)
        records[batch.client] = (batch.counter, len(history) if self.bug == "record-without-first" else first, len(history))
        floor = server.floor
        while self.records is not None and len(records) > self.records:
            oldest = min(records, key=lambda client: records[client][2])
            floor = max(floor, records.pop(oldest)[2])
        return Server(history, tuple(sorted(records.items())), floor), "applied", first

    # The client. A batch is the first few of the line; resets come first after a refusal.

    def batches(self, client, i, known):
        for size in range(1, len(client.line) + 1):
            calls = client.line[:size]
            if changes(calls):
                unconditional = calls[0].kind == "reset"
                if self.bug == "unconditional-by-any-reset":
                    unconditional = any(call.kind == "reset" for call in calls)
                again = self.bug == "one-counter" and client.counter and client.counter not in {batch for batch, _ in client.told}
                counter = client.counter if again else client.counter + 1
                yield Batch(i, counter, "reset" if unconditional else "cas", known, calls), client.line[size:]

    def successors(self, state):
        server, clients, wires = state.server, state.clients, state.wires
        for i, client in enumerate(clients):
            if client.todo:
                call = Call(*client.todo[0], len(server.history))
                yield ("calls:", i, call), with_client(state, i, client._replace(todo=client.todo[1:], line=client.line + (call,)))
            if client.batch is None and client.line:
                yield from self.goes_on(state, i, client)
            elif client.batch and client.sends < self.sends:
                yield from self.sends_again(state, i, client)
            if state.cancels < self.cancels:
                yield from self.cancelled(state, i, client)
        for wire in wires:
            yield from self.arrives(state, wire)
        if self.failover and not state.failed:
            if state.copy is None:
                yield "a replica lags from here on", state._replace(copy=server)
            elif state.copy.history != server.history:
                lost = frozenset((version, id_of(entry)) for version, entry in enumerate(server.history, 1) if version > len(state.copy.history))
                yield "it takes over", state._replace(server=state.copy, wires=frozenset(), failed=True, copy=None, lost=lost)

    def goes_on(self, state, i, client):
        for known in {head(state.server), client.known}:
            for batch, rest in self.batches(client, i, known):
                new = client._replace(line=rest, batch=batch, sends=1, counter=batch.counter, known=known, gone=frozenset())
                if self.bug == "fails-early":
                    new = self.tell_failed(new, batch, head(state.server)[0] + 1, state, foretold=True)
                yield ("sends:", batch), with_client(state, i, new)._replace(wires=state.wires | {(batch, 1)})
        if client.line[0].kind == "fails":                           # nothing below it: it reads
            version = client.known[0] if self.bug == "fails-upon-what-is-known" else len(state.server.history)
            told = self.saw(client.line[0], version, state)
            yield ("reads:", i, client.line[0]), with_client(state, i, client._replace(line=client.line[1:], known=head(state.server), told=client.told + (told,)))

    def sends_again(self, state, i, client):
        batch = client.batch
        if self.bug == "repeats-take-along":
            batch = batch._replace(calls=batch.calls + client.line)
        if self.bug == "repeats-leave-out":
            batch = batch._replace(calls=tuple(call for call in batch.calls if call.number not in client.gone))
        new = client._replace(batch=batch, sends=client.sends + 1, line=client.line[len(batch.calls) - len(client.batch.calls):]
                              if self.bug == "repeats-take-along" else client.line)
        if changes(batch.calls):
            yield ("sends again:", batch), with_client(state, i, new)._replace(wires=state.wires | {(batch, new.sends)})

    def cancelled(self, state, i, client):
        after = state._replace(cancels=state.cancels + 1)
        for call in client.line:
            rest = tuple(other for other in client.line if other != call)
            yield ("cancelled in the line:", i, call), with_client(after, i, client._replace(line=rest, told=client.told + ((0, (call.number, "NOT_APPLIED")),)))
        for call in client.batch.calls if client.batch else ():
            if call.number not in client.gone and call.kind != "fails":
                told = "NOT_APPLIED" if self.bug == "cancelled-is-not-applied" else "UNKNOWN"
                new = client._replace(gone=client.gone | {call.number}, told=client.told + ((0, (call.number, told)),))
                yield ("cancelled under way:", i, call), with_client(after, i, new)

    def arrives(self, state, wire):
        batch, sending = wire
        server, answer, first = self.commit(state.server, batch, sending)
        self.reached.add(answer)
        if answer == "applied":
            self.truth(state, server, batch)
        after = state._replace(server=server, wires=state.wires - {wire})
        if server is not state.server:
            yield ("executed, its reply lost:", *wire), after
        client = state.clients[batch.client]
        if client.batch and client.batch == batch and sending == client.sends:
            yield ("executed:", *wire, answer), with_client(after, batch.client, self.answered(after, client, batch, answer, first, sending == 1))

    def truth(self, state, server, batch):
        version, entry = batch.base
        if batch.calls and changes(batch.calls)[0].kind == "swap" and head(state.server) != batch.base:
            raise Violation(f"{batch} is committed upon {head(state.server)}")
        for number, made in enumerate(server.history[len(state.server.history):], len(state.server.history) + 1):
            if (number, id_of(made)) in state.lost:
                raise Violation(f"version {number}, {id_of(made)}, is made on two branches")

    def answered(self, state, client, batch, answer, first, only):
        known, waiting = head(state.server), [call for call in batch.calls if call.number not in client.gone]
        client = client._replace(batch=None, known=known, gone=frozenset())
        if answer.startswith("applied"):
            told = tuple((batch.counter, (call.number, first + i)) for i, call in enumerate(changes(batch.calls)) if call in waiting)
            client = client._replace(told=client.told + told)
            return client if self.bug == "fails-early" else self.tell_failed(client, batch, first, state)
        if answer == "conflict" or only:
            resets = [call for call in waiting if call.kind == "reset"]
            return client._replace(line=tuple(resets + [call for call in waiting if call.kind != "reset"]) + client.line)
        told = tuple((batch.counter, (call.number, "UNKNOWN")) for call in changes(waiting))
        return client._replace(told=client.told + told, line=tuple(call for call in waiting if call.kind == "fails") + client.line)

    def tell_failed(self, client, batch, first, state, foretold=False):
        """The calls that failed, told what they saw: the version below them."""
        version, told = first - 1, []
        for call in batch.calls:
            if call.kind == "fails":
                told.append(self.saw(call, version, state, foretold))
            else:
                version += 1
        return client._replace(told=client.told + tuple(told))

    def saw(self, call, version, state, foretold=False):
        self.reached.add("failed")
        if (foretold and version > len(state.server.history)) or (version < call.begun and not state.failed):
            raise Violation(f"{call} is told that it failed on version {version}; there are {len(state.server.history)}")
        return (0, (call.number, "FAILED"))

    def check(self, state):
        history = [(entry.client, entry.call) for entry in state.server.history]
        if len(set(history)) < len(history):
            raise Violation(f"something stands twice in {history}")
        for i, client in enumerate(state.clients):
            for _, (call, told) in client.told:
                stands = (i, call) in history
                right = history[told - 1:told] == [(i, call)] if isinstance(told, int) else not (stands and told in ("NOT_APPLIED", "FAILED"))
                if not right and not (state.failed and isinstance(told, int) and not stands):
                    raise Violation(f"client {i} call {call} was told {told}; there is {history}")


def id_of(entry):
    return entry and entry[:4]


def with_client(state, i, client):
    return state._replace(clients=state.clients[:i] + (client,) + state.clients[i + 1:])


def world(plan, **settings):
    return lambda bug: Batches(bug, plan, **settings)


MODEL = search.Model(
    plans={
        "two swaps, another": world("swap,swap/swap"),
        "a swap and a reset, another": world("swap,reset/swap"),
        "one that fails": world("swap,fails/swap"),
        "a dropped record": world("reset,swap/reset", records=1),
        "a cancelled call": world("swap,swap/swap", cancels=1),
        "a failover": world("swap/reset", failover=True),
        "a failover, one that fails": world("swap,swap,fails", failover=True),
    },
    more={
        "three calls": world("swap,reset,swap/swap"),
        "three calls, one fails, one is cancelled": world("swap,fails,swap/swap", cancels=1),
        "three calls, a failover": world("swap,reset/reset", failover=True),
        "three calls, a failover, a dropped record": world("swap,swap/reset", records=1, failover=True),
        "three clients": world("swap,swap/swap/reset", records=1, sends=1),
        "three clients, a dropped record": world("swap/swap/reset", records=1),
    },
    reach={"applied", "applied, by its record", "too old", "conflict", "stale", "failed"},
    bugs={
        "repeats-take-along": ("a repeat takes along who has come since", world("swap,swap")),
        "repeats-leave-out": ("a repeat leaves out who was cancelled", world("swap,swap", cancels=1)),
        "one-counter": ("it is built anew under the counter that was refused", world("swap/swap,swap", failover=True)),
        "record-without-first": ("the record keeps the last version alone", world("swap,swap")),
        "unconditional-by-any-reset": ("a batch is unconditional if it has a reset anywhere", world("swap,reset/swap")),
        "fails-early": ("a failure is told before what it saw is committed", world("swap,fails/swap")),
        "fails-upon-what-is-known": ("a failure is told of a value that was known before the call", world("fails/swap")),
        "cancelled-is-not-applied": ("a call that is cancelled under way is told as not applied", world("swap", cancels=1)),
    },
)

if __name__ == "__main__":
    search.main(MODEL)
