"""Cases with one expectation made wrong: each must fail at that very step, or the case proves nothing there."""
import copy

import schema
import values

NOTHING_TO_EXPECT = {name for name, step in schema.STEPS.items() if step.by_driver} - {"await", "server.command"}


def _wrong(expected):
    if expected is None:
        return "~"
    if isinstance(expected, bool):
        return not expected
    if isinstance(expected, int):
        return expected + 1
    if isinstance(expected, list):
        return expected[:-1] if expected else [{}]
    if set(expected) == {"from", "to"}:
        return {"from": expected["to"] + 1, "to": expected["to"] + 1}
    return {"base64": values.base64.b64encode(values.from_case(expected) + b"~").decode()}


def _wrong_error(name, expected):
    if name == "status":
        return "EINTERNAL" if expected != "EINTERNAL" else "EINVAL"
    if name == "message_has":
        return [*expected, "~~"]
    return _wrong(expected) if name == "payload" else expected + "~"


def _variants(step):
    if step["op"] in NOTHING_TO_EXPECT or "start" in step:
        return
    without = {name: value for name, value in step.items() if name not in ("expect", "error")}
    if "error" in step:
        error = step["error"] if isinstance(step["error"], dict) else {"status": step["error"]}
        yield without
        for name, expected in error.items():
            yield {**without, "error": {**error, name: _wrong_error(name, expected)}}
        return
    yield {**without, "error": "EINTERNAL"}
    for name, expected in step.get("expect", {}).items():
        yield {**step, "expect": {**step["expect"], name: _wrong(expected)}}
        for number, event in enumerate(expected if name == "events" else []):
            for field, inner in event.items():
                events = copy.deepcopy(expected)
                events[number][field] = _wrong(inner) if field != "flags" else [*inner, "~"]
                yield {**step, "expect": {**step["expect"], "events": events}}


def flips(case):
    """(number of the step, the case with that step's expectation wrong), all there are."""
    for number, step in enumerate(case["steps"], 1):
        for variant in _variants(step):
            steps = list(case["steps"])
            steps[number - 1] = variant
            yield number, {**case, "steps": steps}
