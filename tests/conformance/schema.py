"""What a case may say: the steps, their fields, and what each may be expected to give. docs/conformance.md explains them."""
import dataclasses

# Fields that hold bytes: a text, {"base64": ...} or {"repeat": [text, times]}; on the wire they are percent-encoded.
BYTES = {"key", "value", "expected", "argument", "payload", "watch", "meanwhile_value", "old", "new"}
NUMBERS = {"count", "times", "calls", "ttl"}
FLAGS = {"eventually"}
COMMON = {"in", "op", "expect", "error", "start", "eventually"}
VALUE = "value version codec"
VALUES = "old old_version " + VALUE
FUNCTION = "argument message meanwhile_atom meanwhile_value"
EVENT_FIELDS = {"watch", "old", "new", "version", "missed", "flags"}
ERROR_FIELDS = {"status", "message", "message_has", "kind", "payload"}


@dataclasses.dataclass(frozen=True)
class Step:
    needs: frozenset
    may: frozenset
    gives: frozenset
    by_driver: bool = False
    # Whether Clojure has it, in one process: then the oracle judges it.
    clojure: bool = False


def step(needs, may="", gives="", by_driver=False, clojure=False):
    return Step(frozenset(needs.split()), frozenset(may.split()), frozenset(gives.split()), by_driver, clojure)


STEPS = {
    # Of the driver.
    "await": step("step", by_driver=True),
    "pending": step("step", by_driver=True),
    "process.kill": step("process", by_driver=True),
    "process.exit": step("process", by_driver=True),
    "process.suspend": step("process", by_driver=True),
    "process.resume": step("process", by_driver=True),
    "server.cut": step("connections", by_driver=True),
    "server.command": step("command", gives="reply", by_driver=True),
    # Of an agent.
    "client.open": step("client", "options"),
    "client.close": step("client"),
    "client.logged": step("text", "client", "logged"),
    "client.delete": step("key", "client timeout", "deleted"),
    "client.expire": step("key", "client timeout ttl"),
    "client.realized": step("key", "client type timeout", "realized"),
    "client.inspect": step("key", "client timeout", "type codec ttl state attempt failure version value meta"),
    "atom.create": step("atom key value", "client options validator argument message timeout", "created", clojure=True),
    "atom.open": step("atom key", "client options validator argument message timeout", clojure=True),
    "atom.deref": step("atom", "timeout future save", VALUE, clojure=True),
    "atom.reset": step("atom value", "timeout future save", VALUE, clojure=True),
    "atom.reset_vals": step("atom value", "timeout future save", VALUES, clojure=True),
    "atom.compare_and_set": step("atom expected value", "timeout future save", "swapped " + VALUE, clojure=True),
    "atom.compare_and_set_at": step("atom state value", "timeout save", "swapped " + VALUE),
    "atom.swap": step("atom function", FUNCTION + " timeout future save", VALUE + " calls", clojure=True),
    "atom.swap_vals": step("atom function", FUNCTION + " timeout save", VALUES + " calls", clojure=True),
    "atom.set_validator": step("atom", "validator argument message timeout", clojure=True),
    "atom.add_watch": step("atom watch log", "does timeout save", VALUE, clojure=True),
    "atom.remove_watch": step("atom watch", clojure=True),
    "atom.meta": step("atom", "timeout", "value", clojure=True),
    "atom.reset_meta": step("atom value", "timeout", clojure=True),
    "atom.alter_meta": step("atom function", FUNCTION + " timeout", "value calls", clojure=True),
    "atom.release": step("atom", clojure=True),
    "log.read": step("log count", gives="events", clojure=True),
    "state.same": step("state other", gives="same"),
    "swap.begin": step("swap atom", "timeout save", VALUE),
    "swap.offer": step("swap value", "timeout save", "done " + VALUE),
    "swap.confirm": step("swap", "timeout save", "done " + VALUE),
    "promise.open": step("promise key", "client options validator argument message timeout", "created", clojure=True),
    "promise.deliver": step("promise value", "timeout future", "delivered " + VALUE, clojure=True),
    "promise.deref": step("promise", "timeout future", VALUE, clojure=True),
    "promise.realized": step("promise", "timeout", "realized", clojure=True),
    "promise.release": step("promise", clojure=True),
    "delay.open": step("delay key", "client options body value kind message payload times validator argument timeout",
                       "created", clojure=True),
    "delay.deref": step("delay", "timeout future", VALUE, clojure=True),
    "delay.realized": step("delay", "timeout", "realized", clojure=True),
    "delay.claim": step("delay lease", "timeout", "leased token " + VALUE),
    "delay.release": step("delay", clojure=True),
    "body.calls": step("delay", gives="calls", clojure=True),
    "body.began": step("delay calls", gives="calls", clojure=True),
    "body.end": step("delay", clojure=True),
    "body.lost": step("delay", gives="lost"),
    "lease.deliver": step("lease value", "timeout", VALUE),
    "lease.fail": step("lease kind message", "payload timeout"),
    "lease.renew": step("lease", "timeout", "left_ms"),
    "lease.lost": step("lease", gives="lost"),
    "lease.give_back": step("lease", "timeout"),
    "future.get": step("future", "timeout", "swapped delivered calls " + VALUES, clojure=True),
    "future.done": step("future", gives="done", clojure=True),
    "future.cancel": step("future"),
}

FUNCTIONS = {"inc", "append", "set", "keep", "fail", "decline"}
VALIDATORS = {"accept", "refuse", "refuse_value", "at_most", "fail"}
BODIES = {"give", "fail", "decline", "wait", "fail_first"}
DOES = {"record", "fail", "remove"}
CHOICES = {"function": FUNCTIONS, "validator": VALIDATORS, "body": BODIES, "does": DOES,
           "connections": {"normal", "pubsub"}, "type": {"promise", "delay"}}


def is_bytes(value):
    return isinstance(value, str) or (isinstance(value, dict) and set(value) in ({"base64"}, {"repeat"}))


def is_number(value):
    return isinstance(value, int) and not isinstance(value, bool)


def _check_field(name, value):
    if name in CHOICES:
        return value in CHOICES[name]
    if name in BYTES:
        return is_bytes(value)
    if name in NUMBERS:
        return is_number(value)
    if name in FLAGS:
        return value is True
    if name == "timeout":
        return value == "none" or is_number(value)
    if name == "options":
        return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
    if name == "command":
        return isinstance(value, list) and all(isinstance(word, str) or set(word) == {"key"} for word in value)
    return isinstance(value, str)


def check_step(step_, processes):
    """What is wrong with a step, in words; nothing if it can be played."""
    name = step_.get("op")
    if name not in STEPS:
        return [f"unknown step {name!r}"]
    known = STEPS[name]
    given = set(step_) - COMMON
    wrong = [f"{name}: unknown field {field!r}" for field in sorted(given - known.needs - known.may)]
    wrong += [f"{name}: field {field!r} is missing" for field in sorted(known.needs - given)]
    wrong += [f"{name}: {field} can not be {step_[field]!r}" for field in sorted(set(step_) - {"op", "expect", "error"})
              if not _check_field(field, step_[field])]
    if step_.get("in", processes[0]) not in processes:
        wrong.append(f"{name}: no process {step_['in']!r}")
    if known.by_driver and {"in", "start"} & set(step_):
        wrong.append(f"{name}: is the driver's own")
    if "error" in step_ and "expect" in step_:
        wrong.append(f"{name}: expects results and an error")
    # What a step that is awaited gives is judged when the case plays: `await` gives what that step gives.
    gives = None if name == "await" else known.gives
    if "future" in given & known.may:  # what it gives, future.get gives
        gives = frozenset()
    if gives is not None:
        wrong += [f"{name}: gives no {field!r}" for field in sorted(set(step_.get("expect", {})) - gives)]
    for event in step_.get("expect", {}).get("events", []):
        wrong += [f"{name}: an event has no {field!r}" for field in sorted(set(event) - EVENT_FIELDS)]
    error = step_.get("error", {})
    if isinstance(error, dict):
        wrong += [f"{name}: an error has no {field!r}" for field in sorted(set(error) - ERROR_FIELDS)]
    return wrong


CASE_FIELDS = {"name", "rules", "steps", "processes", "client", "oracle"}


def check_case(case, known_rules):
    wrong = [f"unknown field {field!r}" for field in sorted(set(case) - CASE_FIELDS)]
    wrong += [f"field {field!r} is missing" for field in sorted({"name", "rules", "steps"} - set(case))]
    if wrong:
        return wrong
    wrong += [f"there is no rule {rule}" for rule in case["rules"] if rule not in known_rules]
    if not case["rules"]:
        wrong.append("names no rule")
    if "oracle" in case and not (isinstance(case["oracle"], str) and len(case["oracle"]) > 10):
        wrong.append("'oracle' says in words why Clojure does not judge it")
    processes = case.get("processes", ["a"])
    started = {}
    for number, step_ in enumerate(case["steps"], 1):
        wrong += [f"step {number}: {what}" for what in check_step(step_, processes)]
        if "start" in step_:
            started[step_["start"]] = STEPS.get(step_["op"])
        if step_.get("op") in ("await", "pending"):
            of = started.get(step_.get("step"))
            if of is None:
                wrong.append(f"step {number}: no step {step_.get('step')!r} was started")
            else:
                wrong += [f"step {number}: gives no {field!r}" for field in sorted(set(step_.get("expect", {})) - of.gives)]
    if not any("expect" in s or "error" in s for s in case["steps"]):
        wrong.append("expects nothing")
    return wrong
