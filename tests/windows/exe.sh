#!/usr/bin/env bash
# Looks at a release msipctl.exe, msipctlw.exe, or msipctl-engine.exe: one file that needs nothing but Windows, small, with its resources.
#
#   bash tests/windows/exe.sh target/x86_64-pc-windows-gnu/release/msipctl.exe
set -euo pipefail
exe=$1
name=$(basename "$exe")
fail() { printf '%s: %s\n' "$exe" "$*" >&2; exit 1; }

case $name in
msipctlw.exe) largest=4000000 subsystem='Windows GUI' ;;
# Engines transfer it to each PC.
msipctl-engine.exe) largest=4000000 subsystem='Windows CUI' ;;
*) largest=10100000 subsystem='Windows CUI' ;;
esac
size=$(stat -c %s "$exe")
echo "$exe: $size bytes, at most $largest"
[ "$size" -le $largest ] || fail 'is too large'
# With a console, each hook would wait until one is made.
headers=$(x86_64-w64-mingw32-objdump -p "$exe")
grep -q "^Subsystem.*($subsystem)" <<<"$headers" || fail "is no program of $subsystem"

# Libraries of the compiler begin with lib; those of Windows do not.
libraries=$(x86_64-w64-mingw32-objdump -p "$exe" | sed -n 's/^\tDLL Name: //p' | sort -f)
[ -n "$libraries" ] || fail 'imports nothing at all, which cannot be'
echo "imports: $(echo "$libraries" | tr '\n' ' ')"
if grep -qi '^lib' <<<"$libraries"; then fail 'needs a library of the compiler'; fi
# Each of these brings others and slows every start; crates/msipctl-windows loads them when they are needed.
if grep -qiE '^(advapi32|combase|ole32|shell32|user32|version|crypt32|winhttp|ws2_32)\.' <<<"$libraries"; then
    fail 'imports a library that is slow to load'
fi

for wanted in longPathAware '>UTF-8<' asInvoker; do
    grep -aq "$wanted" "$exe" || fail "its manifest has no $wanted"
done
echo 'manifest: long paths, UTF-8'

version=$(sed -n '0,/^version = "\(.*\)"/s//\1/p' Cargo.toml)
# A version resource is UTF-16: the letters of a word stand two bytes apart.
wide() { printf '%s' "$1" | iconv -t UTF-16LE | od -An -v -tx1 | tr -d ' \n'; }
bytes=$(od -An -v -tx1 "$exe" | tr -d ' \n')
for wanted in VS_VERSION_INFO "$version" "$name"; do
    [[ $bytes == *"$(wide "$wanted")"* ]] || fail "its version resource has no $wanted"
done
echo "version resource: $version"

# Without console and without a hook there is nothing for msipctlw to say.
if [ "$name" = msipctlw.exe ]; then exit 0; fi
said=$(timeout 60 "$WINLAB/bin/winrun" "$exe" --version </dev/null | tr -d '\r')
[ "$said" = "${name%.exe} $version" ] || fail "says '$said' to --version"
echo "under Wine: $said"
