"""Compares what a receiver got with the events that the NDJSON sink wrote for the same files."""

import json
import sys

kind, expected_path, found_path = sys.argv[1:]

# What differs between two runs.
OWN = ("time", "run")

SEVERITIES = {"drifted": (4, 13), "failed": (3, 17), "summary": (3, 17), "in_sync": (6, 9)}


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def without_own(event):
    return {name: value for name, value in event.items() if name not in OWN}


def syslog(found):
    """Returns the event in a message, after checks of the fields around it."""
    event = json.loads(found["message"])
    severity = SEVERITIES[event["event"].rpartition(".")[2]][0]
    assert found["pri"] == str(16 * 8 + severity), found
    assert found["host"] == event["host"], found
    assert (found["app"], found["id"], found["data"]) == ("msipctl", event["event"], "-"), found
    return event


def otlp(found):
    """Returns the event in a record, after checks of the fields around it."""
    name = found["event"]
    assert found["severity"] == SEVERITIES[name.rpartition(".")[2]][1], found
    assert found["service"] == "msipctl" and found["body"], found
    assert found["nanoseconds"] > 1_700_000_000 * 10**9, found
    event = {"event": name, "host": found["host"], "user": found["user.name"], "policy": found["msipctl.policy"]}
    names = {"file.path": "path", "msipctl.keys": "keys", "msipctl.hooks": "hooks"}
    names |= {"msipctl.reason": "reason", "msipctl.unverified": "unverified"}
    event |= {own: found[name] for name, own in names.items() if name in found}
    if "msipctl.files" in found:
        states = ("in_sync", "drifted", "failed")
        counts = {state: found[f"msipctl.files.{state}"] for state in states}
        event["counts"] = {"files": found["msipctl.files"], **counts}
    return event


expected = [without_own(event) for event in lines(expected_path)]
found = [without_own({"syslog": syslog, "otlp": otlp}[kind](line)) for line in lines(found_path)]
# The spool of the first run, which the collector missed, was sent before the second run.
expected *= 2 if kind == "otlp" else 1
assert len(expected) > 3 and found == expected, f"{found}\nexpected {expected}"
print(f"{len(found)} events")
