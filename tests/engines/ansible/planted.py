"""Searches a folder for a secret in all forms in which a program could write it.

    python planted.py SECRET FOLDER

Only MicroSIP.ini and its backups may contain it, and each MicroSIP.ini of a host must: otherwise the search proves nothing.
"""

import base64
import json
import pathlib
import sys
import urllib.parse

secret, folder = sys.argv[1], pathlib.Path(sys.argv[2])
forms = {secret.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be", "cp1252")}
forms |= {
    json.dumps(secret).strip('"').encode(),
    urllib.parse.quote(secret).encode(),
    base64.b64encode(secret.encode()).rstrip(b"=")[:-1],
    # The part that no encoding changes.
    secret.split("ä")[0].encode() + b"-p"[1:],
}
own, found, searched = set(), [], 0
for path in sorted(folder.rglob("*")):
    if not path.is_file() or path.is_symlink():
        continue
    relative = path.relative_to(folder)
    data = path.read_bytes()
    hit = any(form in data for form in forms)
    if path.name == "MicroSIP.ini" or ".msipctl" in relative.parts and path.suffix != ".json":
        if hit:
            own.add(relative.parts[0])
        continue
    if relative.parts[0] == "ssh" and path.name == "secret.yml":
        continue
    searched += 1
    if hit:
        found.append(relative)
print(f"searched {searched} files; found in MicroSIP.ini of: {', '.join(sorted(own))}")
for path in found:
    print(f"found in {path}")
sys.exit(bool(found) or not {"one", "two", "three"} <= own)
