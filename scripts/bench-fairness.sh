#!/usr/bin/env bash
# How long a reader's escape run takes while four others attack without a pause, against a quiet service. The reader
# clicks once a second. Each comes from a loopback address of its own. Called by `make bench-fairness`.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/listen.sh

underhood=${1:?usage: scripts/bench-fairness.sh UNDERHOOD}
rounds=${ROUNDS:-30}

folder=$(mktemp -d)
pids=()
finish() {
	((${#pids[@]})) && kill "${pids[@]}" 2>/dev/null
	wait
	rm -rf "$folder"
}
trap finish EXIT

# A program as a request; its name tells the mode.
request() {
	node -e 'process.stdout.write(JSON.stringify({source: require("fs").readFileSync(0, "utf8"), mode: process.argv[1]}))' "$1"
}

# Rates are off: this is about how places and processors are shared.
UNDERHOOD_RATE_RUNS=off UNDERHOOD_RATE_REQUESTS=off UNDERHOOD_LOG=error UNDERHOOD_CACHE="$folder/cache" \
	listen "$folder/log" "$underhood" serve --listen 127.0.0.1:0
pids+=("$server")

request run <tests/suite/attacks/fork_bomb.go >"$folder/1"
request run <tests/suite/attacks/threads.go >"$folder/2"
request run <tests/suite/attacks/heap.go >"$folder/3"
request run >"$folder/4" <<'GO'
package main

import "os"

func main() {
	for {
		os.Stdout.WriteString("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n")
	}
}
GO
request escape <tests/suite/programs/hello.go >"$folder/honest"

post() { # ADDRESS FILE
	curl --silent --fail --output /dev/null --interface "$1" --header 'Accept: application/json' --header 'Cache-Control: no-cache' \
		--data-binary "@$2" --write-out '%{time_total}\n' "$url/api/v1/runs"
}

honest() { for ((i = 0; i < rounds; i++)); do post 127.0.0.1 "$folder/honest"; sleep 1; done | sort -n; }

post 127.0.0.1 "$folder/honest" >/dev/null
honest >"$folder/quiet"
for attacker in 1 2 3 4; do
	while :; do post "127.0.0.1$attacker" "$folder/$attacker" >>"$folder/attack-$attacker" || sleep 0.05; done &
	pids+=($!)
done
sleep 5
honest >"$folder/attacked"

at() { sed -n "$((($(wc -l <"$1") * $2 + 99) / 100))p" "$1"; }
for name in quiet attacked; do
	printf '%-9s median %s s   p10 %s   p90 %s\n' "$name" "$(at "$folder/$name" 50)" "$(at "$folder/$name" 10)" "$(at "$folder/$name" 90)"
done
awk -v a="$(at "$folder/attacked" 50)" -v q="$(at "$folder/quiet" 50)" -v p="$(at "$folder/attacked" 90)" \
	'BEGIN { printf "attacked : quiet  %.2f at the median, %.2f at p90 against the quiet median\n", a / q, p / q; exit a > 3 * q }' || failed=1
echo "runs of the attackers: $(cat "$folder"/attack-* | wc -l)"
((!${failed:-0})) || { echo 'A reader waits more than three times as long.' >&2; exit 1; }
