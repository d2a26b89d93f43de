#!/usr/bin/env bash
# underhood check over all examples, against a shell loop of the go commands that readers would paste for the same runs,
# one after the other. Both start with the standard library compiled and with nothing kept of the examples.
#
#   scripts/bench-check.sh UNDERHOOD
#
# Prints the medians of ROUNDS (5) and their ratio. Exit code 1 if the ratio is above 0.4.
set -euo pipefail
cd "$(dirname "$0")/.."

underhood=$(realpath "${1:?usage: scripts/bench-check.sh UNDERHOOD}")
rounds=${ROUNDS:-5}
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
goroot=$("$underhood" toolchain path)
export GOENV=off GOTOOLCHAIN=local GOFLAGS='' CGO_ENABLED=0 GOPROXY=off XDG_CONFIG_HOME=$work PATH=$goroot/bin:$PATH
unset GODEBUG GOGC GOMEMLIMIT GOMAXPROCS GOEXPERIMENT GOTRACEBACK UNDERHOOD_GO

# The same programs, and for each variant the command that the run itself names.
echo 'Asking for the commands' >&2
for description in examples-go/*/*/example.toml; do
	example=$(dirname "$description")
	mkdir -p "$work/$example"
	cp "$example"/*.go "$work/$example/"
done
python3 - "$work" >"$work/plan" <<'PLAN'
import glob, json, os, sys, tomllib
for file in sorted(glob.glob("examples-go/*/*/example.toml")):
    with open(file, "rb") as text:
        for variant in tomllib.load(text)["variant"]:
            options = [f"--opt={k}={json.dumps(v) if not isinstance(v, str) else v}" for k, v in variant.get("options", {}).items()]
            env = [f"--env={k}={v}" for k, v in variant.get("env", {}).items()]
            print("\t".join([os.path.dirname(file), variant["mode"], *options, *env]))
PLAN
while IFS=$'\t' read -r -a run; do
	line=$("$underhood" run --json --mode "${run[1]}" "${run[@]:2}" "${run[0]}/main.go" |
		jq -r 'select(.type == "started").command')
	printf 'cd %q && { %s; } >/dev/null 2>&1\n' "$work/${run[0]}" "$line"
done <"$work/plan" >"$work/loop"
echo "$(wc -l <"$work/loop") commands" >&2

export GOCACHE=$work/std
go build std

# seconds COMMAND…: how long it took.
seconds() {
	local since=$EPOCHREALTIME
	"$@" >/dev/null 2>&1 || { echo "failed: $*" >&2; exit 1; }
	awk -v a="$since" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.3f\n", b - a }'
}

for ((round = 0; round < rounds; round++)); do
	chmod -R u+w "$work/cache" 2>/dev/null || true
	rm -rf "$work/cache"
	cp -a "$work/std" "$work/cache"
	GOCACHE=$work/cache seconds bash "$work/loop" >>"$work/bare"
	seconds "$underhood" check --no-cache >>"$work/ours"
done
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int((NR + 2) / 2)]) / 2 }'; }
awk -v bare="$(median "$work/bare")" -v ours="$(median "$work/ours")" -v rounds="$rounds" 'BEGIN {
	printf "go commands: %.2f s, underhood check: %.2f s, ratio %.2f (medians of %d)\n", bare, ours, ours / bare, rounds
	exit ours / bare > 0.4
}'
