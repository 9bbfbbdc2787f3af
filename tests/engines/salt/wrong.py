"""Compares the results of wrong.sls with the expected comments.

    python wrong.py RESULT INI
"""

import json
import sys

DOCUMENT = "invalid state document at line 1, column "
SCHEMA = "\nhint: run `msipctl schema engine` to see the fields"
EXPECTED = {
    "relative path": "invalid `path` `MicroSIP.ini`: expected an absolute path\nhint: pass the full path of MicroSIP.ini",
    "unknown key": "INI: unknown key `autoAnser` in `[Settings]`\nhint: did you mean `autoAnswer`?",
    "invalid value": (
        'INI: invalid value `Button` for `Settings.autoAnswer`: expected `""` (empty), `button`, `header`, or `all`'
        "\nhint: to write it anyway, set `force` to `true`"
    ),
    "float": (DOCUMENT, ": invalid value: expected a string, an integer, or a boolean" + SCHEMA),
    "unknown option": (DOCUMENT, SCHEMA, ": unknown field `creat`, expected one of `create`, "),
    "value and secret": "invalid setting: pass exactly one of `value` and `secret`",
    "missing file": "INI.missing: file not found\nhint: check the path, or set `create` to `true`",
    "missing pillar key": "missing secret: the pillar has no value for `microsip:missing`",
    "list in the pillar": "invalid secret: `microsip:list` of the pillar is not a single value",
    "empty account": "invalid account: pass `settings`, `password`, or `active`",
    "unknown template": "unknown template `call-logs`\nhint: did you mean `call-log`?",
    "unknown event": (DOCUMENT, SCHEMA, ": unknown event `ringing`: expected outgoing-call, incoming-call, "),
    "unknown secret parameter": (
        "unknown parameter `format` for template `call-log`: expected `file`"
        "\nhint: run `msipctl template show call-log` to see its events and parameters"
    ),
    "policy with two errors": (
        "policy:2:1: unknown key `AAA` in `[Settings]`",
        "",
        "\npolicy:3:1: ",
    ),
    "policy missing on the master": "salt://microsip/missing.toml: file not found on the master, or empty",
    "two policies": "invalid policy: pass exactly one of `source` and `file`",
}

with open(sys.argv[1], encoding="utf-8") as result:
    states = {one["name"]: one for one in json.load(result)["local"].values()}
wrong = sorted(set(states) ^ set(EXPECTED))
for name in set(states) & set(EXPECTED):
    state, expected = states[name], EXPECTED[name]
    comment = state["comment"].replace(sys.argv[2], "INI")
    if isinstance(expected, str):
        matches = comment == expected
    else:
        start, end, *parts = expected
        matches = comment.startswith(start) and comment.endswith(end) and all(part in comment for part in parts)
    if not matches or state["result"] is not False or state["changes"]:
        wrong.append(name)
        print(f"{name}: {state}")
print(f"{len(EXPECTED)} states, {len(wrong)} with another result: {', '.join(wrong)}")
sys.exit(bool(wrong))
