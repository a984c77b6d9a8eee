#!/usr/bin/env python3
"""The engine of the models: visits every state that a small world can get into, breadth first, so that what it finds is told by
a shortest story. A world has

    start()              its first state: tuples, frozensets, numbers and names all through
    successors(state)    yields (what happens, next state); raises Violation where a rule is broken on the way
    check(state)         raises Violation where a state breaks an invariant
    reached              a set: what happened at all, so that a search that never gets anywhere is found out

and a model is a table of plans: those that must hold, what must have been reached in them, and for each rule a world without
it, in which a violation must be found (and none with it). A rule whose lack nothing finds is not modelled, whatever the searches say.

search.py --selftest      the engine itself: it finds what is planted, by the shortest way, and complains of what is never reached
"""
import argparse
import contextlib
import inspect
import io
import sys
import time
from collections import deque


class Violation(Exception):
    """A rule was broken; `story` tells how, one line a step."""

    def __init__(self, text, story=()):
        super().__init__(text)
        self.text, self.story = text, story


class World:
    """What all worlds have. `bug` names the rule that is left out, None for none."""

    def __init__(self, bug=None):
        self.bug, self.reached = bug, set()

    def check(self, state):
        pass


def search(world):
    """How many states there are."""
    start = world.start()
    came_from = {start: None}
    waiting = deque((start,))
    successors, check = world.successors, world.check
    while waiting:
        state = waiting.popleft()
        reached = state
        try:
            for _, following in successors(state):
                if following not in came_from:
                    came_from[following] = state
                    waiting.append(following)
                    reached = following
                    check(following)
                    reached = state
        except Violation as found:
            raise Violation(found.text, _story(world, came_from, reached)) from None
    return len(came_from)


def _story(world, came_from, state):
    steps = []
    while came_from[state] is not None:
        before = came_from[state]
        what = next(what for what, following in world.successors(before) if following == state)
        steps.append(what if isinstance(what, str) else " ".join(str(word) for word in what))
        state = before
    return tuple(reversed(steps))


class Model:
    """`plans` and `more` (for --all): {name: make}, which must hold. `reach`: what they must have reached together. `bugs`: {rule
    left out: (what is wrong then, make)}; `needed`: likewise, of what is taken for granted about the surroundings: it must be
    needed. make(bug) returns a world."""

    def __init__(self, plans, bugs, reach=(), more=None, needed=None):
        self.plans, self.bugs, self.reach, self.more, self.needed = plans, bugs, set(reach), more or {}, needed or {}


def _run(make, bug):
    world = make(bug)
    try:
        return world, search(world), None
    except Violation as found:
        return world, 0, found


def selftest(model, name, everything=False, verbose=False):
    began = time.monotonic()
    good, states, reached = True, 0, set()
    plans = {**model.plans, **(model.more if everything else {})}
    for plan, make in plans.items():
        world, count, found = _run(make, None)
        good &= found is None
        states += count
        reached |= world.reached
        print(f"  {'BROKEN' if found else 'holds'}: {plan}: {_told(found, True) if found else f'{count} states'}", flush=True)
    if model.reach - reached:
        good = False
        print(f"  NEVER REACHED: {', '.join(str(what) for what in sorted(model.reach - reached))}")
    caught = 0
    for bug, (wrong, make) in {**model.bugs, **model.needed}.items():
        _, count, found = _run(make, bug)
        if everything and _run(make, None)[2]:
            print(f"  FOUND WITHOUT IT: {bug}: the same world, with all rules, does not hold")
            good, found = False, None
        caught += found is not None
        word = "needed" if bug in model.needed else "caught"
        print(f"  {word if found else 'MISSED'}: {bug} ({wrong}): {_told(found, verbose) if found else f'{count} states'}", flush=True)
    asked = len(model.bugs) + len(model.needed)
    good &= caught == asked
    print(f"{name}: {'holds' if good else 'FAILED'}; {states} states in {len(plans)} plans, {caught} of {asked} rules left out are "
          f"found, {time.monotonic() - began:.0f} s")
    return good


def _told(found, whole):
    return found.text + "".join(f"\n      {number}. {step}" for number, step in enumerate(found.story, 1) if whole)


def main(model):
    caller = inspect.currentframe().f_back.f_globals
    parser = argparse.ArgumentParser(description=caller["__doc__"], formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--selftest", action="store_true", help="the plans must hold, and each rule left out must be found")
    parser.add_argument("--all", action="store_true", help="with the bigger plans, and with each rule left out once more put back, which takes minutes")
    parser.add_argument("--verbose", action="store_true", help="how each rule left out is found, step by step")
    parser.add_argument("--plan", choices=[*model.plans, *model.more], help="one plan alone")
    parser.add_argument("--bug", choices=[*model.bugs, *model.needed], help="without this rule (in --plan, or where it is found)")
    asked = parser.parse_args()
    if asked.plan or asked.bug:
        plans = {**model.plans, **model.more}
        make = plans[asked.plan] if asked.plan else {**model.bugs, **model.needed}[asked.bug][1]
        _, count, found = _run(make, asked.bug)
        print(_told(found, True) if found else f"holds: {count} states")
        sys.exit(1 if found else 0)
    if not asked.selftest:
        parser.print_help()
        sys.exit(2)
    sys.exit(0 if selftest(model, caller["__file__"].rsplit("/", 1)[-1].removesuffix(".py"), asked.all, asked.verbose) else 1)


class _Counter(World):
    """Adds one or two up to ten; nine is never allowed, and seven not without the rule."""

    def start(self):
        return (0,)

    def successors(self, state):
        for more in (1, 2):
            if state[0] + more <= 10 and state[0] + more != 9:
                self.reached.add(more)
                yield ("add", more), (state[0] + more,)

    def check(self, state):
        if self.bug and state == (7,):
            raise Violation("seven")


def _engine_works():
    adding = {"adding": lambda bug: _Counter(bug)}
    bugs = {"no-seven": ("seven is let through", adding["adding"])}
    _, count, found = _run(adding["adding"], "no-seven")
    works = found is not None and found.text == "seven" and len(found.story) == 4
    works &= _run(adding["adding"], None)[1] == 10
    with contextlib.redirect_stdout(io.StringIO()) as told:
        works &= selftest(Model(adding, bugs, reach={1, 2}), "good")
        works &= not selftest(Model(adding, bugs, reach={1, 3}), "what is never reached")
        works &= not selftest(Model(adding, {"no-rule": ("nothing", lambda bug: _Counter())}), "what nothing finds")
        always = {"always": ("broken with it too", lambda bug: _Counter("no-seven"))}
        works &= not selftest(Model(adding, always), "what is found without it", everything=True)
        works &= not selftest(Model({"broken": lambda bug: _Counter("no-seven")}, {}), "what does not hold")
    if not works:
        print(told.getvalue())
    print(f"search: {'holds' if works else 'FAILED'}; the engine finds what is planted, and complains of what is never reached")
    return works


if __name__ == "__main__":
    if "--selftest" not in sys.argv:
        print(__doc__)
        sys.exit(2)
    sys.exit(0 if _engine_works() else 1)
