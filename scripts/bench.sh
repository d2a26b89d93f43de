#!/usr/bin/env bash
# What a click costs, side by side with the bare tools, on two processors of this machine. Called by `make bench`.
#
#   scripts/bench.sh UNDERHOOD [ROW…]
#
# All rows go to benches/RESULTS.md; some of them only to target/bench/RESULTS.md. ROUNDS sets how often each side is
# measured: the sides of a row take turns, about a second each, so that what else the machine does meets all alike.
# wrk sends the requests and times the answers, hyperfine times commands, and both without a shell between.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly every=(escape asm run again same stream throughput ready memory sandbox fairness load)
underhood=$(realpath "${1:?usage: scripts/bench.sh UNDERHOOD [ROW…]}")
shift
picked=("${@:-${every[@]}}")
rounds=${ROUNDS:-8}

export LC_ALL=C.UTF-8
work=$(mktemp -d)
mkdir -p "$work/rounds" "$work/bare" target/bench
pids=()
finish() {
	local code=$?
	trap - EXIT
	((${#pids[@]} == 0)) || kill "${pids[@]}" 2>/dev/null || true
	benches/ready.sh stop "$work/pid" || true
	wait
	chmod -R u+w "$work"
	rm -rf "$work"
	exit "$code"
}
trap finish EXIT

# The commit, and whether there is more than it. The results are written here, so they do not count.
commit() {
	local changed
	changed=$(git status --porcelain -- . ':!benches/RESULTS.md' 2>/dev/null) || { echo '(no commit)'; return; }
	echo "$(git rev-parse --short HEAD)${changed:+ with changes}"
}

. scripts/listen.sh
. benches/measure.sh
. benches/rows.sh
for row in "${picked[@]}"; do
	[[ " ${every[*]} " == *" $row "* ]] || die "there is no row $row; there are ${every[*]}"
done
take_two_processors
load=$(cut -d' ' -f1-3 /proc/loadavg)

# The same Go as the service's, and nothing of the user's own settings.
goroot=$("$underhood" toolchain path)
export TOOLS=$goroot/pkg/tool/linux_amd64 GOENV=off GOTOOLCHAIN=local GOFLAGS='' CGO_ENABLED=0 GO111MODULE=''
# The go command counts what it does in a folder of the user's settings.
export GOCACHE=$work/cache XDG_CONFIG_HOME=$work
unset GODEBUG GOGC GOMEMLIMIT GOMAXPROCS GOEXPERIMENT GOTRACEBACK
go=$goroot/bin/go
version=$("$go" env GOVERSION)
echo "Preparing $version for the bare tools" >&2
prepared=target/bench/cache-$version
[[ -e $prepared/complete ]] || {
	GOCACHE=$PWD/$prepared "$go" build std
	touch "$prepared/complete"
}
# A copy, since each new program is kept in it.
cp -r "$prepared" "$GOCACHE"
(cd "$work/bare" && "$go" list -export -deps -f '{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}' std >importcfg)

lesson=$PWD/tests/suite/programs/channels.go
hello=$PWD/tests/suite/programs/hello.go
fresh=$PWD/benches/fresh.sh
columns='| click | here | against | ratio or difference | target | holds | again |
|---|---|---|---|---|---|---|'
echo "$columns"
touch "$work/table" "$work/commands" "$work/more"
for row in "${picked[@]}"; do "row_$row"; done

results=target/bench/RESULTS.md
((${#picked[@]} < ${#every[@]})) || results=benches/RESULTS.md
{
	echo "# What \`make bench\` measured"
	echo
	echo "$(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -1), $(nproc --all) processors of which two were used," \
		"$(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo), Linux $(uname -r)."
	echo "$version, underhood $(commit), $(rustc --version | cut -d' ' -f1,2)," \
		"$(wrk -v 2>&1 | awk 'NR == 1 { print $2 == "debian/" ? "wrk" : "wrk " $2 }'), $(hyperfine --version)."
	echo "$(date -u '+%F %H:%M UTC'). Load of the machine before: $load. $rounds rounds."
	echo
	echo "Medians of all that was measured, in brackets the middle half of it. A ratio is the median of the rounds' own, in brackets the"
	echo "lowest and the highest: within a round the machine is the same for both sides."
	echo
	echo "$columns"
	cat "$work/table"
	echo
	echo '## Commands'
	echo
	echo 'As they were run, with the paths of this machine left out. `fresh.sh`, `loop.sh`, `load.lua` and `ready.sh` lie in `benches/`.'
	echo
	awk -F': ' '{ if ($1 != row) { if (row) print "```\n"; row = $1; print "`" row "`\n\n```sh" } sub(/^[^:]*: /, ""); print } END { if (row) print "```" }' "$work/commands"
	cat "$work/more"
} >"$results"
echo "Written to $results."
missed=$(grep -c 'no\*\*' "$work/table") || true
((missed == 0)) || echo "$missed targets do not hold."
