"""
Manage MicroSIP.ini with msipctl

Each state sends one state document to msipctl, through the execution module
``msipctl``. With ``test=True``, nothing is written, and the result shows what would
change. Secrets appear as ``***`` in the changes.

.. code-block:: yaml

    auto-answer:
      msipctl.setting:
        - path: C:\\Users\\ann\\AppData\\Roaming\\MicroSIP\\MicroSIP.ini
        - section: Settings
        - key: AA
        - value: "1"
"""

from salt.exceptions import CommandExecutionError

__virtualname__ = "msipctl"


def __virtual__():
    if "msipctl.run" not in __salt__:
        return False, "msipctl not found: install it, or set msipctl.program in the configuration of the minion"
    return __virtualname__


def setting(name, path, section, key, value=None, secret=None, raw=False, options=None):
    """
    Set a key

    value
        A string, an integer, or a boolean.

    secret
        Where msipctl gets a secret, instead of ``value``: ``{pillar: KEY}``,
        ``{env: NAME}``, or ``{file: PATH}``. Don't write a secret into the SLS file,
        because Salt logs the rendered file.

    raw
        Write the value exactly as given, without quotes that msipctl would add.

    options
        The ``options`` of the state document, such as ``create: true`` or
        ``if_running: wait``.
    """
    if (value is None) == (secret is None):
        return _failed(name, "invalid setting: pass exactly one of `value` and `secret`")
    stated = {"section": section, "key": key}
    if secret is not None:
        stated["secret"] = secret
    else:
        stated["value"] = value
    if raw:
        stated["raw"] = True
    return _applied(name, {"path": path, "settings": [stated]}, options)


def absent(name, path, section, key=None, options=None):
    """
    Remove a key, or a section if ``key`` is missing
    """
    stated = {"section": section, "state": "absent"}
    if key is not None:
        stated["key"] = key
    return _applied(name, {"path": path, "settings": [stated]}, options)


def account(name, path, settings=None, number=1, password=None, active=False, options=None):
    """
    Set the keys of an account

    settings
        The keys of ``[AccountN]`` with their values, as in MicroSIP.ini.

    number
        The N of ``[AccountN]``.

    password
        Where msipctl gets the password: ``{pillar: KEY}``, ``{env: NAME}``, or
        ``{file: PATH}``.

    active
        Select the account: set ``Settings.accountId`` to its number.

    To remove an account, use ``msipctl.absent`` with its section.
    """
    section = f"Account{number}"
    stated = [{"section": section, "key": key, "value": value} for key, value in (settings or {}).items()]
    if password is not None:
        stated.append({"section": section, "key": "password", "secret": password})
    if active:
        stated.append({"section": "Settings", "key": "accountId", "value": str(number)})
    if not stated:
        return _failed(name, "invalid account: pass `settings`, `password`, or `active`")
    return _applied(name, {"path": path, "settings": stated}, options)


def hook(name, path, template, events=None, parameters=None, secret_parameters=None, existing="fail", options=None):
    """
    Add a hook

    template
        Name of the template. ``msipctl template list`` lists all.

    events
        List of events, such as ``incoming-call``. By default, all events of the
        template. The state document calls it ``on``, which YAML reads as a boolean.

    parameters
        Values of the template's parameters. For a secret, use ``{pillar: KEY}``.

    secret_parameters
        Names of the parameters that are secret under any name.

    existing
        What to do if the event has a command: ``fail``, ``replace``, or ``chain``.
    """
    stated = _hook(template, events, "present")
    stated["existing"] = existing
    if parameters:
        stated["with"] = parameters
    if secret_parameters:
        stated["secret_with"] = secret_parameters
    return _applied(name, {"path": path, "hooks": [stated]}, options)


def hook_absent(name, path, template, events=None, options=None):
    """
    Remove a hook

    events
        List of events. By default, all events of the template.
    """
    return _applied(name, {"path": path, "hooks": [_hook(template, events, "absent")]}, options)


def policy(name, path, source=None, file=None, purge=None, options=None):
    """
    Apply a policy

    source
        A policy on the master, such as ``salt://microsip/company.toml``. Its
        ``extends`` and secret files must have absolute paths.

    file
        Full path of a policy on the minion, instead of ``source``.

    purge
        What to remove if neither the document nor its policy states it: ``hooks``,
        ``accounts``, and ``keys`` (list of sections).
    """
    if (source is None) == (file is None):
        return _failed(name, "invalid policy: pass exactly one of `source` and `file`")
    if source is not None:
        text = __salt__["cp.get_file_str"](source, saltenv=__env__)
        if not text:
            return _failed(name, f"{source}: file not found on the master, or empty")
        stated = {"text": text}
    else:
        stated = {"file": file}
    document = {"path": path, "policy": stated}
    if purge:
        document["purge"] = purge
    return _applied(name, document, options)


def _hook(template, events, state):
    stated = {"template": template, "state": state}
    if events:
        stated["on"] = [events] if isinstance(events, str) else list(events)
    return stated


def _applied(name, document, options):
    document = dict(document, check=bool(__opts__.get("test")))
    if options:
        document["options"] = options
    try:
        result = __salt__["msipctl.run"](document, "set")
    except CommandExecutionError as error:
        return _failed(name, str(error))
    path, state = document["path"], result["state"]
    if state == "failed":
        return _failed(name, __salt__["msipctl.explained"](result))
    outcome, comment = {
        "unchanged": (True, f"{path} is in the desired state"),
        "changed": (True, f"{path} changed"),
        "would_change": (None, f"{path} would change"),
        "queued": (True, f"queued until MicroSIP exits{_processes(result)}"),
    }[state]
    if state in ("unchanged", "changed") and result["in_desired_state"] is False:
        outcome, comment = False, f"{path} doesn't match the policy, and msipctl can't change that"
    lines = [comment, *_unmet(result), *(result.get("notes") or [])]
    returned = {"name": name, "changes": _changes(result), "result": outcome, "comment": "\n".join(lines)}
    if result.get("warnings"):
        returned["warnings"] = list(result["warnings"])
    return returned


def _changes(result):
    """Return the changes by key and hook, in which msipctl has masked the secrets."""
    changes = {}
    for change in result.get("changes") or []:
        changes[f"{change['section']}.{change['key']}"] = {"old": change["before"], "new": change["after"]}
    for change in result.get("hooks") or []:
        changes[f"hook {change['template']} on {change['event']}"] = {"old": change["before"], "new": change["after"]}
    for line in result.get("removed_duplicates") or []:
        changes[f"{line['section']}.{line['key']} (duplicate in line {line['line']})"] = {"old": line["value"], "new": None}
    if not changes and result["state"] in ("changed", "would_change", "queued"):
        # Only the text of the file changes, not what MicroSIP reads.
        changes["encoding"] = {"old": None, "new": result.get("encoding")}
    return {result["path"]: changes} if changes else {}


def _unmet(result):
    """Return what the policy expects and msipctl never writes: constraints, and accounts that violate one."""
    lines = [f"[{account['section']}] isn't written: {account['reason']}" for account in result.get("blocked") or []]
    changed = {f"{change['section']}.{change['key']}".lower() for change in result.get("changes") or []}
    changed |= {f"Settings.{change['key']}".lower() for change in result.get("hooks") or []}
    for drift in result.get("drift") or []:
        key = f"{drift['section']}.{drift['key']}"
        if key.lower() not in changed:
            actual = "isn't set" if drift["actual"] is None else f"is `{drift['actual']}`"
            lines.append(f"{key} {actual}, expected {drift['expected']} ({drift['policy']})")
    return lines


def _processes(result):
    """Return the processes that have to exit first, such as ` (process 77)`."""
    ids = sorted(process["id"] for process in (result.get("pending") or {}).get("waits_for") or [])
    if not ids:
        return ""
    return f" (process {ids[0]})" if len(ids) == 1 else f" (processes {', '.join(map(str, ids))})"


def _failed(name, comment):
    return {"name": name, "changes": {}, "result": False, "comment": comment}
