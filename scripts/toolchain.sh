#!/usr/bin/env bash
# Sees to it that there is a Go toolchain whose standard library is compiled.
#
#   scripts/toolchain.sh UNDERHOOD
#
# UNDERHOOD is the built binary. Its second way to get the toolchain needs pip, which is installed only then.
set -euo pipefail
cd "$(dirname "$0")/.."

underhood=${1:?usage: scripts/toolchain.sh UNDERHOOD}

if "$underhood" toolchain install --if-missing; then
	exit
else
	code=$?
fi
# A usable pip was there, or Ctrl-C: it is not for want of pip that this failed.
if ((code == 130)) || python3 -m pip --version >/dev/null 2>&1 || /usr/bin/python3 -m pip --version >/dev/null 2>&1; then
	exit "$code"
fi
echo 'Trying once more, with pip.' >&2
scripts/setup.sh pip
exec "$underhood" toolchain install --if-missing
