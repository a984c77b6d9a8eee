#!/usr/bin/env python3
"""Which history does a state lie on? (src/store/scripts/include/terms.lua and lineage.lua; src/store/lineage.cpp asks the same for
watchers.) Every sequence of commits, lossy failovers, servers that come back as replicas and are promoted again, a first replica that
changes the replication id under open connections, and commits by users who may not read INFO; with a list of terms and a ring that
are short. After each step every state that was ever made is asked for, also those that were lost.

What must hold:
  "it lies on this history"  -> it does
  "it does not"              -> it does not, and never will (so a conflict is final)
  "nothing here can tell"    -> only if neither the list reaches back to its version with a term of its own, nor the ring
  commits that alternate between open connections of one server do not make the list grow
"""
from collections import namedtuple

import search
from search import Violation

# A version: the sending that made it (a number), and the list of terms once it was made. A term: (first version, run, replication).
Version = namedtuple("Version", "op terms")
# What a client may hold: the version, what made it, and the term that came with it (None: nobody could tell).
Seen = namedtuple("Seen", "version op term")
# run, replication: of the server now; open: the replication ids that its open connections know; commits: made ever; runs: servers
# that there were, with the last replication id given out.
State = namedtuple("State", "history run replication open commits given seen failovers")


class Terms(search.World):
    """most: entries of the list (16 in the script). ring: versions that it holds. commits: in all. hidden: may users hide where they
    commit? back: do servers come back?"""

    def __init__(self, bug, most=2, ring=1, commits=4, failovers=2, attached=0, hidden=False, back=True):
        super().__init__(bug)
        self.most, self.ring, self.commits, self.failovers = most, ring, commits, failovers
        self.attached, self.hidden, self.back = attached, hidden, back

    def start(self):
        return State((), 0, 0, frozenset((0,)), 0, 0, frozenset(), 0)

    # terms.lua: terms_after()

    def terms_after(self, terms, version, server):
        if server is None:
            return terms if self.bug == "hidden-keeps-the-list" else ()
        run, replication = server
        if self.bug == "run-alone":
            replication = 0
        if terms and terms[-1][1:] == (run, replication):
            return terms
        known = False
        for _, its_run, its_replication in terms:
            if (its_run, its_replication) == (run, replication):
                known = True
            elif its_run != run:
                known = False
        if known and self.bug != "alternating":
            return terms
        return (terms + ((version, run, replication),))[-self.most:]

    # lineage.lua: on_this_history()

    def maker(self, terms, version):
        if self.bug == "newest-term":
            return terms[-1] if terms else None
        found = None
        for entry in terms:
            if entry[0] > version and not (found is None and self.bug == "oldest-reaches-back"):
                break
            found = entry
        return found

    def lies_here(self, seen, history):
        version, op, term = seen
        if version > len(history):
            return False
        if version == len(history):
            return op == history[-1].op
        if term is not None:
            maker = self.maker(history[-1].terms, version)
            if maker is not None:
                return maker == term
        if version > len(history) - self.ring:
            self.reached.add("by the ring")
            return self.bug == "ring-by-number" or history[version - 1].op == op
        return None

    def successors(self, state):
        if state.commits < self.commits:
            ways = [(state.run, replication) for replication in state.open] + [None] * self.hidden
            for server in ways:
                yield ("commit on", server), self.committed(state, server)
        if state.given < self.attached:
            given = state.given + 1
            yield "a first replica is attached", state._replace(replication=given, open=state.open | {given}, given=given)
        if state.failovers < self.failovers:
            yield from self.taken_over(state)

    def committed(self, state, server):
        version, op = len(state.history) + 1, state.commits
        terms = self.terms_after(state.history[-1].terms if state.history else (), version, server)
        seen = state.seen | {Seen(version, op, self.maker(terms, version))}
        return state._replace(history=state.history + (Version(op, terms),), commits=op + 1, seen=seen)

    def taken_over(self, state):
        """A replica that lags is promoted: a server that is new here, or one that was the primary before, has become a replica and
        follows again. Promotion gives a new replication id; connections die."""
        runs = {state.failovers + 1} | (set(range(state.failovers + 1)) - {state.run} if self.back else set())
        for length in range(len(state.history) + 1):
            for run in runs:
                given = state.given + 1
                yield (f"{run} takes over with {length} of {len(state.history)} versions",
                       State(state.history[:length], run, given, frozenset((given,)), state.commits, given, state.seen, state.failovers + 1))
        if self.bug == "connections-outlive-demotion":
            for length in range(len(state.history)):
                yield (f"demoted and promoted again, with {length} of {len(state.history)} versions, under an open connection",
                       state._replace(history=state.history[:length], failovers=state.failovers + 1))

    def check(self, state):
        history = state.history
        if not history:
            return
        for seen in state.seen:
            truly = seen.version <= len(history) and history[seen.version - 1].op == seen.op
            for asked in {seen, seen._replace(term=None)}:
                said = self.lies_here(asked, history)
                self.reached.add(said)
                if said is not None and said != truly:
                    raise Violation(f"{asked} is said {'to lie' if said else 'not to lie'} on {history}")
                if said is None and asked.term is not None and any(entry[0] <= seen.version for entry in history[-1].terms):
                    raise Violation(f"{asked}: the list {history[-1].terms} reaches back to it, and nothing is said")
        terms = history[-1].terms
        if len({entry[1:] for entry in terms}) < len(terms) and state.failovers == 0:
            raise Violation(f"one server's connections make the list grow: {terms}")


def world(**settings):
    return lambda bug: Terms(bug, **settings)


MODEL = search.Model(
    plans={
        "two failovers, servers come back": world(commits=6),
        "a list of one, a ring of two": world(commits=5, most=1, ring=2),
        "no ring": world(commits=5, ring=0, most=3),
        "users who hide": world(commits=5, hidden=True),
        "a first replica under open connections": world(commits=5, attached=2, failovers=1),
        "three failovers": world(failovers=3, most=3),
    },
    more={
        "everything": world(commits=5, hidden=True, attached=1),
        "four failovers": world(commits=5, failovers=4, most=3),
    },
    reach={True, False, None, "by the ring"},
    bugs={
        "run-alone": ("the server is its run alone: a failover there and back leaves no trace", world()),
        "alternating": ("a term is added whenever the last entry is of another server", world(attached=1, most=4)),
        "hidden-keeps-the-list": ("a commit that hides its server leaves the list as it was", world(hidden=True)),
        "newest-term": ("the newest term is taken for that of all versions", world()),
        "oldest-reaches-back": ("the oldest term that is left is taken for that of older versions", world()),
        "ring-by-number": ("an entry of the ring is compared by its number alone", world(ring=2, hidden=True)),
    },
    needed={
        "connections-outlive-demotion": ("a connection does not outlive its server's time as a replica", world()),
    },
)

if __name__ == "__main__":
    search.main(MODEL)
