#!/usr/bin/env python3
"""The delay's lease (design.md, "Delay" and the table of fields; the delay's scripts): processes that wait, ask, claim, renew, release,
deliver and fail, whose messages are lost or late and are sent again; a process may stand still at any step, past its lease too, or for
good. The server's clock may jump; a lossy failover may put an older state back; the delay may be deleted and made anew. A run is named by
its token and its owner: the sending of the claim that was granted.

What must hold:
  one result is published in an epoch and never changes (unless a failover lost it); a kept failure likewise
  a lease is taken from nobody before its time is over by the server's clock, or who takes it has seen (token, owner, renewals)
  unchanged for one and a half leases; so, unless the clock was set forward, nobody loses it who still holds it by his own clock,
  counted from the sending that was answered
  deliver, fail and renew of a lease that was lost are refused; who made the result or the failure is told so, however often it asks
  a waiter is never told to wait for more than one lease, and who claims once the lease is over gets it
  the body runs only if somebody has asked in this epoch; with `retry`, after a failure, only if somebody has asked since
  with `retry` a waiter is told a failure that came after it began to wait, once, and never an older one; whoever asks again after
  such a failure is told of it (where a failover has lost a later one that it knew, it may be told of the next instead)
"""
from collections import namedtuple

import search
from search import Violation

LEASE, LONG = 2, 3                                                   # in ticks: a lease, one and a half
FAR = 9                                                              # a lease that ends in an hour: the clock was set back

# left: of the lease by the server's clock, whose token and owner stand there; failure: the last one's (attempt, token, owner); done_by:
# (token, owner) of the result. What no server knows: true_left; was the clock set forward or back since the lease was granted or
# renewed; has anybody asked since the epoch or the last failure began; serial: the how manieth failure of all it was.
Delay = namedtuple("Delay", "epoch state token owner left renewals attempt failure done_by true_left forward back asked serial")
# op: (kind, process, epoch, ...) under way, `age` since its last sending; waits: (the last failure, failures that there were) when it
# began to wait, None: it does not wait; seen: (token, owner, renewals), `watched` for so long; lease: (token, owner), `mine` by our own clock.
Process = namedtuple("Process", "derefs waits op sends age counter renews seen watched lease mine epoch")
State = namedtuple("State", "delay processes wires copy failed jumps remade failures lost")


class Lease(search.World):
    """bodies: for each process whether it holds the body. derefs: how often each asks. claims, renews: of each process at most. ends:
    how a run may end."""

    def __init__(self, bug, bodies=(True, True), derefs=(1, 1), retry=False, claims=2, renews=1, sends=2, ends=("deliver",), jumps=0,
                 failover=False, remakes=0):
        super().__init__(bug)
        self.bodies, self.derefs, self.retry, self.claims, self.renews = bodies, derefs, retry, claims, renews
        self.sends, self.ends, self.jumps, self.failover, self.remakes = sends, ends, jumps, failover, remakes

    def start(self):
        processes = tuple(Process(derefs, None, None, 0, 0, 0, self.renews, None, 0, None, 0, 0) for derefs in self.derefs)
        return State(self.fresh(0), processes, frozenset(), None, False, 0, 0, 0, None)

    @staticmethod
    def fresh(epoch):
        return Delay(epoch, "open", 0, None, 0, 0, 0, None, None, 0, False, False, False, 0)

    # The scripts: (delay', answer).

    def ended(self, delay, epoch):
        if delay.epoch != epoch and self.bug != "epoch-left-out":
            return "gone"
        return delay.state if delay.state in ("realized", "failed") else None

    def failed_since(self, delay, seen):
        """Whether the last failure came after the one that the waiter knew when it began to wait."""
        if not delay.failure or self.bug == "seen-left-out":
            return False
        if not seen:
            return True
        if self.bug == "failure-by-its-owner":
            return delay.failure[1:] != seen[1:]
        later = delay.failure[0] > seen[0]
        return later or (self.bug != "failure-by-its-number" and delay.failure[0] == seen[0] and delay.failure != seen)

    def request(self, delay, epoch, seen, sending):
        answer = self.ended(delay, epoch) or (self.failed_since(delay, seen) and "attempt failed")
        if answer:
            return delay, answer
        return self.clamped(delay._replace(state="wanted")), "wanted"

    def clamped(self, delay):
        return delay._replace(left=LEASE) if delay.left > LEASE and self.bug != "no-clamp" else delay

    def claim(self, delay, epoch, own, forcing, seen, stale, sending):
        answer = self.ended(delay, epoch)
        if answer:
            return delay, answer
        if delay.owner and delay.owner[:2] == own:
            if self.bug == "granted-again-as-it-is":
                return delay, "granted again"
            return self.lengthened(delay), "granted again"
        if forcing and self.failed_since(delay, seen):
            return delay, "attempt failed"
        if not forcing and delay.state != "wanted":
            return delay, "idle"
        if delay.owner:
            there = (delay.token, delay.owner, delay.renewals)
            if stale and self.bug == "seen-without-owner":
                stale, there = stale[::2], there[::2]
            if stale and self.bug == "seen-without-renewals":
                stale, there = stale[:2], there[:2]
            if delay.left > 0 and stale != there and self.bug != "lease-for-the-asking":
                return self.clamped(delay), "held"
        return delay._replace(state="wanted", token=delay.token + 1, owner=own + (sending,), left=LEASE, renewals=0,
                              attempt=delay.attempt + 1, true_left=LEASE, forward=False, back=False), "granted"

    @staticmethod
    def lengthened(delay):
        return delay._replace(left=LEASE, renewals=delay.renewals + 1, true_left=LEASE, forward=False, back=False)

    def lost(self, delay, token, owner, kind):
        if self.bug == "no-check-at-" + kind:
            return not delay.owner
        if not delay.owner:
            return True
        same = {"token-alone": delay.token == token, "claim-alone": delay.owner[:2] == owner[:2]}
        return not same.get(self.bug, (delay.token, delay.owner) == (token, owner))

    def held(self, delay, epoch, token, owner, kind):
        """(answer, None) if this run does not hold the lease."""
        answer = self.ended(delay, epoch) or (self.lost(delay, token, owner, kind) and "lost")
        if not answer and (delay.token, delay.owner) != (token, owner):
            raise Violation(f"{kind} of {(token, owner)} is taken, and the lease is that of {(delay.token, delay.owner)}")
        return answer

    def renew(self, delay, epoch, token, owner, sending):
        answer = self.held(delay, epoch, token, owner, "renew")
        return (delay, answer) if answer else (self.lengthened(delay), "renewed")

    def release(self, delay, epoch, token, owner, sending):
        answer = self.held(delay, epoch, token, owner, "release")
        return (delay, answer) if answer else (delay._replace(owner=None, left=0, true_left=0), "released")

    def deliver(self, delay, epoch, token, owner, sending):
        if delay.epoch == epoch and delay.done_by == (token, owner):
            return delay, "applied, as recorded"
        answer = self.held(delay, epoch, token, owner, "deliver")
        if answer:
            return delay, answer
        return delay._replace(state="realized", done_by=(token, owner), left=0, true_left=0), "applied"

    def fail(self, delay, epoch, token, owner, sending):
        if delay.epoch == epoch and delay.failure and delay.failure[1:] == (token, owner) and self.bug != "own-failure-unknown":
            return delay, "applied, as recorded"
        answer = self.held(delay, epoch, token, owner, "fail")
        if answer:
            return delay, answer
        after = delay._replace(failure=(delay.attempt, token, owner), left=0, true_left=0, asked=False)
        if not self.retry:
            return after._replace(state="failed"), "applied"
        return after._replace(state="wanted" if self.bug == "still-wanted" else "open", owner=None), "applied"

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
        if epoch != delay.epoch or delay.state in ("realized", "failed"):
            return False
        return kind in ("claim", "request") or tuple(rest) == (delay.token, delay.owner)

    def steps(self, state):
        delay = state.delay
        for p, process in enumerate(state.processes):
            yield from self.acts(state, p, process)
        for wire in state.wires:
            yield from self.arrives(state, wire)
        if (delay.owner and delay.state == "wanted") or any(process.op and process.op[0] == "claim" for process in state.processes):
            yield "time passes", self.later(state)
        if state.jumps < self.jumps and delay.owner and delay.state == "wanted":
            yield "the clock is set forward", state._replace(delay=delay._replace(left=0, forward=True), jumps=state.jumps + 1)
            yield "the clock is set back", state._replace(delay=delay._replace(left=FAR, back=True), jumps=state.jumps + 1)
        if state.remade < self.remakes:
            yield "deleted and made anew", state._replace(delay=self.fresh(delay.epoch + 1), remade=state.remade + 1)
        if self.failover and not state.failed:
            if state.copy is None:
                yield "a replica lags from here on", state._replace(copy=delay)
            elif state.copy != delay:
                promoted = state.copy._replace(asked=True)
                yield "it takes over", state._replace(delay=promoted, wires=frozenset(), failed=True, copy=None, lost=delay.failure)

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
            again = process._replace(sends=process.sends + 1, age=0)
            yield ("sends again:", process.op), with_process(state, p, again, {(process.op, again.sends)})
        if process.lease:
            for kind in ("renew", *self.ends):
                if kind == "renew" and (process.op or not process.renews):
                    continue
                if not process.op or process.op[0] == "renew":
                    new = process._replace(renews=process.renews - (kind == "renew"))
                    yield self.sent(state, p, new, (kind, p, process.epoch, *process.lease))
        elif process.waits is None:
            if process.derefs and not process.op and delay.state not in ("realized", "failed"):
                waits = (delay.failure, state.failures)
                begun = process._replace(derefs=process.derefs - 1, waits=waits, epoch=delay.epoch, seen=None, watched=0)
                yield ("begins to wait:", p), with_process(state._replace(delay=delay._replace(asked=True)), p, begun)
            if body and not process.op and delay.state == "wanted" and delay.left == 0 and process.counter < self.claims:
                new = process._replace(counter=process.counter + 1, epoch=delay.epoch)
                yield self.sent(state, p, new, ("claim", p, delay.epoch, (p, new.counter), False, None, None))
        elif process.op:
            yield ("times out:", p), with_process(state, p, process._replace(waits=None, op=None, sends=0, age=0, seen=None, watched=0))
        elif not body:
            yield self.sent(state, p, process, ("request", p, process.epoch, process.waits[0]))
        elif process.counter < self.claims:
            new = process._replace(counter=process.counter + 1)
            stale = process.seen if process.watched == LONG else None
            yield self.sent(state, p, new, ("claim", p, process.epoch, (p, new.counter), True, process.waits[0], stale))

    @staticmethod
    def sent(state, p, process, op):
        return ("sends:", op), with_process(state, p, process._replace(op=op, sends=1, age=0), {(op, 1)})

    def arrives(self, state, wire):
        op, sending = wire
        kind, p, *rest = op
        before = state.delay
        delay, answer = getattr(self, kind)(before, *rest, sending)
        self.reached.add((kind, answer))
        self.judge(state, op, delay, answer)
        after = state._replace(delay=delay, wires=state.wires - {wire})
        if kind == "fail" and answer == "applied":
            asked = before.asked and delay.failure == state.lost     # made again: one may have asked after it was made first
            after = after._replace(failures=state.failures + 1, delay=delay._replace(serial=state.failures + 1, asked=asked))
        if delay != before:
            yield ("executed, its reply lost:", *wire), after
        process = state.processes[p]
        if process.op == op and sending == process.sends:
            yield ("executed:", *wire, answer), with_process(after, p, self.answered(state, process, op, after.delay, answer))

    def judge(self, state, op, delay, answer):
        before = state.delay
        if before.state in ("realized", "failed") and delay != before:
            raise Violation(f"what is published changes from {before} to {delay}")
        if answer in ("held", "wanted") and delay.left > LEASE:
            raise Violation(f"{op} is told to wait for {delay.left}")
        if answer == "held" and not before.back and before.true_left == 0:
            raise Violation(f"{op} is refused, and the lease is over: {before}")
        if answer == "granted":
            if not before.asked:
                raise Violation(f"{op} starts attempt {delay.attempt}, and nobody has asked since {before}")
            if before.owner:
                self.reached.add("taken over by what was seen" if op[6] else "taken over")
                holder = [process for process in state.processes if process.lease == (before.token, before.owner) and process.mine]
                if (before.true_left or (holder and not state.failed)) and not before.forward:
                    raise Violation(f"{op} takes the lease from its holder: {before}")

    def answered(self, state, process, op, delay, answer):
        kind, done = op[0], process._replace(op=None, sends=0, age=0)
        over = done._replace(waits=None, seen=None, watched=0)
        if kind in ("claim", "request"):
            if answer in ("granted", "granted again"):
                return done._replace(lease=(delay.token, delay.owner), mine=max(0, LEASE - process.age), seen=None, watched=0)
            if process.waits:
                self.judge_wait(state, op, process.waits, delay, answer)
            if answer not in ("held", "wanted"):
                return over
            seen = (delay.token, delay.owner, delay.renewals)
            if answer == "wanted" or process.waits is None or process.counter == self.claims:
                return done._replace(seen=None, watched=0)
            return done if done.seen == seen else done._replace(seen=seen, watched=0)
        if answer == "renewed":
            return done._replace(mine=max(process.mine, LEASE - process.age))
        if answer == "lost" and kind in ("deliver", "fail") and op[2] == delay.epoch:
            if op[3:] == (delay.done_by if kind == "deliver" else delay.failure and delay.failure[1:]):
                raise Violation(f"{op} is told that it was lost, and it stands")
        freed = done._replace(lease=None, mine=0)
        return freed if answer in ("lost", "released") else freed._replace(waits=None, seen=None, watched=0)

    def judge_wait(self, state, op, waits, delay, answer):
        knew, failures = waits
        newer = delay.failure and delay.failure != knew and delay.serial > failures and delay.epoch == op[2]
        if answer == "attempt failed" and not newer:
            raise Violation(f"{op} is told of {delay.failure}, which failed before it began to wait")
        excused = state.failed and knew and delay.failure and delay.failure[0] < knew[0]
        if answer in ("held", "wanted") and newer and not excused:
            raise Violation(f"{op} waits on, and {delay.failure} has failed since it began")


def with_process(state, p, process, wires=frozenset()):
    return state._replace(processes=state.processes[:p] + (process,) + state.processes[p + 1:], wires=state.wires | wires)


def world(**settings):
    return lambda bug: Lease(bug, **settings)


BOTH, RETRY = ("deliver", "fail"), {"retry": True, "ends": ("fail",), "renews": 0}
MODEL = search.Model(
    plans={
        "two with a body": world(claims=1, renews=0),
        "two that renew and claim again": world(sends=1),
        "the clock jumps": world(sends=1, renews=0, jumps=1),
        "two clock jumps, one asks": world(derefs=(1, 0), sends=1, renews=0, jumps=2),
        "a failover": world(claims=1, renews=0, failover=True, derefs=(1, 0)),
        "one asks who has no body": world(bodies=(True, False), derefs=(0, 1), ends=("deliver", "fail", "release")),
        "two have a body, one asks who has none": world(bodies=(True, True, False), derefs=(0, 0, 1), claims=1, renews=0, sends=1),
        "a kept failure, a lease given back": world(ends=("fail", "release"), claims=1, renews=0, derefs=(1, 0)),
        "retry": world(bodies=(True, False), derefs=(0, 2), **RETRY),
        "retry, two with a body": world(derefs=(2, 1), sends=1, **RETRY),
        "retry, a failover": world(bodies=(True, False), derefs=(0, 2), claims=3, sends=1, failover=True, **RETRY),
        "made anew": world(bodies=(True, False), derefs=(0, 2), ends=BOTH, remakes=1),
    },
    more={
        "two with a body that renew": world(claims=1, ends=BOTH),
        "the clock jumps, renewals": world(sends=1, jumps=1),
        "a failover, claims again": world(renews=0, failover=True, sends=1),
        "a failover, both ask": world(claims=1, renews=0, failover=True),
        "a failover, renewals": world(failover=True, sends=1, derefs=(1, 0)),
        "retry, two ask": world(bodies=(True, False), derefs=(1, 2), **RETRY),
        "retry, made anew": world(derefs=(2, 1), sends=1, remakes=1, **RETRY),
        "retry, a failover, two ask": world(bodies=(True, False), derefs=(1, 2), sends=1, failover=True, **RETRY),
    },
    reach={("claim", "granted"), ("claim", "granted again"), ("claim", "held"), ("claim", "idle"), ("claim", "realized"), ("claim", "failed"),
           ("claim", "attempt failed"), ("claim", "gone"), ("request", "wanted"), ("request", "realized"), ("request", "failed"),
           ("request", "attempt failed"), ("request", "gone"), ("renew", "renewed"), ("renew", "lost"), ("renew", "realized"),
           ("deliver", "applied"), ("deliver", "applied, as recorded"), ("deliver", "lost"), ("fail", "applied"),
           ("fail", "applied, as recorded"), ("fail", "lost"), ("release", "released"), ("release", "lost"),
           "taken over", "taken over by what was seen"},
    bugs={
        "token-alone": ("a run is named by its token alone, which a failover repeats", world(claims=1, renews=0, failover=True)),
        "claim-alone": ("a run is named by its claim alone, which a late original takes again", world(claims=1, renews=0)),
        "no-check-at-deliver": ("deliver does not look who holds the lease", world(claims=1, renews=0)),
        "no-check-at-renew": ("renew does not look who holds the lease", world(claims=1)),
        "no-check-at-fail": ("fail does not look who holds the lease", world(claims=1, renews=0, ends=("fail",))),
        "lease-for-the-asking": ("a claim is granted though another holds the lease", world(claims=1, renews=0)),
        "granted-again-as-it-is": ("a repeat of the claim does not renew what it is granted again", world(claims=1, renews=0)),
        "no-clamp": ("a lease that ends later than it can is believed", world(sends=1, renews=0, jumps=1)),
        "seen-without-renewals": ("what was seen is compared without the renewals", world(sends=1, jumps=1)),
        "seen-without-owner": ("what was seen is compared without the owner", world(renews=0, failover=True, sends=1)),
        "seen-left-out": ("who waits does not say which failure it knew", world(bodies=(True, False), derefs=(0, 2), **RETRY)),
        "failure-by-its-owner": ("any failure that is not the known one is taken for a later one",
                                 world(bodies=(True, False), derefs=(0, 3), claims=2, sends=1, failover=True, **RETRY)),
        "failure-by-its-number": ("a failure is known by its number alone, which a failover repeats",
                                  world(bodies=(True, False), derefs=(0, 2), claims=3, sends=1, failover=True, **RETRY)),
        "still-wanted": ("a failure leaves the request standing", world(bodies=(True, False), derefs=(0, 1), **RETRY)),
        "own-failure-unknown": ("a repeat does not know the failure that it made", world(claims=1, **RETRY)),
        "epoch-left-out": ("the epoch is not compared", world(bodies=(True, False), derefs=(0, 1), remakes=1)),
    },
)

if __name__ == "__main__":
    search.main(MODEL)
