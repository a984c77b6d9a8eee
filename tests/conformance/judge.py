"""Whether what a step gave is what the case expects. Each function tells what differs, or gives None."""
import schema
import values


def difference(step, answer):
    if "fault" in answer:
        return f"the agent could not play it: {answer['fault']}"
    if "error" in step:
        return _error_difference(step["error"], answer)
    if "error" in answer:
        return f"failed with {values.shown(answer['error'])}"
    return _first(_field_difference(name, wanted, answer["ok"].get(name)) for name, wanted in step.get("expect", {}).items())


def _error_difference(wanted, answer):
    if "error" not in answer:
        return f"went well ({values.shown(answer['ok'])}) instead of failing with {values.shown(wanted)}"
    error = answer["error"]
    if isinstance(wanted, str):
        wanted = {"status": wanted}
    for name, expected in wanted.items():
        if name == "message_has":
            if any(part not in error["message"] for part in expected):
                return f"the message {error['message']!r} does not have all of {expected}"
            continue
        given = error.get(name, "")
        if name == "payload":
            given, expected = values.from_wire(given), values.from_case(expected)
        if name == "status":
            given = given.removeprefix("EXOREF_")
        if given != expected:
            return f"failed with {name} {given!r} ({error['message']!r}), not {expected!r}"
    return None


def _field_difference(name, wanted, given):
    if name == "events":
        return _events_difference(wanted, given)
    if wanted is None:
        return None if given is None else f"{name} is {values.shown(given)}, not absent"
    if given is None:
        return f"{name} is absent, not {values.shown(wanted)}"
    if isinstance(wanted, dict) and set(wanted) == {"from", "to"}:
        return None if wanted["from"] <= given <= wanted["to"] else f"{name} is {given}, not in {wanted}"
    if isinstance(given, str) and schema.is_bytes(wanted):
        given, wanted = values.from_wire(given), values.from_case(wanted)
    if type(given) is not type(wanted) or given != wanted:
        return f"{name} is {values.shown(given)}, not {values.shown(wanted)}"
    return None


def _events_difference(wanted, given):
    if len(wanted) != len(given):
        return f"{len(given)} events, not {len(wanted)}: {values.shown(given)}"
    return _first(
        _in_event(number, _field_difference(name, expected, event.get(name)))
        for number, (event, expectations) in enumerate(zip(given, wanted), 1) for name, expected in expectations.items())


def _in_event(number, what):
    return what and f"event {number}: {what}"


def _first(differences):
    return next((what for what in differences if what), None)
