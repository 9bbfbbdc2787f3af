#!/usr/bin/env bash
# Sets up a Windows lab on Debian (amd64, root): what it takes to build msipctl for Windows with the rustc
# that is there, and to run it under Wine without a display. What is right already is left alone.
#
#   bash tests/windows/setup.sh
#   . /opt/winlab/env.sh
#   cargo test --target x86_64-pc-windows-gnu
#
#   WINLAB=/opt/winlab     where the lab lives
#   WINLAB_CACHE=DIR       looked in first for rust-library-<rustc version>.tar.xz, the source of std
set -euo pipefail
LAB=${WINLAB:-/opt/winlab}
CACHE=${WINLAB_CACHE:-}
TARGET=x86_64-pc-windows-gnu
t0=$SECONDS
step() { printf '[%4ds] %s\n' $((SECONDS - t0)) "$*"; }
die() { printf 'tests/windows/setup.sh: %s\n' "$*" >&2; exit 1; }
mkdir -p "$LAB/bin" "$LAB/log"
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

# ---- 1. Debian packages -------------------------------------------------------------------
pkgs=(gcc-mingw-w64-x86-64-win32 wine wine64)
missing=()
for p in "${pkgs[@]}"; do
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null || true)" = installed ] || missing+=("$p")
done
if [ ${#missing[@]} -gt 0 ]; then
  step "installing ${missing[*]}"
  apt=(apt-get -qq -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3)
  "${apt[@]}" update >"$LAB/log/apt.log" 2>&1 || die "apt-get update failed: $LAB/log/apt.log"
  "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >>"$LAB/log/apt.log" 2>&1 ||
    die "apt-get install failed: $LAB/log/apt.log"
fi
step "mingw: $(x86_64-w64-mingw32-gcc -dumpfullversion)"

# ---- 2. the std for the Windows target, built with the machine's own rustc ------------------
# Debian's rust-src of exactly our rustc's version, wherever a suite of Debian's own mirror offers it.
find_rust_src() { # VERSION DESTDIR : leaves DESTDIR/library
  local v=$1 dest=$2 site suite got a="$LAB/apt"
  site=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' |
    awk '$2 ~ /^(bookworm|trixie|forky|sid)$/ { print $1; exit }')
  [ -n "$site" ] || return 1
  rm -rf "$a"; mkdir -p "$a"/lists/partial "$a"/cache/archives/partial "$a"/dl
  : >"$a/status"
  local o=(-o Dir::Etc::sourcelist="$a/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$a/lists"
    -o Dir::State::status="$a/status" -o Dir::Cache="$a/cache" -o Acquire::Languages=none
    -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false -o APT::Sandbox::User=root
    -o APT::Architectures=amd64 -o Acquire::Retries=3)
  for suite in trixie-backports bookworm-backports trixie forky sid experimental bookworm; do
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site $suite main" >"$a/sources.list"
    apt-get -qq "${o[@]}" update >>"$LAB/log/rust-src.log" 2>&1 || continue
    got=$(apt-cache "${o[@]}" madison rust-src | awk -v v="$v" -F' *[|] *' 'index($2, v "+") == 1 { print $2; exit }')
    [ -n "$got" ] || continue
    step "rust-src $got from $suite"
    (cd "$a/dl" && apt-get -qq "${o[@]}" download "rust-src=$got" >>"$LAB/log/rust-src.log" 2>&1) || continue
    dpkg-deb --fsys-tarfile "$a"/dl/rust-src_*.deb |
      tar -x -C "$dest" --strip-components=4 --wildcards './usr/src/rustc-*/library/*' && rm -rf "$a" && return 0
  done
  rm -rf "$a"
  return 1
}

command -v rustc >/dev/null && command -v cargo >/dev/null || die "no rustc/cargo on PATH"
ver=$(rustc -vV | sed -n 's/^release: //p') hash=$(rustc -vV | sed -n 's/^commit-hash: //p' | cut -c1-12)
id=$ver-$hash
libdir=$LAB/sysroot/lib/rustlib/$TARGET/lib
if [ "$(cat "$LAB/sysroot/.id" 2>/dev/null || true)" != "$id" ]; then
  rm -rf "$LAB/sysroot"
  if [ -n "$CACHE" ] && [ -f "$CACHE/winstd-$id.tar.xz" ]; then
    step "unpacking the cached std winstd-$id.tar.xz"
    mkdir -p "$LAB/sysroot"
    tar -xJf "$CACHE/winstd-$id.tar.xz" -C "$LAB/sysroot"
  else
    rm -rf "$LAB/rust-src"; mkdir -p "$LAB/rust-src"
    if [ -n "$CACHE" ] && [ -f "$CACHE/rust-library-$ver.tar.xz" ]; then
      step "unpacking the cached source rust-library-$ver.tar.xz"
      tar -xJf "$CACHE/rust-library-$ver.tar.xz" -C "$LAB/rust-src"
    else
      step "looking for Debian's rust-src of version $ver"
      find_rust_src "$ver" "$LAB/rust-src" ||
        die "no rust-src $ver on Debian's mirror: give WINLAB_CACHE a rust-library-$ver.tar.xz"
    fi
    [ -f "$LAB/rust-src/library/sysroot/Cargo.toml" ] || die "the rust-src has no library/sysroot"
    step "building std for $TARGET with rustc $id"
    # As rustc's own bootstrap does it: the 'sysroot' crate, in its 'dist' profile (with bitcode, so that
    # a program can use LTO). RUSTC_BOOTSTRAP is for this one build: the program itself needs none.
    env -u CARGO_BUILD_TARGET -u CARGO_ENCODED_RUSTFLAGS -u CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUSTFLAGS \
      RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$LAB/rust-src/target" CARGO_PROFILE_DIST_DEBUG=0 CARGO_INCREMENTAL=0 \
      RUSTFLAGS="-Zforce-unstable-if-unmarked --remap-path-prefix=$LAB/rust-src/library=/rustc/$ver/library" \
      cargo build --locked --manifest-path "$LAB/rust-src/library/sysroot/Cargo.toml" --profile dist \
      --target $TARGET --features panic-unwind,backtrace >"$LAB/log/std.log" 2>&1 ||
      die "building std failed: $LAB/log/std.log"
    mkdir -p "$libdir"
    cp "$LAB/rust-src/target/$TARGET/dist/deps/"*.rlib "$libdir/"
    rm -f "$libdir"/libsysroot-*.rlib
    for o in rsbegin rsend; do
      RUSTC_BOOTSTRAP=1 rustc --target $TARGET --emit=obj -O -o "$libdir/$o.o" "$LAB/rust-src/library/rtstartup/$o.rs"
    done
    rm -rf "$LAB/rust-src/target"
  fi
  echo "$id" >"$LAB/sysroot/.id"
fi
step "std for $TARGET: $(ls "$libdir" | grep -c 'rlib$') rlibs, $(du -sm "$libdir" | cut -f1) MB, rustc $id"

# ---- 3. a Wine prefix that needs no display --------------------------------------------------
cat >"$LAB/env.sh" <<EOF
# . $LAB/env.sh : use the Windows lab in this shell
export WINLAB=$LAB WINEPREFIX=$LAB/prefix WINEARCH=win64 WINEDEBUG=\${WINEDEBUG:--all}
export WINEDLLOVERRIDES='mscoree,mshtml=;winemenubuilder.exe=d'
# Without a locale of UTF-8, Wine cannot make files whose names hold other letters than ASCII.
export LC_ALL=C.UTF-8
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=x86_64-w64-mingw32-gcc
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=$LAB/bin/winrun
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUSTFLAGS=--sysroot=$LAB/sysroot
EOF
cat >"$LAB/bin/winrun" <<EOF
#!/bin/sh
# winrun PROG.exe [ARG...] : run it under the lab's Wine, no display needed; its exit status comes back (mod 256)
. $LAB/env.sh
exec wine "\$@"
EOF
chmod +x "$LAB/bin/winrun"

. "$LAB/env.sh"
wv=$(dpkg-query -W -f='${Version}' wine64)
if [ "$(cat "$WINEPREFIX/.winlab" 2>/dev/null || true)" != "$wv" ]; then
  step "making the Wine prefix (Wine $wv)"
  [ -d "$WINEPREFIX" ] && { wineserver -k 2>/dev/null || true; rm -rf "$WINEPREFIX"; }
  # no pipes for Wine's background processes to hold open
  timeout 300 wine wineboot -i </dev/null >"$LAB/log/wineboot.log" 2>&1 || die "wineboot failed: $LAB/log/wineboot.log"
  timeout 60 wine winecfg -v win10 </dev/null >>"$LAB/log/wineboot.log" 2>&1 || die "winecfg failed"
  # windows (and so messages) without an X server
  timeout 60 wine reg add 'HKCU\Software\Wine\Drivers' /v Graphics /d null /f </dev/null >>"$LAB/log/wineboot.log" 2>&1
  # Wine 8 has no bcryptprimitives.dll, which every Rust program since 1.78 imports: a stand-in for tests
  if [ ! -e "$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll" ]; then
    cat >"$LAB/bcryptprimitives.c" <<'EOF'
/* Test-only stand-in for bcryptprimitives.dll, which Wine 8 lacks: ProcessPrng over RtlGenRandom. */
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID buf, ULONG len);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T len)
{
  while (len) {
      ULONG n = len > 0x40000000u ? 0x40000000u : (ULONG)len;
      if (!SystemFunction036(data, n)) return FALSE;
      data += n;
      len -= n;
  }
  return TRUE;
}
BOOL WINAPI DllMain(HINSTANCE h, DWORD why, LPVOID r) { (void)h; (void)why; (void)r; return TRUE; }
EOF
    x86_64-w64-mingw32-gcc -O2 -Wall -shared -nostartfiles -e DllMain \
      -o "$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll" "$LAB/bcryptprimitives.c" -ladvapi32
  fi
  wineserver -k || true # the driver is read when the server starts
  wineserver -w || true
  echo "$wv" >"$WINEPREFIX/.winlab"
fi
step "Wine $wv, prefix $(du -sm "$WINEPREFIX" 2>/dev/null | cut -f1) MB"

# ---- 4. proof ----------------------------------------------------------------------------------
d=$(mktemp -d)
cat >"$d/hello.rs" <<'EOF'
use std::collections::HashMap;
fn main() {
  let m: HashMap<_, _> = [(1, "one")].into();
  let caught = std::panic::catch_unwind(|| { std::panic::set_hook(Box::new(|_| ())); panic!("x") }).is_err();
  let t = std::thread::spawn(move || m[&1]).join().unwrap();
  println!("{} {} {} {:?}", std::env::consts::OS, t, caught, std::env::args().skip(1).collect::<Vec<_>>());
  std::process::exit(7);
}
EOF
rustc --sysroot "$LAB/sysroot" --target $TARGET -C linker=x86_64-w64-mingw32-gcc -O -o "$d/hello.exe" "$d/hello.rs"
step "rustc made a $(stat -c %s "$d/hello.exe")-byte exe"
rc=0; out=$("$LAB/bin/winrun" "$d/hello.exe" 'a b' </dev/null 2>/dev/null | tr -d '\r') || rc=$?
[ $rc = 7 ] && [ "$out" = 'windows one true ["a b"]' ] || die "the exe under Wine said '$out', exit $rc"
step "it ran under Wine: $out"
rm -rf "$d"
step "ready: . $LAB/env.sh"
