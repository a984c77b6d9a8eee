"""What an agent must refuse: steps, fields, names and words that it does not know. Else a case could pass unplayed."""
from agents import Agent, Fault

REFUSED = [
    {"op": "atom.frobnicate"},
    {"op": "case.end", "surplus": "1"},
    {"op": "atom.deref", "atom": "nobody"},
    {"op": "atom.deref"},
    {"op": "client.close", "client": "nobody"},
    {"op": "client.delete", "client": "nobody", "key": "k"},
    {"op": "promise.deref", "promise": "nobody", "timeout": 0},
    {"op": "promise.deliver", "promise": "nobody", "value": "x", "valeu": "y"},
    {"op": "delay.deref", "delay": "nobody", "timeout": 0},
    {"op": "future.get", "future": "nobody"},
    {"op": "log.read", "log": "nobody", "count": 0, "timeout": 0},
    {"op": "lease.renew", "lease": "nobody"},
]


def complaints(command, language):
    agent = Agent(command)
    try:
        hello = agent.ask({"op": "hello"}, 60)
        if hello.get("ok", {}).get("language") != language:
            return [f"says of itself {hello}, not {language!r}"]
        found = []
        for message in REFUSED:
            answer = agent.ask(message, 60)
            if set(answer) != {"fault"}:
                found.append(f"{message} gives {answer}, not a fault")
        if "ok" not in agent.ask({"op": "case.end"}, 60):
            found.append("case.end fails")
        code = agent.exit(60)
        return found + ([] if code == 0 else [f"ends with {code} when its input does"])
    except Fault as fault:
        return [str(fault)]
    finally:
        agent.end()
