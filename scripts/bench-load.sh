#!/usr/bin/env bash
# A service that is asked for more than the machine can do: at 1, 2, 4 and 8 times what it does when two clients keep it busy. Each
# request is a new program from another client. Called by `make bench-load`.
#
#   scripts/bench-load.sh UNDERHOOD
#
# wrk sends the load, and curl times refusals as a client sees them. Prints a table, and fails if an accepted run did not end
# correctly, a refusal did not say when to come again, anything else was answered, an accepted run took longer at the median than
# twice its time on an idle service plus what its place in the queue had told, or memory grew.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/listen.sh

underhood=${1:?usage: scripts/bench-load.sh UNDERHOOD}
# Seconds of each level.
seconds=${SECONDS_OF_A_LEVEL:-20}
# Milliseconds that a client thinks before it asks again.
readonly pause=1000
readonly source=tests/suite/programs/hello.go

work=$(mktemp -d)
server=
finish() {
	[[ -z $server ]] || kill "$server" 2>/dev/null || true
	wait
	rm -rf "$work"
}
trap finish EXIT

UNDERHOOD_LOG=error UNDERHOOD_CACHE="$work/cache" UNDERHOOD_TRUST_PROXY=127.0.0.1 \
	listen "$work/log" "$underhood" serve --listen 127.0.0.1:0

# ask CONNECTIONS SECONDS PAUSE FILE
ask() {
	wrk --threads 1 --connections "$1" --duration "${2}s" --timeout 60s --script benches/overload.lua "$url" -- "$source" "$3" >"$4"
}

# Asks ten times a second, waits at most two seconds in a queue, and prints of each refusal what overload.lua does, and the
# milliseconds until it came.
probe() {
	local until=$((SECONDS + $1)) number=0 body
	body=$(jq -Rs '{ mode: "run", source: (. + "\n// NUMBER") }' "$source")
	while ((SECONDS < until)); do
		number=$((number + 1))
		curl --silent --max-time 2 --output /dev/null --header 'Content-Type: application/json' \
			--header "X-Forwarded-For: 11.0.$((number / 256)).$((number % 256))" \
			--write-out '%{http_code} %{time_total} %{content_type} %header{retry-after}\n' \
			--data "${body/NUMBER/$EPOCHREALTIME}" "$url/api/v1/runs" || true # it did not wait for its turn
		sleep 0.1
	done | awk '$1 == 503 || $1 == 429 { print "refused", $1, ($3 == "application/problem+json" && $4 > 0), $2 * 1000 }'
}

median() { sort -n | awk '{ v[NR] = $1 } END { print(NR ? (v[int((NR + 1) / 2)] + v[int((NR + 2) / 2)]) / 2 : 0) }'; }

# MiB of the service and its zygote.
resident() {
	local zygote
	zygote=$(pgrep --parent "$server" --full underhood-zygote | head -1)
	cat "/proc/$server/smaps_rollup" "/proc/$zygote/smaps_rollup" | awk '$1 == "Rss:" { sum += $2 } END { print sum / 1024 }'
}

ask 1 5 30 "$work/idle"
idle=$(awk '$1 == "accepted" { print $5 }' "$work/idle" | median)
ask 2 8 0 "$work/busy"
rate=$(awk '$1 == "accepted" { n++ } $1 == "total" { print n * 1e6 / $3 }' "$work/busy")
printf 'On an idle service a run takes %.0f ms at the median; with two clients it does %.1f a second.\n\n' "$idle" "$rate"
echo '| load | asked a second | done a second | refused | ms of the accepted | place told | ms beyond the queue told, in idle medians | ms until refused, median and p99 | MiB after |'
echo '|---|---|---|---|---|---|---|---|---|'
failed=0
fail() {
	echo "bench-load: $*" >&2
	failed=1
}
for times in 1 2 4 8; do
	clients=$(awk -v r="$rate" -v k=$times -v p=$pause 'BEGIN { printf "%d", r * k * p / 1000 + 1 }')
	probe "$seconds" >"$work/probe" &
	probe=$!
	ask "$clients" "$seconds" $pause "$work/load"
	wait $probe
	done_a_second=$(awk '$1 == "accepted" { n++ } $1 == "total" { print n * 1e6 / $3 }' "$work/load")
	asked=$(awk '$1 == "total" { print $2 * 1e6 / $3 }' "$work/load")
	refused=$(awk '$1 == "refused" { r++ } $1 != "total" { n++ } END { printf "%d %%", n ? 100 * r / n : 0 }' "$work/load")
	place=$(awk '$1 == "accepted" { print $3 }' "$work/load" | median)
	took=$(awk '$1 == "accepted" { print $5 }' "$work/load" | median)
	# One place in the queue is one run that ends before.
	beyond=$(awk -v rate="$done_a_second" -v idle="$idle" '$1 == "accepted" { print ($5 - $3 * 1000 / rate) / idle }' "$work/load" | median)
	awk '$1 == "refused" { print $4 }' "$work/probe" | sort -n >"$work/refused"
	until_refused=$(awk '{ v[NR] = $1 } END { if (NR) printf "%.1f, %.1f", v[int((NR + 1) / 2)], v[int(NR * 0.99 + 0.99)]; else printf "–" }' "$work/refused")
	sleep 2
	memory=$(resident)
	[[ ${flat:-} ]] || flat=$memory
	printf '| %d× | %.0f | %.1f | %s | %.0f | %.0f | %.2f | %s | %.1f |\n' \
		$times "$asked" "$done_a_second" "$refused" "$took" "$place" "$beyond" "$until_refused" "$memory"
	cat "$work/probe" "$work/load" >"$work/both"
	bad=$(grep -cE '^(wrong|accepted (internal|cancelled|failed|signalled|timed_out|out_of_memory|output_limit|build_failed))' "$work/both") || true
	((bad == 0)) || fail "$times×: $bad answers were wrong: $(grep -E '^(wrong|accepted)' "$work/both" | cut -d' ' -f1,2 | sort | uniq -c | tr '\n' ';')"
	improper=$(awk '$1 == "refused" && $3 != 1 { n++ } END { print n + 0 }' "$work/both")
	((improper == 0)) || fail "$times×: $improper refusals did not say when to come again"
	broken=$(awk '$1 == "total" { n += $4 } END { print n + 0 }' "$work/both")
	((broken == 0)) || fail "$times×: $broken connections broke"
	awk -v b="$beyond" 'BEGIN { exit !(b <= 2) }' || fail "$times×: accepted runs take $beyond times as long as on an idle service, beyond the queue"
done
awk -v a="$flat" -v b="$memory" 'BEGIN { exit !(b <= a * 1.25 + 4) }' || fail "memory grew from $flat to $memory MiB"
exit $failed
