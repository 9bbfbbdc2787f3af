# shellcheck shell=bash
# Sourced by `run`: host three runs a MicroSIP (the replacement in tests/windows/microsip.c), both under Wine. Its modules are
# the Windows program. On Linux, Ansible starts that through a small script.

running() {
    local lab=${WINLAB:-/opt/winlab} desk=$work/three/desk standin=$work/MicroSIP.exe module tries
    # shellcheck source=/dev/null
    . "$lab/env.sh"
    x86_64-w64-mingw32-gcc -O2 -Wall -Wextra -Werror -municode -mwindows -static -o "$standin" tests/windows/microsip.c
    mkdir -p "$desk" "$work/wine"
    mv "$standin" "$desk/MicroSIP.exe"
    printf '[Settings]\r\naccountId=1\r\nAA=0\r\n' >"$desk/MicroSIP.ini"
    cp -a "$work/installed/ansible_collections" "$work/wine/"
    module=$work/wine/ansible_collections/msipctl/microsip/plugins/modules/microsip_ini
    cp -L "$exe" "$work/wine/msipctl-engine.exe"
    rm "$module"
    {
        echo '#!/bin/sh'
        echo '# WANT_JSON: Ansible passes the path of a file with the arguments.'
        echo ". '$lab/env.sh'"
        # Wine wraps lines on a terminal.
        echo "wine '$work/wine/msipctl-engine.exe' \"Z:\$(printf %s \"\$1\" | tr / '\\\\')\" </dev/null 2>/dev/null | cat"
    } >"$module"
    python -c 'import json, sys; print(json.dumps({"desk": "Z:" + sys.argv[1].replace("/", "\\")}))' \
        "$desk/MicroSIP.ini" >"$work/wine/desk.json"
    # Ends by itself after 120 seconds, or by /exit.
    "$lab/bin/winrun" "$desk/MicroSIP.exe" </dev/null >/dev/null 2>&1 &
    for tries in $(seq 100); do
        if grep -q '^start' "$desk/MicroSIP.trace" 2>/dev/null; then break; fi
        [ "$tries" != 100 ] || { echo 'MicroSIP did not start'; return 1; }
        sleep 0.2
    done
    local status=0
    ANSIBLE_COLLECTIONS_PATH=$work/wine playbook "running-$1" running.yml -vvv -l three \
        -e "@$work/wine/desk.json" || status=$?
    "$lab/bin/winrun" "$desk/MicroSIP.exe" /exit </dev/null >/dev/null 2>&1 || true
    [ "$status" = 0 ] && [ "$(recap "running-$1" three failed)" = 0 ] && tr -d '\r' <"$desk/MicroSIP.ini" | grep -qx 'AA=1'
}

if [ -z "$exe" ]; then
    not_run 'host with a running MicroSIP' "msipctl-engine.exe isn't built"
elif need 'host with a running MicroSIP' x86_64-w64-mingw32-gcc wine "${WINLAB:-/opt/winlab}/bin/winrun"; then
    # Wine itself fails now and then. An error of msipctl occurs twice.
    if (running first) || { rm -rf "$work/wine" "$work/three/desk"; (running second); }; then
        passed 'running MicroSIP: blocks the change, and exits if the task says so'
    else
        tail -n 60 "$work"/logs/running-*
        failed 'running MicroSIP: blocks the change, and exits if the task says so'
    fi
fi
