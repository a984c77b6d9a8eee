"""What an agent must refuse: steps, fields, names and words that it does not know. Else a case could pass unplayed."""
from agents import Fault

OF_CLOJURE = [
    {"op": "atom.frobnicate"},
    {"op": "case.end", "surplus": "1"},
    {"op": "atom.deref", "atom": "nobody"},
    {"op": "atom.deref"},
    {"op": "promise.deref", "promise": "nobody", "timeout": 0},
    {"op": "promise.deliver", "promise": "nobody", "value": "x", "valeu": "y"},
    {"op": "delay.deref", "delay": "nobody"},
    {"op": "future.get", "future": "nobody"},
    {"op": "log.read", "log": "nobody", "count": 0, "timeout": 0},
]
OF_ALL = OF_CLOJURE + [
    {"op": "client.close", "client": "nobody"},
    {"op": "client.delete", "client": "nobody", "key": "k"},
    {"op": "lease.renew", "lease": "nobody"},
    {"op": "client.logged", "client": "nobody", "text": "x", "timeout": 0},
]
# Played with a client: words that nobody knows, and fields that are left over.
WITH_CLIENT = [
    {"op": "atom.swap", "atom": "x", "function": "frobnicate"},
    {"op": "atom.swap", "atom": "x", "function": "inc", "surplus": "1"},
    {"op": "atom.set_validator", "atom": "x", "validator": "frobnicate"},
    {"op": "atom.add_watch", "atom": "x", "watch": "w", "log": "l", "does": "frobnicate"},
    {"op": "atom.reset", "atom": "x", "value": "%zz"},
    {"op": "atom.reset", "atom": "x", "value": 1},
    {"op": "atom.create", "atom": "x", "key": "other", "value": "1"},
    {"op": "atom.create", "atom": "y", "key": "other", "value": "1", "options": {"frobnicate": "1"}},
    {"op": "delay.open", "delay": "d", "key": "d", "body": "frobnicate"},
]
SECONDS = 60


def _refusals(agent, messages):
    for message in messages:
        answer = agent.ask(message, SECONDS)
        # An option that does not exist may also be an error of exoref.
        if set(answer) != {"fault"} and "options" not in message or "ok" in answer:
            yield f"{message} gives {answer}, not a fault"


def complaints(start, language, refused, server=None):
    """What is wrong with the agent that `start` starts."""
    agent = start()
    try:
        hello = agent.ask({"op": "hello"}, SECONDS)
        if hello.get("ok", {}).get("language") != language:
            return [f"says of itself {hello}, not {language!r}"]
        found = list(_refusals(agent, refused))
        if server:
            agent.ask({"op": "client.open", "client": "main", "url": server.url()}, SECONDS)
            agent.ask({"op": "atom.create", "atom": "x", "key": "k", "value": "1"}, SECONDS)
            found += _refusals(agent, WITH_CLIENT)
            if agent.ask({"op": "atom.deref", "atom": "x"}, SECONDS).get("ok", {}).get("version") != 1:
                found.append("a step that was refused was played all the same")
        if "ok" not in agent.ask({"op": "case.end"}, SECONDS):
            found.append("case.end fails")
        code = agent.exit(SECONDS)
        return found + ([] if code == 0 else [f"ends with {code} when its input does"])
    except Fault as fault:
        return [str(fault)]
    finally:
        agent.end()
