#!/usr/bin/env python3
"""Plays on Clojure's own atom, promise and delay each case that has no distributed part, and compares.

oracle.py [--flipped] JAVA...    what starts Clojure with a file: java -cp clojure.jar:... clojure.main

A case is left out if it needs what Clojure does not have (several processes, a server, time to live ...), or says under "oracle" why
Clojure differs by design; both are counted, the latter listed. Not compared: versions, codecs, what was missed. With --flipped each
of them is played with every expectation made wrong in turn, and must fail there. The last line is "oracle: N passed, M failed".
"""
import argparse
import collections
import sys

import cases
import flips
import manners
from agents import Agent, to_edn
from play import Session

NOT_KNOWN = {"version", "old_version", "codec", "missed", "flags"}
AT_LEAST = 50


def left_out(case):
    """Why Clojure does not judge it; None if it does."""
    return cases.distributed(case) or ("differs by design" if "oracle" in case else None)


def _known(step):
    if "expect" not in step:
        return step
    expect = {name: value for name, value in step["expect"].items() if name not in NOT_KNOWN}
    if "events" in expect:
        expect["events"] = [{name: value for name, value in event.items() if name not in NOT_KNOWN} for event in expect["events"]]
    return {**step, "expect": expect}


def judged(found):
    for case in found:
        if left_out(case) is None:
            steps = [_known(step) for step in case["steps"]]
            if any(step.get("expect") or "error" in step for step in steps):
                yield {**case, "steps": steps}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("java", nargs=argparse.REMAINDER)
    parser.add_argument("--flipped", action="store_true")
    args = parser.parse_args()
    found = cases.load()
    command = [*args.java, str(cases.HERE / "oracle/agent.clj")]
    failures = [f"manners: {what}" for what in manners.complaints(lambda: Agent(command, to_edn), "clojure", manners.OF_CLOJURE)]
    session = Session(None, command, write=to_edn)
    passed = 0
    for case in judged(found):
        for number, variant in flips.flips(case) if args.flipped else [(None, case)]:
            failure = session.play(variant, number)
            if (failure and failure.number) != number:
                failures.append(f"{case['name']}: {failure or f'passed although what step {number} expects is wrong'}")
            else:
                passed += 1
    failures += session.close()
    for failure in failures:
        print(f"FAIL {failure}")
    reasons = collections.Counter(filter(None, map(left_out, found)))
    print("left out:", ", ".join(f"{count} ({reason})" for reason, count in reasons.most_common()))
    for case in found:
        if "oracle" in case:
            print(f"  by design: {case['name']}: {case['oracle']}")
    if passed < AT_LEAST:
        failures.append("too few")
        print(f"FAIL only {passed} cases were judged (at least {AT_LEAST})")
    print(f"oracle: {passed} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
