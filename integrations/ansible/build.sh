#!/bin/sh
# Puts the collection and its programs into DIR/ansible_collections/msipctl/microsip.
#
#   sh build.sh DIR msipctl-engine msipctl-engine.exe
#
# Every module is the same program, so two of the three names are links. Without the .exe, the collection works only on Linux.
set -eu
dir=$1 linux=$2 windows=${3:-}
here=$(cd "$(dirname "$0")" && pwd)
to=$dir/ansible_collections/msipctl/microsip
mkdir -p "$to"
for part in galaxy.yml README.md meta playbooks plugins roles tests; do
    cp -R "$here/$part" "$to/"
done
cp "$here/../../LICENSE-MIT" "$here/../../LICENSE-APACHE" "$to/"
add() { # PROGRAM EXTENSION
    cp "$1" "$to/plugins/modules/microsip_ini$2"
    chmod 0755 "$to/plugins/modules/microsip_ini$2"
    for name in microsip_audit microsip_info; do
        ln -s "microsip_ini$2" "$to/plugins/modules/$name$2"
    done
}
add "$linux" ''
if [ -n "$windows" ]; then add "$windows" .exe; fi
