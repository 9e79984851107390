#!/bin/sh
# Creates .venv and installs the locked dependencies and the project itself. Called by `make install`.
# PYTHON=... chooses the interpreter; else the environment that is there stays, or the newest supported one that runs
# is taken.
set -eu
cd "$(dirname "$0")/.."

LOCK=requirements.lock
SUPPORTED="3.14 3.13 3.12 3.11"

runs() { # is $1 a supported Python? A name on PATH is not enough: a version manager's shim may lead nowhere.
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' >/dev/null 2>&1
}

can_venv() { # Debian and its kin ship Python without ensurepip
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

has_pip() { .venv/bin/python -m pip --version >/dev/null 2>&1; } # an environment by uv has none
has_uv() { command -v uv >/dev/null 2>&1; }
can_install() { has_pip || has_uv; }

candidates() {
    for version in $SUPPORTED; do echo "python$version"; done
    echo python3
    echo python
}

choose() { # the newest Python that runs and passes the check $1
    for name in $(candidates); do
        if runs "$name" && "$1" "$name"; then
            echo "$name"
            return
        fi
    done
}

if [ -n "${PYTHON:-}" ]; then
    if ! runs "$PYTHON"; then
        echo "install: PYTHON=$PYTHON does not run, or is none of the supported versions: $SUPPORTED" >&2
        exit 1
    fi
    python=$PYTHON
elif runs .venv/bin/python; then
    python=$(.venv/bin/python -c 'import os, sys; print(os.path.realpath(sys.executable))')
else
    python=$(choose can_venv)
    [ -n "$python" ] || python=$(choose runs)
fi
if [ -z "$python" ]; then
    echo "install: no supported Python found on PATH. Supported versions: $SUPPORTED" >&2
    echo "install: name another with  make install PYTHON=/path/to/python" >&2
    exit 1
fi

describe() { "$1" -c 'import sys; print("%d.%d %s" % (*sys.version_info[:2], sys.base_prefix))'; }

version=$(describe "$python" | cut -d' ' -f1)

if runs .venv/bin/python && [ "$(describe .venv/bin/python)" = "$(describe "$python")" ] && can_install; then
    echo "install: .venv is there (Python $version): bringing it up to date"
elif can_venv "$python"; then
    echo "install: .venv with Python $version"
    rm -rf .venv
    "$python" -m venv .venv
elif has_uv; then
    echo "install: .venv with Python $version, which lacks the venv module: by uv"
    rm -rf .venv
    uv venv --quiet --python "$python" .venv
else
    echo "install: Python $version lacks the venv module. Install it, or uv, and run make again:" >&2
    echo "    Debian, Ubuntu:  apt-get install python$version-venv" >&2
    echo "    Fedora:          dnf install python$version" >&2
    exit 1
fi

if has_pip; then
    install=".venv/bin/python -m pip install --quiet --disable-pip-version-check"
else
    install="uv pip install --quiet --python .venv/bin/python"
fi

echo "install: $(grep -c '^[a-zA-Z0-9._-]*\(\[.*\]\)\{0,1\}==' $LOCK) locked packages (a minute or two, the first time)"
$install --require-hashes -r $LOCK
echo "install: kairos itself"
$install --no-deps --no-build-isolation -e .
touch .venv/.installed
echo "install: done"
