"""
Edit and check MicroSIP.ini with msipctl

This module runs ``msipctl engine get|test|set``. It sends one state document as
JSON on standard input, and it reads one result as JSON from standard output.
Secrets never appear in an argument, a log, or a returned value.

The module is available if msipctl is on the path of the minion. To use another
program, set its full path in the configuration of the minion:

.. code-block:: yaml

    msipctl:
      program: C:\\Program Files\\msipctl\\msipctl.exe
"""

import json
import os

import salt.utils.data
import salt.utils.path
from salt.exceptions import CommandExecutionError

__virtualname__ = "msipctl"

OPERATIONS = ("get", "test", "set")
STATES = ("unchanged", "changed", "would_change", "queued", "failed")
MASK = "***"
MISSING = (
    "msipctl not found: install it, or set msipctl.program in the configuration of the minion to the full path of the program"
)


def __virtual__():
    return (False, MISSING) if _program() is None else __virtualname__


def run(document, operation="set"):
    """
    Send a state document to msipctl, and return its result

    document
        The state document, with an absolute ``path`` and at least one of
        ``settings``, ``hooks``, ``policy``, and ``purge``. A ``secret`` can name a
        key of the pillar: ``secret: {pillar: "sip:password"}``.

    operation
        ``get``, ``test``, or ``set``. To change nothing, use ``test``, or add
        ``check: true`` to the document.

    An error of msipctl isn't an exception. The result then has the ``state``
    ``failed``, and an ``error`` with ``message`` and ``hint``.

    CLI Example:

    .. code-block:: bash

        salt-call msipctl.run '{"path": "C:\\\\MicroSIP\\\\MicroSIP.ini", "settings": [{"section": "Settings", "key": "AA", "value": "1"}]}' test
    """
    if operation not in OPERATIONS:
        raise CommandExecutionError(f"invalid operation {operation!r}: expected get, test, or set")
    program = _program()
    if program is None:
        raise CommandExecutionError(MISSING)
    document = _with_pillar_secrets(document)
    try:
        ran = __salt__["cmd.run_all"](
            [program, "engine", operation],
            # ASCII only, so that the encoding of the minion doesn't matter.
            stdin=json.dumps(document),
            # Otherwise, Salt replaces `\n` with a line break, also in a path such as `C:\new`.
            stdin_raw_newlines=True,
            python_shell=False,
            ignore_retcode=True,
            output_loglevel="quiet",
            output_encoding="utf-8",
        )
    except (CommandExecutionError, OSError):
        # Salt's message can contain the standard input, and so the secrets. `from None` hides it from a traceback too.
        raise CommandExecutionError(f"can't start {program}\nhint: check that the minion can run this program") from None
    return _result(ran, program, operation)


def get(path, section, key):
    """
    Return the value of a key

    Returns ``None`` if the key isn't set, and ``***`` if it's secret.

    CLI Example:

    .. code-block:: bash

        salt '*' msipctl.get 'C:\\MicroSIP\\MicroSIP.ini' Settings AA
    """
    result = _checked(run({"path": path, "settings": [{"section": section, "key": key}]}, "get"))
    for setting in result.get("settings") or []:
        if not setting.get("exists"):
            return None
        return MASK if setting.get("secret") else setting.get("value")
    return None


def audit(path, policy):
    """
    Compare a file with a policy on the minion, without changes

    The file matches the policy if ``in_desired_state`` of the result is true. ``drift``
    lists the differences.

    CLI Example:

    .. code-block:: bash

        salt '*' msipctl.audit 'C:\\MicroSIP\\MicroSIP.ini' 'C:\\company.toml'
    """
    return _checked(run({"path": path, "policy": {"file": policy}}, "test"))


def apply(path, policy, test=False):
    """
    Apply a policy on the minion to a file

    CLI Example:

    .. code-block:: bash

        salt '*' msipctl.apply 'C:\\MicroSIP\\MicroSIP.ini' 'C:\\company.toml' test=True
    """
    return _checked(run({"path": path, "policy": {"file": policy}, "check": bool(test)}, "set"))


def explained(result):
    """
    Return the messages of a failed result together with their hints

    The state module uses it for its comment.
    """
    error = result.get("error") or {}
    errors = error.get("errors") or []
    if len(errors) > 1:
        lines = [_line(f"{one['path']}:{one['line']}:{one['column']}: {one['message']}", one.get("hint")) for one in errors]
        return "\n".join(lines)
    return _line(error.get("message") or "msipctl failed without a message", error.get("hint"))


def _line(message, hint):
    return f"{message}\nhint: {hint}" if hint else message


def _program():
    """Return the configured program, the one on the path, or None."""
    configured = __opts__.get("msipctl") or {}
    if isinstance(configured, dict) and configured.get("program"):
        # A configured program that doesn't exist must not be replaced by another one.
        return configured["program"] if os.path.isfile(configured["program"]) else None
    return salt.utils.path.which("msipctl")


def _checked(result):
    if result["state"] == "failed":
        raise CommandExecutionError(explained(result))
    return result


def _with_pillar_secrets(document):
    """Return a copy of the document in which each secret from the pillar has its value."""
    if not isinstance(document, dict):
        raise CommandExecutionError("invalid state document: expected a dictionary")
    document = dict(document)
    settings = document.get("settings")
    if isinstance(settings, list):
        document["settings"] = [_with_pillar_secret(setting) for setting in settings]
    hooks = document.get("hooks")
    if isinstance(hooks, list):
        document["hooks"] = [_with_pillar_parameters(hook) for hook in hooks]
    return document


def _with_pillar_secret(setting):
    if not isinstance(setting, dict) or not _names_pillar(setting.get("secret")):
        return setting
    return dict(setting, secret={"value": _pillar_secret(setting["secret"]["pillar"])})


def _with_pillar_parameters(hook):
    if not isinstance(hook, dict) or not isinstance(hook.get("with"), dict):
        return hook
    parameters = {}
    secret = list(hook.get("secret_with") or [])
    for name, value in hook["with"].items():
        if _names_pillar(value):
            value = _pillar_secret(value["pillar"])
            if name not in secret:
                secret.append(name)
        parameters[name] = value
    hook = dict(hook)
    hook["with"] = parameters
    if secret:
        hook["secret_with"] = secret
    return hook


def _names_pillar(source):
    return isinstance(source, dict) and set(source) == {"pillar"}


def _pillar_secret(name):
    # Since 3008, pillar.get returns `**********` in place of the text. The pillar itself has it in every version.
    value = salt.utils.data.traverse_dict_and_list(__pillar__, name, None)
    if isinstance(value, (dict, list)):
        raise CommandExecutionError(f"invalid secret: `{name}` of the pillar is not a single value")
    if value is None or value == "":
        raise CommandExecutionError(f"missing secret: the pillar has no value for `{name}`")
    return str(value)


def _result(ran, program, operation):
    try:
        result = json.loads(ran.get("stdout") or "")
    except ValueError:
        result = None
    if isinstance(result, dict) and result.get("state") in STATES:
        return result
    # Without the output, because a program that isn't msipctl can repeat its input. Raised outside of `except`, because a
    # ValueError of json contains the output too.
    raise CommandExecutionError(
        f"{program} engine {operation} returned no result (exit code {ran.get('retcode')})\n"
        "hint: check that this program is msipctl, and that it has the command `engine`"
    )
