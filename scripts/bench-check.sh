#!/usr/bin/env bash
# underhood check over all examples, against a shell loop of the go commands that readers would paste for the same runs,
# one after the other. Both start with the standard library compiled and with nothing kept of the examples. Go has no
# command for layouts, so only check does these.
#
#   scripts/bench-check.sh UNDERHOOD
#
# Prints the medians of ROUNDS (5) and of the ratios of each round, with the least and the most. Exit code 1 if the ratio is
# above 0.4.
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
# What wants ask for beside the variants is run too; check's own report names it.
"$underhood" check --format json >"$work/report"
python3 - "$work/report" >"$work/plan" <<'PLAN'
import glob, json, os, sys, tomllib

def text(value):
    return value if isinstance(value, str) else json.dumps(value)

with open(sys.argv[1]) as report:
    verdicts = json.load(report)["verdicts"]
for file in sorted(glob.glob("examples-go/*/*/example.toml")):
    example = os.path.dirname(file)
    with open(file, "rb") as description:
        variants = tomllib.load(description)["variant"]
    runs = [(v["mode"], v.get("options", {}), v.get("env", {})) for v in variants]
    names = [v["variant"] for v in verdicts if os.path.join("examples-go", v["example"]) == example]
    runs += [(name.split(" ")[1], {}, {}) for name in names if name.startswith("want ")]
    # Those that ask for the same share a run, as in check. A level of 1 is no option.
    once = {json.dumps([mode, {k: v for k, v in options.items() if (k, v) != ("level", 1)}, env]) for mode, options, env in runs}
    for mode, options, env in map(json.loads, sorted(once)):
        options = [f"--opt={key}={text(value)}" for key, value in options.items()]
        env = [f"--env={key}={value}" for key, value in env.items()]
        print("\t".join([example, mode, *options, *env]))
PLAN
# All of an example's files in one text (txtar).
together() {
	local file
	for file in "$1"/*.go; do
		printf -- '-- %s --\n' "${file##*/}"
		cat "$file"
	done
}
while IFS=$'\t' read -r -a run; do
	[[ ${run[1]} != layout ]] || continue
	line=$(together "${run[0]}" | "$underhood" run --json --mode "${run[1]}" "${run[@]:2}" - |
		jq -r 'select(.type == "started").command') || [[ $line ]] # some are to fail
	printf 'cd %q && { %s; } >/dev/null 2>&1 || echo failed: %q >&2\n' "$work/${run[0]}" "$line" "$line"
done <"$work/plan" >"$work/loop"
echo "$(wc -l <"$work/loop") commands" >&2

export GOCACHE=$work/std
go build std
# For other machines too, where a command says so.
grep -oE '\b(GOARCH|GOAMD64|GOEXPERIMENT)=[^[:space:]\\]+' "$work/loop" | sort -u | while read -r target; do env "$target" go build std; done || true

# seconds COMMAND…: how long it took.
seconds() {
	local since=$EPOCHREALTIME
	"$@" >/dev/null 2>&1 || { echo "failed: $*" >&2; exit 1; }
	awk -v a="$since" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.3f\n", b - a }'
}

fresh_cache() {
	[[ ! -d $work/cache ]] || chmod -R u+w "$work/cache"
	rm -rf "$work/cache"
	cp -a "$work/std" "$work/cache"
}

# Once without the clock: to see which commands fail, and so that both find their files in memory.
fresh_cache
GOCACHE=$work/cache bash "$work/loop"
"$underhood" check --no-cache >/dev/null

for ((round = 0; round < rounds; round++)); do
	fresh_cache
	GOCACHE=$work/cache seconds bash "$work/loop" >>"$work/bare"
	seconds "$underhood" check --no-cache >>"$work/ours"
done
# of FILE: the median, then the least and the most.
of() { sort -n "$1" | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int((NR + 2) / 2)]) / 2, v[1], v[NR] }'; }
paste "$work/ours" "$work/bare" | awk '{ print $1 / $2 }' >"$work/ratio"
read -r bare bare_least bare_most < <(of "$work/bare")
read -r ours ours_least ours_most < <(of "$work/ours")
read -r ratio ratio_least ratio_most < <(of "$work/ratio")
printf 'go commands:     %.2f s (%.2f to %.2f)\nunderhood check: %.2f s (%.2f to %.2f)\n' \
	"$bare" "$bare_least" "$bare_most" "$ours" "$ours_least" "$ours_most"
printf 'ratio:           %.2f (%.2f to %.2f), medians of %d rounds; at most 0.4 is wanted\n' \
	"$ratio" "$ratio_least" "$ratio_most" "$rounds"
awk -v ratio="$ratio" 'BEGIN { exit ratio > 0.4 }'
