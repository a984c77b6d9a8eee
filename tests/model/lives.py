#!/usr/bin/env python3
"""The lives of a key (src/store/scripts/create.lua, delete.lua, and what commit.lua answers when the life that it means is over;
src/refs/opening.cpp, admin.cpp, commit.cpp): creating, deleting and changing by up to three clients, with lost replies, late
originals, a key that is evicted, and a lossy failover that brings a deleted life back.

Creating and deleting are idempotent, not exactly-once. What may be promised:
  no epoch is ever made twice, whatever happens to servers
  create changes nothing that is there
  told CREATED  -> the life that it is shown was made by a sending of its own
  told EXISTS   -> the life that it is shown was made by somebody else
  delete removes the life that it read, and no other
  told DELETED  -> the life that it read is over, for good (unless a failover brings it back)
  told ABSENT   -> nothing was there at an instant of the call
  a change told APPLIED -> in one life, exactly once (or lost); NOT_APPLIED -> never; UNKNOWN -> at most once; also when that life
  is over and another has come, and upon nothing but the life that it was meant for: only create creates
What is not promised (and is reached here): a create that was told may be followed by its own late original, which makes a new life
where somebody has deleted the first.
"""
from collections import namedtuple

import search
from search import Violation

# Life: its epoch, its history of (client, counter, sending), the completion records {client: counter}. Key: a life, or None.
Life = namedtuple("Life", "epoch history records")
# base: of a change (epoch, version, what made it); of a delete the epoch; None for a create.
Op = namedtuple("Op", "client counter kind base")
Client = namedtuple("Client", "todo op sends known told")
# What no server knows: `epochs` that were ever made; `done`: changes applied on this timeline; `over`: epochs that ended on it.
State = namedtuple("State", "life clients wires epochs done over copy failed evicted")


def identity(life):
    return life and (life.epoch, len(life.history), life.history[-1])


class Lives(search.World):
    """plan: each client's operations: create, delete, reset, cas. evictions: how often the key is taken away. there: versions of
    the life to begin with, 0 for none."""

    def __init__(self, bug, plan, sends=2, failover=False, evictions=0, there=1):
        super().__init__(bug)
        self.plan = tuple(tuple(client.split(",")) for client in plan.split("/"))
        self.sends, self.failover, self.evictions, self.there = sends, failover, evictions, there

    def start(self):
        first = Life("first", (("first",),) * self.there, ()) if self.there else None
        clients = tuple(Client(todo, None, 0, identity(first), ()) for todo in self.plan)
        return State(first, clients, frozenset(), frozenset(["first"]), (), frozenset(), None, False, 0)

    # The scripts: (life', answer, what is told of it).

    def epoch_of(self, op, sending):
        return (op.client, op.counter) if self.bug == "epoch-per-operation" else (op.client, op.counter, sending)

    def create(self, life, op, sending):
        epoch = self.epoch_of(op, sending)
        if life:
            oldest = sending if self.bug == "repeats-forget" else 1
            own = {self.epoch_of(op, earlier) for earlier in range(oldest, sending + 1)}
            if life.epoch in own and self.bug != "own-epoch-unknown":
                return life, "created, by its epoch"
            if self.bug != "create-overwrites":
                return life, "exists"
        return Life(epoch, ((op.client, op.counter, sending),), ()), "created"

    def delete(self, life, op):
        if not life or (life.epoch != op.base and self.bug != "delete-anything"):
            return life, "gone"
        return None, "deleted"

    def change(self, life, op, sending):
        entry = (op.client, op.counter, sending)
        if self.bug == "commit-creates" and not life:
            life = Life(op.base[0], ((),), ())
        if not life:
            return life, "gone"
        counter = dict(life.records).get(op.client)
        same_head = life.history[-1] == op.base[2]
        if self.bug == "shortest-by-number":
            same_head = len(life.history) == op.base[1]
        if counter is not None and same_head:                        # the shortest way: the epoch is not looked at
            self.reached.add("shortest way")
            return self.changed(life, op, entry), "applied"
        if life.epoch != op.base[0] and self.bug != "commit-without-epoch":
            return life, "gone"
        if counter == op.counter:
            return life, "applied, by its record"
        if counter is not None and counter > op.counter:
            return life, "stale"
        if not same_head and (op.kind == "cas" or life.history[op.base[1] - 1:op.base[1]] != (op.base[2],)):
            return life, "conflict"                                  # unconditional: the base is not on this history
        return self.changed(life, op, entry), "applied"

    @staticmethod
    def changed(life, op, entry):
        records = dict(life.records)
        records[op.client] = op.counter
        return life._replace(history=life.history + (entry,), records=tuple(sorted(records.items())))

    def execute(self, state, op, sending):
        """(state', answer)."""
        life = state.life
        if op.kind == "create":
            after, answer = self.create(life, op, sending)
            if answer == "created":
                if life:
                    raise Violation(f"{op} overwrites {life}")
                if after.epoch in state.epochs:
                    raise Violation(f"epoch {after.epoch} is made twice")
                if any(done[:2] == (op.client, op.counter) for done in state.epochs if done != "first"):
                    self.reached.add("a second life by one create")
                return state._replace(life=after, epochs=state.epochs | {after.epoch}), answer
            return state, answer
        if op.kind == "delete":
            after, answer = self.delete(life, op)
            if answer == "deleted":
                if life.epoch != op.base:
                    raise Violation(f"{op} removes {life}")
                return state._replace(life=None, over=state.over | {life.epoch}), answer
            return state, answer
        after, answer = self.change(life, op, sending)
        if after is not life:
            if not life or life.epoch != op.base[0] or (op.kind == "cas" and life.history[-1] != op.base[2]):
                if self.bug not in ("commit-without-epoch", "commit-creates"):
                    raise Violation(f"{op} is committed upon {life}")
            return state._replace(life=after, done=tuple(sorted(state.done + ((op.client, op.counter),)))), answer
        return state, answer

    # What the client says; None: it begins again.

    def told_by(self, op, answer, only, life):
        answer = answer.split(",")[0]
        if answer in ("created", "exists"):
            return (answer.upper(), life.epoch)
        if op.kind == "delete":
            return ("DELETED", op.base) if answer == "deleted" or not only else None
        if answer == "applied":
            return "APPLIED"
        final = answer == "conflict" or (self.bug == "gone-is-final" and answer == "gone")
        return "NOT_APPLIED" if final or only else "UNKNOWN"

    # What may happen.

    def successors(self, state):
        life, clients, wires = state.life, state.clients, state.wires
        for i, client in enumerate(clients):
            if client.op is None and client.todo:
                yield from self.begins(state, i, client, client.todo[0], client.todo[1:])
            if client.op and client.sends < self.sends:
                again = client._replace(sends=client.sends + 1)
                yield ("sends again:", client.op), with_client(state, i, again, wires | {(client.op, again.sends)})
            if client.op and client.todo:
                yield ("gives up:", client.op), with_client(state, i, client._replace(op=None, told=client.told + ("UNKNOWN",)), wires)
        for wire in wires:
            yield from self.arrives(state, wire)
        if state.evicted < self.evictions and life:
            yield "the key is evicted", state._replace(life=None, evicted=state.evicted + 1, over=state.over | {life.epoch})
        if self.failover and not state.failed:
            if state.copy is None:
                yield "a replica lags from here on", state._replace(copy=(life, state.done, state.over))
            elif state.copy[0] != life:
                old, done, over = state.copy
                yield "it takes over", state._replace(life=old, done=done, over=over, wires=frozenset(), failed=True)

    def begins(self, state, i, client, kind, todo):
        """Reads what it has to, and sends. A delete that reads that nothing is there is told so."""
        life, told = state.life, client.told
        if kind == "delete":
            if not life:
                yield "reads, to delete: absent", with_client(state, i, client._replace(op=None, todo=todo, told=told + ("ABSENT",)), state.wires)
                return
            bases = {life.epoch}
        elif kind == "create":
            bases = {None}
        else:
            bases = {known for known in (identity(life), client.known) if known}
            if not bases:
                yield "reads, to change: absent", with_client(state, i, client._replace(op=None, todo=todo, told=told + ("NOT_APPLIED",)), state.wires)
        for base in bases:
            op = Op(i, len(told) + 1, kind, base)
            known = base if kind in ("reset", "cas") else client.known
            yield ("begins:", op), with_client(state, i, Client(todo, op, 1, known, told), state.wires | {(op, 1)})

    def arrives(self, state, wire):
        op, sending = wire
        after, answer = self.execute(state._replace(wires=state.wires - {wire}), op, sending)
        self.reached.add((op.kind, answer) if op.kind in ("create", "delete") else answer)
        if after.life is not state.life:
            yield ("executed, its reply lost:", *wire), after
        client = state.clients[op.client]
        if client.op == op and sending == client.sends:
            only = sending == 1
            told = self.told_by(op, answer, only, after.life)
            if told is None:                                         # it looks again what is there, and removes that
                yield from self.begins(after, op.client, client, "delete", client.todo)
                return
            self.judge(op, told, after)
            known = identity(after.life) or client.known
            new = client._replace(op=None, known=known, told=client.told + (told,))
            yield ("executed:", *wire, answer), with_client(after, op.client, new, after.wires)

    @staticmethod
    def judge(op, told, state):
        if told[0] == "CREATED" and told[1][:2] != (op.client, op.counter):
            raise Violation(f"{op} is told {told}")
        if told[0] == "EXISTS" and told[1][:2] == (op.client, op.counter):
            raise Violation(f"{op} is told {told}, which it made itself")

    def check(self, state):
        if len(set(state.done)) < len(state.done):
            raise Violation(f"a change is made twice: {state.done}")
        for i, client in enumerate(state.clients):
            for counter, told in enumerate(client.told, 1):
                stands = (i, counter) in state.done
                if (told == "NOT_APPLIED" and stands) or (told == "APPLIED" and not stands and not state.failed):
                    raise Violation(f"client {i} operation {counter} was told {told}, stands {int(stands)} times")
                if told[0] == "DELETED" and not state.failed and (told[1] not in state.over or (state.life and state.life.epoch == told[1])):
                    raise Violation(f"client {i} operation {counter} was told {told}, and there is {state.life}")


def with_client(state, i, client, wires):
    return state._replace(clients=state.clients[:i] + (client,) + state.clients[i + 1:], wires=wires)


def world(plan, **settings):
    return lambda bug: Lives(bug, plan, **settings)


MODEL = search.Model(
    plans={
        "create against delete": world("create,reset/delete,create", there=0),
        "a change against delete and create": world("reset,cas/delete,create"),
        "three clients": world("reset/delete/create"),
        "two deletes": world("delete,create/delete"),
        "a failover": world("reset/delete,create", failover=True),
        "an eviction": world("cas,reset/create", evictions=1),
    },
    more={
        "three clients, create twice": world("create,create/delete/reset", there=0),
        "a failover, three clients": world("cas/delete/create", failover=True),
        "two changes, a failover": world("reset,cas/delete,create", failover=True),
        "two evictions": world("reset,reset/create,create", evictions=2),
    },
    reach={("create", "created"), ("create", "created, by its epoch"), ("create", "exists"), ("delete", "deleted"), ("delete", "gone"),
           "applied", "applied, by its record", "stale", "gone", "conflict", "shortest way", "a second life by one create"},
    bugs={
        "epoch-per-operation": ("all sendings of a create carry one epoch", world("create/delete", there=0)),
        "own-epoch-unknown": ("a repeat does not know the epoch that it finds for its own", world("create/create", there=0)),
        "repeats-forget": ("a repeat carries its own epoch alone, not those of the sendings before", world("create/create", there=0)),
        "create-overwrites": ("create makes a new life whatever is there", world("create/create", there=0)),
        "delete-anything": ("delete removes what is there", world("delete,create/delete")),
        "commit-without-epoch": ("a change does not look at the epoch", world("reset/delete,create")),
        "commit-creates": ("a change creates what is not there", world("reset,reset/delete")),
        "shortest-by-number": ("the shortest way compares the version's number alone", world("reset,reset/delete,create", there=2)),
        "gone-is-final": ("'gone' is told as not applied though it was sent twice", world("reset/delete")),
    },
)

if __name__ == "__main__":
    search.main(MODEL)
