#!/usr/bin/env python3
"""Completion records in slots (src/store/scripts/include/records.lua): a cursor that goes round, notes with their age, taking over what
has not moved for a life, dropping the lowest when all are taken and young, and the floor that each dropped record raises. One client
is in doubt: its replies are lost, its originals arrive after its repeats, it gives up and goes on. Others come, once or again, and take
slots; time passes between any two steps; the user may lack the right to HDEL.

What must hold:
  each operation of the client stands at most once, and what it is told is true (as in exactly_once.py)
  a record is dropped only if the floor reaches its last version then; the floor never falls
  a record that moved within its life is dropped only when all slots are taken
  each record has a slot of its own that names its session, and no other (unless HDEL is forbidden: then one more may stay)
  every slot is looked at in its turn, so that an old one is found
"""
from collections import namedtuple

import search
from search import Violation

LIFE = 1                                                             # in ticks; RECORD_LIFE
OLD = LIFE + 1                                                       # ages stop counting here

# Record: `moved` is what no script knows: how long ago it truly moved. Slot: who looked at it left (last version, age) as a note, or
# None; `passed`: how often others were looked at since.
Record = namedtuple("Record", "slot counter last moved")
Slot = namedtuple("Slot", "session note passed")
Hash = namedtuple("Hash", "history records slots cursor floor")
Op = namedtuple("Op", "counter base")
Client = namedtuple("Client", "op sends todo known told")
State = namedtuple("State", "hash client wires others ticks")
ME = 0                                                               # the session in doubt; the others are 1, 2, ...


class Slots(search.World):
    """most: slots there may be (rec_n). looked: at so many at once (eight in the script). others: how often each other session
    commits. operations, sends: of the client. hdel: may the user? by_hand: somebody removes records of others."""

    def __init__(self, bug, most=2, looked=1, others=(1, 1), operations=2, sends=2, ticks=4, hdel=True, by_hand=False):
        super().__init__(bug)
        self.by_hand = by_hand
        self.most, self.looked, self.others, self.operations, self.sends = most, looked, others, operations, sends
        self.ticks, self.hdel = ticks, hdel

    def start(self):
        return State(Hash((), (), (), 0, 0), Client(None, 0, self.operations, 0, ()), frozenset(), self.others, self.ticks)

    # records.lua: find_slot(). Returns the hash with its notes, cursor and floor written, the slot, and the session that is dropped.

    def find_slot(self, hash_, session):
        used, slots, records = len(hash_.slots), list(hash_.slots), dict(hash_.records)
        looked = min(self.looked, used)
        slot = dropped = lowest = None
        reached, seen = 0, set()
        for i in range(looked):
            place = i if self.bug == "cursor-stays" else (hash_.cursor + i) % used
            its, note, _ = slots[place]
            seen.add(place)
            record = records.get(its)
            if record is None or record.slot != place:               # nobody lives here any more
                self.reached.add("nobody's slot")
                slot, dropped, reached = place, None, 0
                break
            if note is None or (note[0] != record.last and self.bug != "note-without-version"):
                slots[place] = Slot(its, (record.last, 0), 0)
            elif note[1] > LIFE:
                self.reached.add("taken over")
                slot, dropped, reached = place, its, record.last
                if self.bug == "no-floor-at-take-over":
                    reached = 0
                break
            if used >= self.most and (lowest is None or record.last < lowest):
                lowest = record.last
                slot, dropped, reached = place, its, lowest
        if lowest is not None and reached == lowest:
            self.reached.add("the lowest dropped")
            if self.bug == "no-floor-at-eviction":
                reached = 0
        slots = [one._replace(passed=0 if i in seen else one.passed + 1) for i, one in enumerate(slots)] if looked else slots
        cursor = (hash_.cursor + looked) % used if looked else hash_.cursor
        if slot is None:
            slot = used
            slots.append(None)
        slots[slot] = Slot(session, None, 0)
        floor = hash_.floor
        if dropped is not None and (reached > floor or self.bug == "floor-falls"):
            floor = reached
        return hash_._replace(slots=tuple(slots), cursor=cursor, floor=floor), slot, dropped

    # commit_otherwise.lua, of an unconditional write: (hash', answer).

    def commit(self, hash_, session, counter, base):
        records = dict(hash_.records)
        record = records.get(session)
        if record and record.counter == counter:
            return hash_, "applied, by its record"
        if record and record.counter > counter:
            return hash_, "stale"
        if not record and hash_.floor > base:
            return hash_, "too old"
        version = len(hash_.history) + 1
        if record:
            slot = record.slot
        else:
            before = hash_
            hash_, slot, dropped = self.find_slot(hash_, session)
            if dropped is not None:
                self.judge(before, hash_, records[dropped])
                if self.hdel:
                    del records[dropped]
        records[session] = Record(slot, counter, version, 0)
        history = hash_.history + ((session, counter),)
        return hash_._replace(history=history, records=tuple(sorted(records.items()))), "applied"

    def judge(self, before, after, dropped):
        if after.floor < before.floor:
            raise Violation(f"the floor falls from {before.floor} to {after.floor}")
        if not self.bug and dropped.last > after.floor:
            raise Violation(f"{dropped} is dropped, and the floor is {after.floor}")
        if dropped.moved <= LIFE and len(before.slots) < self.most:
            raise Violation(f"{dropped} moved within its life, is dropped, and there is room: {before}")

    # What may happen.

    def successors(self, state):
        hash_, client, wires, others, ticks = state
        if ticks and hash_.history:
            yield "time passes", state._replace(hash=self.older(hash_), ticks=ticks - 1)
        for i, left in enumerate(others):
            if left:                                                 # it reads and commits at one stroke: nothing of it is in doubt
                session, counter = i + 1, self.others[i] - left + 1
                now, answer = self.commit(hash_, session, counter, len(hash_.history))
                self.reached.add(answer)
                yield (f"another, {session}, commits"), state._replace(hash=now, others=others[:i] + (left - 1,) + others[i + 1:])
        if self.by_hand:
            for session, left in enumerate(others, 1):
                if not left and session in dict(hash_.records):
                    kept = tuple(item for item in hash_.records if item[0] != session)
                    yield f"the record of {session} is removed by hand", state._replace(hash=hash_._replace(records=kept))
        for wire in wires:
            yield from self.arrives(state, wire)
        if client.op is None and client.todo:
            for known in {len(hash_.history), client.known}:
                op = Op(self.operations - client.todo + 1, known)
                begun = Client(op, 1, client.todo - 1, known, client.told)
                yield ("begins:", op), state._replace(client=begun, wires=wires | {(op, 1)})
        if client.op and client.sends < self.sends:
            again = client._replace(sends=client.sends + 1)
            yield ("sends again:", client.op), state._replace(client=again, wires=wires | {(client.op, again.sends)})
        if client.op and client.todo:
            yield ("gives up:", client.op), state._replace(client=client._replace(op=None, told=client.told + ("UNKNOWN",)))

    def arrives(self, state, wire):
        op, sending = wire
        rest = state.wires - {wire}
        after, answer = self.commit(state.hash, ME, op.counter, op.base)
        self.reached.add(answer)
        if after is not state.hash:
            yield ("executed, its reply lost:", *wire), state._replace(hash=after, wires=rest)
        if state.client.op == op and sending == state.client.sends:
            applied = answer.startswith("applied")
            told = "APPLIED" if applied else "NOT_APPLIED" if sending == 1 else "UNKNOWN"
            client = state.client._replace(op=None, known=len(after.history), told=state.client.told + (told,))
            yield ("executed:", *wire, answer), state._replace(hash=after, client=client, wires=rest)

    @staticmethod
    def older(hash_):
        records = tuple((session, record._replace(moved=min(OLD, record.moved + 1))) for session, record in hash_.records)
        slots = tuple(slot._replace(note=slot.note and (slot.note[0], min(OLD, slot.note[1] + 1))) for slot in hash_.slots)
        return hash_._replace(records=records, slots=slots)

    def check(self, state):
        history, records, slots, _, _ = state.hash
        if len(set(history)) < len(history):
            raise Violation(f"something stands twice in {history}")
        for counter, told in enumerate(state.client.told, 1):
            stands = history.count((ME, counter))
            if (told == "NOT_APPLIED" and stands) or (told == "APPLIED" and not stands):
                raise Violation(f"operation {counter} was told {told}, stands {stands} times in {history}")
        if len(slots) > self.most:
            raise Violation(f"there are {len(slots)} slots")
        if self.hdel:
            named = {session: i for i, (session, _, _) in enumerate(slots)}
            if any(named.get(session) != record.slot for session, record in records) or len(named) < len(slots):
                raise Violation(f"records {records} in slots {slots}")
        turn = -(-self.most // self.looked) + 1
        if any(slot.passed > turn for slot in slots):
            raise Violation(f"a slot is never looked at: {slots}")


def world(**settings):
    return lambda bug: Slots(bug, **settings)


MODEL = search.Model(
    plans={
        "two slots": world(),
        "one slot": world(most=1, others=(2,)),
        "three slots, two looked at": world(most=3, looked=2, others=(1, 1, 1), operations=1),
        "others that come again": world(others=(2, 2), operations=1),
        "no right to HDEL": world(hdel=False, others=(2, 1), operations=1),
        "records removed by hand": world(by_hand=True, operations=1),
    },
    more={
        "two operations among three others": world(most=2, looked=2, others=(1, 1, 1)),
        "three slots, others that come again": world(most=3, looked=2, others=(2, 1, 1), operations=1, ticks=3),
        "no right to HDEL, two operations": world(hdel=False, others=(2, 1)),
    },
    reach={"applied", "applied, by its record", "stale", "too old", "nobody's slot", "taken over", "the lowest dropped"},
    bugs={
        "no-floor-at-take-over": ("an old record that is taken over does not raise the floor", world()),
        "no-floor-at-eviction": ("the lowest that is dropped does not raise the floor", world(most=1, others=(1,))),
        "floor-falls": ("the floor is set to what was dropped last", world(others=(1, 1, 1, 2), operations=0, ticks=0)),
        "note-without-version": ("a note counts though the record has moved since", world(most=3, others=(2, 1, 1), operations=0)),
        "cursor-stays": ("the look begins at the first slot each time", world(most=3, others=(1, 1, 1, 1, 1, 1, 1, 1), operations=0, ticks=0)),
    },
)

if __name__ == "__main__":
    search.main(MODEL)
