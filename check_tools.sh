#!/bin/sh
# Says in one sentence what is missing or too old before anything is set up. Needs no more than a POSIX shell.
# usage: check_tools.sh PYTHON [MAKE_VERSION]

python=${1:-python3}
make_version=${2:-}

fail() {
    echo "make: $1" >&2
    exit 1
}

# at_least HAVE WANT: whether a version such as 20.19.4 is as new as another; letters after a number do not count
at_least() {
    awk -v have="$1" -v want="$2" 'BEGIN {
        split(have, h, "."); split(want, w, ".")
        for (i = 1; i <= 3; i++) { if (h[i] + 0 > w[i] + 0) exit 0; if (h[i] + 0 < w[i] + 0) exit 1 }
        exit 0
    }'
}

[ -n "$make_version" ] || fail "this is not GNU make: install GNU make 3.81 or newer (on BSD it is called gmake)"
at_least "$make_version" 3.81 || fail "GNU make $make_version is too old: install 3.81 or newer"

command -v "$python" >/dev/null 2>&1 ||
    fail "there is no $python: install Python 3.11 or newer, or name one with 'make PYTHON=/path/to/python3'"
version=$("$python" -c 'import sys; print(".".join(map(str, sys.version_info[:3])))' 2>/dev/null) ||
    fail "$python does not run: install Python 3.11 or newer, or name one with 'make PYTHON=/path/to/python3'"
at_least "$version" 3.11 ||
    fail "$python is Python $version: install 3.11 or newer, or name one with 'make PYTHON=/path/to/python3.11'"
"$python" -c 'import ensurepip, venv' >/dev/null 2>&1 ||
    fail "$python cannot make virtual environments: install its venv module (on Debian and Ubuntu the package python3-venv)"

command -v node >/dev/null 2>&1 || fail "there is no node: install Node 20.19 or newer"
version=$(node --version 2>/dev/null) || fail "node does not run: install Node 20.19 or newer"
at_least "${version#v}" 20.19 || fail "node is $version: install Node 20.19 or newer"
command -v npm >/dev/null 2>&1 || fail "there is no npm: install the npm that comes with Node 20.19 or newer"
npm --version >/dev/null 2>&1 || fail "npm does not run: install the npm that comes with Node 20.19 or newer"
