#!/usr/bin/env python3
"""The suite itself: its cases keep the rules for cases, and its checks can fail - each on a sample that it must complain about.

The last line is "conformance suite: N passed, M failed".
"""
import copy
import sys

import cases
import flips
import judge
import schema
import values

GOOD = {"name": "good", "rules": ["A1"], "steps": [
    {"op": "atom.create", "atom": "x", "key": "k", "value": "1", "expect": {"created": True}},
    {"op": "atom.swap", "atom": "x", "function": "inc", "expect": {"value": "2", "version": 2}},
    {"op": "atom.swap", "atom": "x", "function": "fail", "message": "no", "error": "EFUNCTION"}]}


def changed(number=None, **fields):
    """GOOD with other fields; of that step, or of the case. None takes a field away."""
    case = copy.deepcopy(GOOD)
    into = case if number is None else case["steps"][number - 1]
    for name, value in fields.items():
        into.pop(name, None)
        if value is not None:
            into[name] = value
    return case


# What must be said about a case; None: nothing.
OF_A_CASE = [
    (GOOD, None),
    (changed(2, op="atom.frobnicate"), "unknown step 'atom.frobnicate'"),
    (changed(2, surplus="1"), "unknown field 'surplus'"),
    (changed(2, function="frobnicate"), "function can not be 'frobnicate'"),
    (changed(2, function=None), "field 'function' is missing"),
    (changed(2, expect={"valeu": "2"}), "gives no 'valeu'"),
    (changed(2, expect={"created": True}), "gives no 'created'"),
    (changed(2, value=1), "unknown field 'value'"),
    (changed(1, value=1), "value can not be 1"),
    (changed(1, timeout="1s"), "timeout can not be '1s'"),
    (changed(3, error={"staus": "EFUNCTION"}), "an error has no 'staus'"),
    (changed(3, expect={"value": "1"}), "expects results and an error"),
    (changed(2, **{"in": "b"}), "no process 'b'"),
    (changed(2, op="await", atom=None, function=None, step="never"), "no step 'never' was started"),
    (changed(2, op="log.read", atom=None, function=None, log="l", count=1, expect={"events": [{"nwe": "1"}]}), "an event has no 'nwe'"),
    (changed(2, start="later", future="f", expect=None), None),
    (changed(rules=["A99"]), "no rule A99"),
    (changed(rules=[]), "names no rule"),
    (changed(rule=["A1"]), "unknown field 'rule'"),
    (changed(name=None), "'name' is missing"),
    (changed(oracle="no"), "says in words why"),
    (changed(processes=["a", "b"], oracle="Clojure does otherwise"), "which it can not anyway"),
    (changed(steps=[{"op": "hello"}]), "unknown step 'hello'"),
    (changed(steps=[{"op": "process.kill", "process": "a"}]), "expects nothing"),
]

TWIN = changed(2, expect={"value": "3", "version": 3})
OF_A_SUITE = [
    ([GOOD, changed(2, function="keep")], "two cases of this name"),
    ([GOOD, {**TWIN, "name": "twin"}], "differs from 'good' by values alone"),
    ([GOOD, {**changed(2, error="EVALIDATION", expect=None), "name": "other"}], None),
    ([GOOD], "rule A1: 1 cases"),
]

OF_AN_ANSWER = [
    ({"expect": {"value": "a b"}}, {"ok": {"value": "a b", "version": 1}}, None),
    ({"expect": {"value": "a b"}}, {"ok": {"value": "a  b"}}, "value is"),
    ({"expect": {"value": {"base64": "AP8="}}}, {"ok": {"value": "%00%ff"}}, None),
    ({"expect": {"value": {"repeat": ["ab", 3]}}}, {"ok": {"value": "ababab"}}, None),
    ({"expect": {"value": None}}, {"ok": {"value": ""}}, "not absent"),
    ({"expect": {"value": ""}}, {"ok": {}}, "is absent"),
    ({"expect": {"version": 1}}, {"ok": {"version": True}}, "version is True"),
    ({"expect": {"created": True}}, {"ok": {"created": 1}}, "created is 1"),
    ({"expect": {"token": {"from": 1, "to": 2}}}, {"ok": {"token": 3}}, "not in"),
    ({"expect": {"token": {"from": 1, "to": 2}}}, {"ok": {"token": 2}}, None),
    ({"expect": {"events": [{"new": "1"}]}}, {"ok": {"events": []}}, "0 events, not 1"),
    ({"expect": {"events": [{"new": "1"}]}}, {"ok": {"events": [{"new": "2"}]}}, "event 1: new"),
    ({"expect": {"events": [{"old": None, "flags": []}]}}, {"ok": {"events": [{"new": "2", "flags": ["deleted"]}]}}, "flags"),
    ({"error": "ETIMEOUT"}, {"error": {"status": "EXOREF_ETIMEOUT", "message": ""}}, None),
    ({"error": "ETIMEOUT"}, {"error": {"status": "EXOREF_EBUSY", "message": ""}}, "'EBUSY'"),
    ({"error": "ETIMEOUT"}, {"ok": {}}, "went well"),
    ({"error": {"status": "EBODY", "payload": {"base64": "AA=="}}}, {"error": {"status": "EXOREF_EBODY", "message": "", "payload": "%01"}}, "payload"),
    ({"error": {"message_has": ["a", "b"]}}, {"error": {"status": "EXOREF_ECODEC", "message": "only a"}}, "does not have all"),
    ({}, {"error": {"status": "EXOREF_EBUSY", "message": "m"}}, "failed with"),
    ({}, {"fault": "unknown field 'x'"}, "could not play it"),
    ({"error": "ETIMEOUT"}, {"fault": "unknown field 'x'"}, "could not play it"),
    ({}, {"ok": {}}, None),
]


def as_expected(complaints, part):
    return not complaints if part is None else any(part in complaint for complaint in complaints)


def undescribed():
    """What a case may say and docs/conformance.md does not."""
    said = (cases.ROOT / "docs/conformance.md").read_text(encoding="utf-8")
    words = set(schema.STEPS) | schema.CASE_FIELDS | schema.COMMON | schema.EVENT_FIELDS | schema.ERROR_FIELDS
    words = words.union(*schema.CHOICES.values())
    for step in schema.STEPS.values():
        words |= step.needs | step.may | step.gives
    return sorted(word for word in words if f"`{word}`" not in said)


def main():
    known = cases.known_rules()
    checks = []
    for case, part in OF_A_CASE:
        said = cases.complaints([case], known, [], 1)
        checks.append((as_expected(said, part), f"case {case}: expected {part!r}, got {said}"))
    for some, part in OF_A_SUITE:
        said = cases.complaints(some, known, ["A1"], 1)
        checks.append((as_expected(said, part), f"suite of {[c['name'] for c in some]}: expected {part!r}, got {said}"))
    said = cases.complaints([GOOD], known, [], 2)
    checks.append((as_expected(said, "only 1 cases"), f"a suite that is too small: {said}"))
    for step, answer, part in OF_AN_ANSWER:
        said = judge.difference(step, answer)
        checks.append((as_expected([said] if said else [], part), f"{step} with {answer}: expected {part!r}, got {said!r}"))
    for data in (b"", b'a%"\\ ~', bytes(range(256))):
        checks.append((values.from_wire(values.to_wire(data)) == data, f"{data!r} does not come back from the wire"))
    checks.append((not undescribed(), f"docs/conformance.md does not say what these are: {undescribed()}"))
    variants = [variant["steps"][number - 1] for number, variant in flips.flips(GOOD)]
    checks.append((len(variants) == 7 and not any(v in GOOD["steps"] for v in variants), f"flips: {variants}"))
    checks += [(False, complaint) for complaint in cases.complaints(cases.load())]

    failed = [words for good, words in checks if not good]
    for words in failed:
        print(f"FAIL {words}")
    print(f"conformance suite: {len(checks) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
