#!/usr/bin/env python3
"""The delay's lease (design.md, "Delay" and the table of fields): processes that wait, ask, claim, renew, deliver and fail, whose messages
are lost or late and are sent again; a process may stand still at any step, past its lease too, or for good. The server's clock may jump;
a lossy failover may put an older state back; the delay may be deleted and made anew. A claim's id is its process and counter; every
run is named by (token, owner).

What must hold:
  one result is published in an epoch and never changes (unless a failover lost it); a kept failure likewise
  a lease is taken from nobody before its time is over by the server's clock, or the waiter that takes it has seen (token, owner,
  renewals) unchanged for one and a half leases; so, unless the clock was set forward, nobody loses it who by its own clock,
  counted from the first sending of what was granted, still holds it
  deliver, fail and renew of a lease that was lost are refused; who made the result or the failure is told so, however often it asks
  a waiter is never told to wait for more than one lease, and who asks once the lease is over gets it
  the body runs only if somebody has asked in this epoch; with `retry`, after a failure, only if somebody has asked since
  with `retry` a waiter is told a failure of an attempt that was still to fail when it began to wait, once, and never an older one;
  whoever asks again after a failure is told
"""
from collections import namedtuple

import search
from search import Violation

LEASE, LONG = 2, 3                                                   # in ticks: a lease, one and a half
FAR = 9                                                              # a lease that ends in an hour: the clock was set back

# left: of the lease by the server's clock. failed: number of the attempt that failed last, failed_by and done_by: (token, owner).
# What no server knows: true_left; was the clock set forward or back since the lease was granted; has anybody asked since the epoch
# or the last failure began.
Delay = namedtuple("Delay", "epoch state token owner left renewals attempt failed failed_by done_by true_left forward back asked")
# op: (kind, id, ...) under way, `age` since its first sending; since: number of the last failure when it began to wait, None: it
# does not wait; seen: (token, owner, renewals) and for how long; lease: (token, owner) and how long it is ours by our own clock.
Process = namedtuple("Process", "derefs since op sends age counter renews seen watched lease mine epoch")
State = namedtuple("State", "delay processes wires copy failed jumps remade")


class Lease(search.World):
    """bodies: for each process whether it holds the body. derefs: how often each asks. claims, renews: of each process at most."""

    def __init__(self, bug, bodies=(True, True), derefs=(1, 1), retry=False, claims=2, renews=1, sends=2, ends=("deliver",), jumps=0, failover=False, remakes=0):
        super().__init__(bug)
        self.renews, self.ends = renews, ends
        self.bodies, self.derefs, self.retry, self.claims, self.sends = bodies, derefs, retry, claims, sends
        self.jumps, self.failover, self.remakes = jumps, failover, remakes

    def start(self):
        processes = tuple(Process(derefs, None, None, 0, 0, 0, self.renews, None, 0, None, 0, 0) for derefs in self.derefs)
        return State(self.fresh(0), processes, frozenset(), None, False, 0, 0)

    @staticmethod
    def fresh(epoch):
        return Delay(epoch, "open", 0, None, 0, 0, 0, 0, None, None, 0, False, False, False)

    # The scripts: (delay', answer).

    def ended(self, delay, epoch, since):
        """What ends a wait, asked for by every claim and request."""
        if delay.epoch != epoch and self.bug != "epoch-left-out":
            return "gone"
        if delay.state in ("done", "failed"):
            return delay.state
        if delay.failed > since and self.bug != "since-left-out":
            return "failure"
        return None

    def request(self, delay, epoch, since):
        answer = self.ended(delay, epoch, since)
        if answer:
            return delay, answer
        if delay.state == "running":
            return self.clamped(delay), "busy"
        return delay._replace(state="wanted"), "wanted"

    def clamped(self, delay):
        return delay._replace(left=LEASE) if delay.left > LEASE and self.bug != "no-clamp" else delay

    def claim(self, delay, epoch, own, since, pair):
        answer = self.ended(delay, epoch, since)
        if answer:
            return delay, answer
        if delay.state == "running":
            if delay.owner == own:
                self.reached.add("granted again")
                return delay, "granted"
            delay = self.clamped(delay)
            there = (delay.token, delay.owner, delay.renewals)
            if self.bug == "seen-without-owner" and pair:
                pair, there = (pair[0], pair[2]), (there[0], there[2])
            if self.bug == "seen-without-renewals" and pair:
                pair, there = pair[:2], there[:2]
            if delay.left > 0 and pair != there and self.bug != "lease-for-the-asking":
                return delay, "busy"
        return delay._replace(state="running", token=delay.token + 1, owner=own, left=LEASE, renewals=0, attempt=delay.attempt + 1,
                              true_left=LEASE, forward=False, back=False), "granted"

    def holds(self, delay, epoch, token, owner, kind):
        if self.bug == "no-check-at-" + kind:
            return delay.state == "running"
        own = {"token-alone": delay.token == token, "owner-alone": delay.owner == owner}
        same = own.get(self.bug, (delay.token, delay.owner) == (token, owner))
        return same and delay.state == "running" and delay.epoch == epoch

    def renew(self, delay, epoch, token, owner):
        if not self.holds(delay, epoch, token, owner, "renew"):
            return delay, "lost"
        self.judge(delay, token, owner, "renewed")
        return delay._replace(left=LEASE, renewals=delay.renewals + 1, true_left=LEASE, forward=False, back=False), "renewed"

    def deliver(self, delay, epoch, token, owner):
        if delay.done_by == (token, owner) and delay.epoch == epoch:
            self.reached.add("delivered before")
            return delay, "delivered"
        if not self.holds(delay, epoch, token, owner, "deliver"):
            return delay, "lost"
        self.judge(delay, token, owner, "published")
        return delay._replace(state="done", done_by=(token, owner), left=0, true_left=0), "delivered"

    def fail(self, delay, epoch, token, owner):
        if delay.failed_by == (token, owner) and delay.epoch == epoch and self.bug != "own-failure-unknown":
            self.reached.add("failed before")
            return delay, "failed by it"
        if not self.holds(delay, epoch, token, owner, "fail"):
            return delay, "lost"
        self.judge(delay, token, owner, "a failure")
        state = "failed" if not self.retry else "wanted" if self.bug == "still-wanted" else "open"
        return delay._replace(state=state, failed=delay.attempt, failed_by=(token, owner), left=0, true_left=0, asked=False), "failed by it"

    def judge(self, delay, token, owner, what):
        if (delay.token, delay.owner) != (token, owner):
            raise Violation(f"{what}, by {(token, owner)}, whose lease was lost to {(delay.token, delay.owner)}")

    # What may happen.

    def successors(self, state):
        for what, after in self.steps(state):
            dead = frozenset() if self.bug else frozenset(wire for wire in after.wires if not self.matters(wire, after))
            yield what, after._replace(wires=after.wires - dead) if dead else after

    @staticmethod
    def matters(wire, state):
        """Whether it can still change anything, or be answered to somebody: what can't is no longer kept track of."""
        (kind, p, epoch, *rest), sending = wire
        delay, process = state.delay, state.processes[p]
        if process.op == wire[0] and process.sends == sending:
            return True
        if epoch != delay.epoch or delay.state in ("done", "failed"):
            return False
        if kind in ("claim", "request"):
            return rest[-1 if kind == "request" else 1] >= delay.failed
        return tuple(rest) == (delay.token, delay.owner) and delay.state == "running"

    def steps(self, state):
        delay = state.delay
        for p, process in enumerate(state.processes):
            yield from self.acts(state, p, process)
        for wire in state.wires:
            yield from self.arrives(state, wire)
        if delay.state == "running" or any(process.op and process.op[0] == "claim" for process in state.processes):
            yield "time passes", self.later(state)
        if state.jumps < self.jumps and delay.state == "running":
            yield "the clock is set forward", state._replace(delay=delay._replace(left=0, forward=True), jumps=state.jumps + 1)
            yield "the clock is set back", state._replace(delay=delay._replace(left=FAR, back=True), jumps=state.jumps + 1)
        if state.remade < self.remakes:
            yield "deleted and made anew", state._replace(delay=self.fresh(delay.epoch + 1), remade=state.remade + 1)
        if self.failover and not state.failed:
            if state.copy is None:
                yield "a replica lags from here on", state._replace(copy=delay)
            elif state.copy != delay:
                yield "it takes over", state._replace(delay=state.copy._replace(asked=True), wires=frozenset(), failed=True, copy=None)

    @staticmethod
    def later(state):
        def aged(delay):
            return delay and delay._replace(left=delay.left if delay.left == FAR else max(0, delay.left - 1), true_left=max(0, delay.true_left - 1))

        def older(process):
            watched = min(LONG, process.watched + 1) if process.seen else 0
            age = min(LEASE, process.age + 1) if process.op and process.op[0] in ("claim", "renew") else 0
            return process._replace(age=age, watched=watched, mine=max(0, process.mine - 1))

        return state._replace(delay=aged(state.delay), copy=aged(state.copy), processes=tuple(older(process) for process in state.processes))

    def acts(self, state, p, process):
        delay, body = state.delay, self.bodies[p]
        if process.op and process.sends < self.sends and process.op[0] not in ("request", "renew"):
            age = 0 if self.bug == "counted-from-the-repeat" else process.age
            again = process._replace(sends=process.sends + 1, age=age)
            yield ("sends again:", process.op), with_process(state, p, again, {(process.op, again.sends)})
        if process.lease:
            for kind in ("renew", *self.ends):
                if kind == "renew" and (process.op or not process.renews):
                    continue
                if not process.op or process.op[0] == "renew":
                    new = process._replace(renews=process.renews - (kind == "renew"))
                    yield self.sent(state, p, new, (kind, p, process.epoch, *process.lease))
            return
        if process.since is None:
            if process.derefs and not process.op and delay.state not in ("done", "failed"):
                begun = process._replace(derefs=process.derefs - 1, since=delay.failed, epoch=delay.epoch, seen=None, watched=0)
                yield ("begins to wait:", p), with_process(state._replace(delay=delay._replace(asked=True)), p, begun)
            served = delay.state == "wanted" or (delay.state == "running" and delay.left == 0)
            if body and not process.op and served and process.counter < self.claims:
                new = process._replace(counter=process.counter + 1, epoch=delay.epoch)
                yield self.sent(state, p, new, ("claim", p, delay.epoch, (p, new.counter), delay.failed, None))
            return
        if not process.op:
            if not body:
                yield self.sent(state, p, process, ("request", p, process.epoch, process.since))
            elif process.counter < self.claims:
                new = process._replace(counter=process.counter + 1)
                pair = process.seen if process.watched == LONG else None
                yield self.sent(state, p, new, ("claim", p, process.epoch, (p, new.counter), process.since, pair))
        else:
            yield ("times out:", p), with_process(state, p, process._replace(since=None, op=None, sends=0, age=0, seen=None, watched=0))

    @staticmethod
    def sent(state, p, process, op):
        return ("sends:", op), with_process(state, p, process._replace(op=op, sends=1, age=0), {(op, 1)})

    def arrives(self, state, wire):
        op, sending = wire
        kind, p, *rest = op
        delay, answer = getattr(self, kind)(state.delay, *rest)
        self.reached.add((kind, answer))
        self.granted(state, op, delay, answer)
        if state.delay.state in ("done", "failed") and delay != state.delay:
            raise Violation(f"what is published changes from {state.delay} to {delay}")
        after = state._replace(delay=delay, wires=state.wires - {wire})
        if delay != state.delay:
            yield ("executed, its reply lost:", *wire), after
        process = state.processes[p]
        if process.op == op and sending == process.sends:
            yield ("executed:", *wire, answer), with_process(after, p, self.answered(process, op, delay, answer))

    def granted(self, state, op, delay, answer):
        before = state.delay
        if answer != "granted" or delay.token == before.token:
            if op[0] in ("claim", "request") and answer == "busy":
                if delay.left > LEASE:
                    raise Violation(f"{op} is told to wait for {delay.left}")
                if op[0] == "claim" and not before.back and before.true_left == 0:
                    raise Violation(f"{op} is refused, and the lease is over: {before}")
            return
        if not before.asked:
            raise Violation(f"{op} starts attempt {delay.attempt}, and nobody has asked since {before}")
        if before.state == "running":
            self.reached.add("taken over" if op[5] is None else "taken over by what was seen")
            holder = [process for process in state.processes if process.lease == (before.token, before.owner) and process.mine]
            if (before.true_left or holder) and not before.forward:
                raise Violation(f"{op} takes the lease from its holder: {before}")

    def answered(self, process, op, delay, answer):
        kind, done = op[0], process._replace(op=None, sends=0, age=0)
        waits_on = done._replace(since=None, seen=None, watched=0)
        if kind in ("claim", "request"):
            if answer == "granted":
                return done._replace(lease=(delay.token, op[3]), mine=max(0, LEASE - process.age), seen=None, watched=0)
            if answer in ("busy", "wanted"):
                seen = (delay.token, delay.owner, delay.renewals)
                if process.since is not None and delay.failed > process.since:
                    raise Violation(f"{op} waits on, and attempt {delay.failed} has failed since {process.since}")
                useful = answer == "busy" and self.bodies[op[1]] and process.counter < self.claims and process.since is not None
                return done if done.seen == seen else done._replace(seen=seen if useful else None, watched=0)
            if answer == "failure" and process.since is not None and delay.failed <= process.since:
                raise Violation(f"{op} is told the failure of attempt {delay.failed}, which was before")
            return waits_on
        if kind == "renew" and answer == "renewed":
            return done._replace(mine=max(process.mine, LEASE - process.age))
        if answer == "lost" and op[3:] in (delay.done_by, delay.failed_by) and delay.epoch == op[2]:
            raise Violation(f"{op} is told that it was lost, and it stands")
        over = done._replace(lease=None, mine=0)
        return over if answer == "lost" else over._replace(since=None, seen=None, watched=0)


def with_process(state, p, process, wires=frozenset()):
    return state._replace(processes=state.processes[:p] + (process,) + state.processes[p + 1:], wires=state.wires | wires)


def world(**settings):
    return lambda bug: Lease(bug, **settings)


BOTH = ("deliver", "fail")
MODEL = search.Model(
    plans={
        "two with a body": world(claims=1, renews=0),
        "two that renew and claim again": world(sends=1),
        "the clock jumps": world(sends=1, renews=0, jumps=1),
        "two clock jumps, one asks": world(derefs=(1, 0), sends=1, renews=0, jumps=2),
        "a failover": world(claims=1, renews=0, failover=True, derefs=(1, 0)),
        "a failover, claims again": world(renews=0, failover=True, sends=1),
        "one asks who has no body": world(bodies=(True, False), derefs=(0, 1), ends=BOTH),
        "two have a body, one asks who has none": world(bodies=(True, True, False), derefs=(0, 0, 1), claims=1, renews=0, sends=1),
        "a kept failure": world(ends=BOTH, claims=1, renews=0, derefs=(1, 0)),
        "retry": world(bodies=(True, False), derefs=(1, 2), claims=3, renews=0, ends=BOTH, retry=True),
        "retry, two with a body": world(derefs=(2, 1), renews=0, ends=("fail",), retry=True, sends=1),
        "made anew": world(bodies=(True, False), derefs=(0, 2), ends=BOTH, remakes=1),
    },
    more={
        "two with a body that renew": world(claims=1, ends=BOTH),
        "the clock jumps, renewals": world(sends=1, jumps=1),
        "a failover, both ask": world(claims=1, renews=0, failover=True),
        "a failover, renewals": world(failover=True, sends=1, derefs=(1, 0)),
        "retry, made anew": world(derefs=(2, 1), renews=0, ends=("fail",), retry=True, sends=1, remakes=1),
        "retry, a failover": world(bodies=(True, False), derefs=(1, 2), renews=0, ends=("fail",), retry=True, failover=True),
    },
    reach={("claim", "granted"), ("claim", "busy"), ("claim", "done"), ("claim", "failed"), ("claim", "failure"), ("claim", "gone"),
           ("request", "wanted"), ("request", "busy"), ("request", "done"), ("request", "failure"), ("request", "gone"),
           ("renew", "renewed"), ("renew", "lost"), ("deliver", "delivered"), ("deliver", "lost"), ("fail", "failed by it"),
           ("fail", "lost"), "granted again", "delivered before", "failed before", "taken over", "taken over by what was seen"},
    bugs={
        "token-alone": ("a run is named by its token alone, which a failover repeats", world(claims=1, renews=0, failover=True)),
        "owner-alone": ("a run is named by its claim alone, which a late original repeats", world(renews=0)),
        "no-check-at-deliver": ("deliver does not look who holds the lease", world(claims=1, renews=0)),
        "no-check-at-renew": ("renew does not look who holds the lease", world(claims=1)),
        "no-check-at-fail": ("fail does not look who holds the lease", world(claims=1, renews=0, ends=("fail",))),
        "lease-for-the-asking": ("a claim is granted though another holds the lease", world(claims=1, renews=0)),
        "counted-from-the-repeat": ("the lease is counted from the sending that was answered", world(claims=1, renews=0)),
        "no-clamp": ("a lease that ends later than it can is believed", world(sends=1, renews=0, jumps=1)),
        "seen-without-renewals": ("what was seen is compared without the renewals", world(sends=1, jumps=1)),
        "seen-without-owner": ("what was seen is compared without the owner", world(renews=0, failover=True, sends=1)),
        "since-left-out": ("a claim or request does not say since when it waits", world(bodies=(True, False), derefs=(0, 2), retry=True, ends=BOTH)),
        "still-wanted": ("a failure leaves the request standing", world(bodies=(True, False), derefs=(0, 1), retry=True, ends=("fail",))),
        "own-failure-unknown": ("a repeat does not know the failure that it made", world(claims=1, renews=0, ends=("fail",))),
        "epoch-left-out": ("the epoch is not compared", world(bodies=(True, False), derefs=(0, 1), remakes=1)),
    },
)

if __name__ == "__main__":
    search.main(MODEL)
