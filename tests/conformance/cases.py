"""The cases: read from cases/**/*.json, and what must hold of all of them together."""
import json
import pathlib
import re

import schema

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
AT_LEAST = 150
AT_LEAST_EACH = 2


def _no_twice(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError(f"a field twice in {names}")
    return dict(pairs)


def load(folder=HERE / "cases"):
    """All cases, in the order of their files."""
    found = []
    for path in sorted(folder.rglob("*.json")):
        found += json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_no_twice)["cases"]
    return found


def known_rules():
    return set(re.findall(r"^- ([CAPD]\d+) ", (ROOT / "docs/semantics.md").read_text(encoding="utf-8"), re.M))


def built_rules():
    lines = (ROOT / "tests/tidy/rules_built.txt").read_text(encoding="utf-8").splitlines()
    return [word for line in lines for word in line.split("#")[0].split()]


def _shape(case):
    """The case with every value and every name replaced by the order in which they come up."""
    seen = {}

    def replaced(value):
        return seen.setdefault(json.dumps(value), f"#{len(seen)}")

    def walk(name, value):
        if name in ("op", "error", "function", "validator", "body", "does", "connections", "type", "flags", "status", "state", "timeout"):
            return value
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, dict) and not schema.is_bytes(value):
            return {inner: walk(inner, member) for inner, member in value.items()}
        if isinstance(value, list):
            return [walk(name, element) for element in value]
        return replaced(value)

    return json.dumps([{name: walk(name, value) for name, value in step.items()} for step in case["steps"]]
                      + [len(case.get("processes", ["a"])), case.get("client", {})])


def distributed(case):
    """The part of a case that Clojure, one process with no server, does not have; None if it has all of it."""
    if len(case.get("processes", ["a"])) > 1:
        return "several processes"
    if "client" in case:
        return "an option that Clojure has not"
    for step in case["steps"]:
        if not schema.STEPS[step["op"]].clojure:
            return "a step that Clojure has not"
        if {"client", "options", "save"} & set(step):
            return "an option that Clojure has not"
        if step["op"] in ("promise.open", "delay.open") and "validator" in step:
            return "an option that Clojure has not"
        if step["op"] == "delay.open" and "body" not in step:
            return "a delay without a body"
    return None


def complaints(cases, rules=None, built=None, at_least=AT_LEAST):
    """What is wrong with the suite, in words."""
    rules = known_rules() if rules is None else rules
    built = built_rules() if built is None else built
    wrong, shapes, names = [], {}, set()
    for case in cases:
        name = case.get("name")
        found = schema.check_case(case, rules)
        wrong += [f"{name}: {what}" for what in found]
        if name in names:
            wrong.append(f"{name}: two cases of this name")
        names.add(name)
        if not found and "oracle" in case and distributed(case):
            wrong.append(f"{name}: says why Clojure does not judge it, which it can not anyway ({distributed(case)})")
        if not found:
            twin = shapes.setdefault(_shape(case), name)
            if twin != name:
                wrong.append(f"{name}: differs from '{twin}' by values alone")
    if len(cases) < at_least:
        wrong.append(f"only {len(cases)} cases (at least {at_least})")
    for rule in built:
        count = sum(rule in case.get("rules", []) for case in cases)
        if count < AT_LEAST_EACH:
            wrong.append(f"rule {rule}: {count} cases (at least {AT_LEAST_EACH})")
    return wrong
