#!/bin/sh
# Make the virtual environment: sh scripts/make_venv.sh .venv
# Tries one interpreter after another, because the one called python3 may be old, or lack the venv module (Debian
# ships that apart), or be a version manager's stub for a version that isn't there.
set -eu
venv=$1
found=
for python in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    found=$python
    "$python" -c 'import ensurepip, venv' 2>/dev/null || continue
    rm -rf "$venv"
    exec "$python" -m venv "$venv"
done
if [ -n "$found" ]; then
    echo "Python's venv module is missing: install it (on Debian: apt-get install python3-venv) and run make again." >&2
else
    echo "Gerbang needs Python 3.11 or newer and found none: install it, or run make PYTHON=/path/to/python3." >&2
fi
exit 1
