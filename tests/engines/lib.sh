# shellcheck shell=bash
# Functions of the tests in tests/engines, which run msipctl from real management tools. Each tests/engines/NAME/run sources it:
#
#   . "$(dirname "$0")/../lib.sh"
#
#   passed TEXT                       counts a test that passed
#   failed TEXT                       counts a test that failed
#   check TEXT COMMAND…               counts one or the other, by the exit code of the command
#   not_run NAME REASON [COUNT]       lists and counts COUNT tests that can't run here (1 by default)
#   need NAME COMMAND…                the same if a command is missing; returns 1 then
#   install PACKAGE…                  installs Debian packages, if root can do that here
#   find_python VERSION…              prints the first Python of these versions, such as 3.12
#   venv KEY PYTHON PACKAGE…          creates target/engines/KEY once, and sets VENV to its path. KEY names the versions.
#   program NAME                      prints the path of a program of this project, and builds it if it's missing
#   finish                            prints the counts, and exits with 1 if a test failed
#
# .ci/engines sets ENGINES_COUNTS to a file that gets one line for each test.

ENGINES_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
ENGINES_NAME=$(basename "$(cd "$(dirname "$0")" && pwd)")
ENGINES_WORK=$ENGINES_ROOT/target/engines
mkdir -p "$ENGINES_WORK"
PASSED=0 FAILED=0 SKIPPED=0

count() { # KIND TEXT
    if [ -n "${ENGINES_COUNTS:-}" ]; then printf '%s %s\n' "$1" "$2" >>"$ENGINES_COUNTS"; fi
}

passed() {
    PASSED=$((PASSED + 1))
    count passed "$*"
    printf 'passed: %s\n' "$*"
}

failed() {
    FAILED=$((FAILED + 1))
    count failed "$*"
    printf 'FAILED: %s\n' "$*"
}

check() { # TEXT COMMAND…
    local text=$1
    shift
    if "$@"; then passed "$text"; else failed "$text"; fi
}

not_run() { # NAME REASON [COUNT]
    local number=${3:-1} each
    SKIPPED=$((SKIPPED + number))
    for ((each = 0; each < number; each++)); do count skipped "$1 ($2)"; done
    printf 'not run: %s (%s)\n' "$1" "$2"
}

need() { # NAME COMMAND…
    local name=$1 each
    shift
    for each; do
        if ! command -v "$each" >/dev/null; then
            not_run "$name" "$each isn't installed"
            return 1
        fi
    done
}

install() { # PACKAGE…
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    local log=$ENGINES_WORK/apt.log
    local apt=(apt-get -qq -o DPkg::Lock::Timeout=300)
    if ! { DEBIAN_FRONTEND=noninteractive "${apt[@]}" update &&
        DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y --no-install-recommends "$@"; } >"$log" 2>&1 </dev/null; then
        tail -n 3 "$log"
        return 1
    fi
}

find_python() { # VERSION…
    local version python
    for version; do
        for python in "python$version" "${HOME:-/root}"/.pyenv/versions/"$version"*/bin/python python3; do
            # A shim of pyenv exists, but may not start.
            if "$python" -c "import sys, venv, ensurepip; sys.exit('%d.%d' % sys.version_info[:2] != '$version')" 2>/dev/null; then
                command -v "$python"
                return
            fi
        done
    done
    return 1
}

venv() { # KEY PYTHON PACKAGE…
    VENV=$ENGINES_WORK/$1
    local python=$2 log=$ENGINES_WORK/$1.log
    shift 2
    # The last step creates the file, so an interrupted installation starts again.
    [ ! -f "$VENV/complete" ] || return 0
    rm -rf "$VENV"
    if ! { "$python" -m venv "$VENV" && "$VENV/bin/pip" install -q --disable-pip-version-check "$@"; } >"$log" 2>&1; then
        tail -n 3 "$log"
        rm -rf "$VENV"
        return 1
    fi
    touch "$VENV/complete"
}

program() { # NAME
    local file=$ENGINES_ROOT/target/release/$1
    if [ ! -x "$file" ]; then
        (cd "$ENGINES_ROOT" && cargo build --locked --release --workspace --bin "$1") >&2 || return 1
    fi
    printf '%s\n' "$file"
}

finish() {
    printf '%s: %s passed, %s failed, %s skipped\n' "$ENGINES_NAME" "$PASSED" "$FAILED" "$SKIPPED"
    [ "$FAILED" = 0 ] || exit 1
    exit 0
}
