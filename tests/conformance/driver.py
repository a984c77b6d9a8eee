#!/usr/bin/env python3
"""Plays the conformance cases through the agent of one language.

driver.py [options] LANGUAGE AGENT...   the agent's program, perhaps with what launches it before it
driver.py --lint                        looks at the cases alone

The last line is "LANGUAGE: N passed, M failed". With --flipped each case is played with one expectation made wrong (drawn by the
seed: --seed, EXOREF_SEED, or any) and must fail at that very step; --every-flip takes them all. docs/conformance.md says what cases and agents are.
"""
import argparse
import multiprocessing
import os
import random
import sys

import cases
import flips
import manners
from agents import Agent
from play import Session
from servers import Server, end_with_parent

_session = None


def _begin(command, factor):
    global _session
    _session = Session(Server(), command, factor)


def _play(job):
    """(name, what went wrong or None)"""
    name, case, flipped = job
    failure = _session.play(case, flipped)
    if flipped is None:
        return name, failure and str(failure)
    if failure is None:
        return name, f"passed although what step {flipped} expects is wrong"
    if failure.number != flipped:
        return name, f"failed elsewhere than at step {flipped}: {failure}"
    return name, None


def _worker(arguments, jobs, results):
    end_with_parent()
    _begin(*arguments)
    while True:
        job = jobs.get()
        if job is None:
            break
        try:
            results.put(_play(job))
        except Exception as error:  # the driver's own: the run must not hang
            results.put((job[0], f"the driver failed: {error!r}"))
    results.put((None, _session.close()))


def play_all(jobs, arguments, workers):
    """What went wrong, as (name, words); prints each."""
    forking = multiprocessing.get_context("fork")
    queue, results = forking.Queue(), forking.Queue()
    processes = [forking.Process(target=_worker, args=(arguments, queue, results)) for _ in range(workers)]
    for process in processes:
        process.start()
    for job in [*jobs, *[None] * workers]:
        queue.put(job)
    wrong = []
    for _ in range(len(jobs) + workers):
        name, what = results.get()
        for words in what if name is None else [what] if what else []:
            wrong.append((name or "the end", words))
            print(f"FAIL {name or 'the end'}: {words}", flush=True)
    for process in processes:
        process.join()
    return wrong


def jobs_of(chosen, args):
    if not args.flipped and not args.every_flip:
        return [(case["name"], case, None) for case in chosen]
    print(f"seed {args.seed}")
    drawn = random.Random(args.seed)
    jobs = []
    for case in chosen:
        variants = list(flips.flips(case))
        jobs += [(f"{case['name']} (step {number})", variant, number)
                 for number, variant in (variants if args.every_flip else [drawn.choice(variants)])]
    return jobs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("language", nargs="?")
    parser.add_argument("agent", nargs=argparse.REMAINDER)
    parser.add_argument("--lint", action="store_true")
    parser.add_argument("--only", metavar="TEXT", help="cases whose name or rule has it")
    parser.add_argument("--flipped", action="store_true")
    parser.add_argument("--every-flip", action="store_true")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("EXOREF_SEED") or random.randrange(10**9)))
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--factor", type=float, default=float(os.environ.get("EXOREF_TEST_TIMEOUT_FACTOR", 1)))
    args = parser.parse_args()
    factor = max(1, round(args.factor))
    found = cases.load()
    wrong = cases.complaints(found)
    for complaint in wrong:
        print(f"FAIL {complaint}")
    if args.lint:
        print(f"cases: {len(found)}, {len(wrong)} complaints")
        return 1 if wrong else 0
    if not args.agent:
        parser.error("which agent?")
    chosen = [c for c in found if not args.only or args.only in c["name"] or args.only in c["rules"]]
    jobs = jobs_of(chosen, args)
    failures = []
    if not args.only:
        server = Server()
        failures = [("manners", what) for what in
                    manners.complaints(lambda: Agent(args.agent), args.language, manners.OF_ALL, server)]
        server.close()
        for _, what in failures:
            print(f"FAIL manners: {what}")
    failures += play_all(jobs, (args.agent, factor), min(args.jobs, max(1, len(jobs))))
    failed = len({name for name, _ in failures})
    total = len(jobs) + len({name for name, _ in failures} & {"manners", "the end"})
    print(f"{args.language}: {total - failed} passed, {failed} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
