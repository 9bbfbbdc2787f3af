"""Searches a folder for a secret in all forms in which a program could write it.

    python planted.py SECRET FOLDER

Only the pillar, MicroSIP.ini, and its backups may contain it. The pillar and MicroSIP.ini must: otherwise the search proves nothing.
"""

import base64
import json
import pathlib
import sys
import urllib.parse

secret, folder = sys.argv[1], pathlib.Path(sys.argv[2])
forms = {secret.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be", "cp1252")}
forms |= {
    json.dumps(secret)[1:-1].encode(),
    repr(secret)[1:-1].encode(),
    urllib.parse.quote(secret).encode(),
    base64.b64encode(secret.encode()).rstrip(b"=")[:-1],
    # The start, which no escape changes.
    secret.split('"')[0].encode(),
}
expected, found, searched = {"pillar/microsip.sls", "pc/MicroSIP.ini"}, [], 0
missing = set(expected)
for path in sorted(folder.rglob("*")):
    if not path.is_file() or path.is_symlink():
        continue
    name = path.relative_to(folder).as_posix()
    hit = any(form in path.read_bytes() for form in forms)
    if name in expected:
        if hit:
            missing.discard(name)
        continue
    if name.startswith("pc/.msipctl/") and path.suffix != ".json":
        continue
    searched += 1
    if hit:
        found.append(name)
print(f"searched {searched} files")
for name in found:
    print(f"found in {name}")
for name in missing:
    print(f"not found in {name}, which has it")
sys.exit(bool(found or missing))
