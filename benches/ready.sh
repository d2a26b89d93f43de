#!/usr/bin/env bash
# Starts a service, and ends when it listens, or when it is ready. The service goes on: its process id is in FILE.
#
#   benches/ready.sh listening|ready UNDERHOOD FILE
#   benches/ready.sh stop FILE
set -euo pipefail

if [[ $1 == stop ]]; then
	[[ -s $2 ]] || exit 0
	pid=$(<"$2")
	# One that ends by itself has nothing left to tell.
	kill "$pid" 2>/dev/null || true
	# A process that nobody has reaped has no executable any more.
	while [[ -e /proc/$pid/exe ]]; do sleep 0.02; done
	rm "$2"
	exit
fi

# What it logs later finds nobody, and that is no matter.
exec {log}< <(exec "$2" serve --listen 127.0.0.1:0 2>&1)
echo $! >"$3"
until [[ ${line:-} == *'listening on '* ]]; do read -r -u "$log" line; done
[[ $1 == listening ]] || curl --silent --fail --output /dev/null "${line##*listening on }/readyz"
