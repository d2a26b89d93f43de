#!/usr/bin/env bash
# Attacks the API with what its own document says, and with what it forbids: schemathesis, on a service of its own.
#
#   scripts/schemathesis.sh UNDERHOOD [schemathesis run's options]
#
# UNDERHOOD is the built binary. tests/schemathesis.toml says how; traffic stays on loopback.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/listen.sh

underhood=${1:?usage: scripts/schemathesis.sh UNDERHOOD [OPTION…]}
shift
scripts/setup.sh schemathesis

folder=$(mktemp -d)
server=
finish() {
	[[ -z $server ]] || kill "$server" 2>/dev/null || true
	wait
	rm -rf "$folder"
}
trap finish EXIT

UNDERHOOD_LOG=warn UNDERHOOD_CACHE="$folder/cache" UNDERHOOD_SHARES="$folder/shares" UNDERHOOD_SHARE_BYTES=64MiB \
	UNDERHOOD_RATE_RUNS=off UNDERHOOD_RATE_REQUESTS=off listen "$folder/log" "$underhood" serve --listen 127.0.0.1:0

code=0
NO_PROXY=127.0.0.1 target/schemathesis/bin/schemathesis --config-file tests/schemathesis.toml --no-color \
	run "$url/api/openapi.json" "$@" || code=$?
# A panic is answered with 500, but one in the middle of an answer is only seen here.
if grep -E 'panicked|ERROR' "$folder/log" >&2; then code=1; fi
exit "$code"
