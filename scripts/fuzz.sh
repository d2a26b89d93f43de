#!/usr/bin/env bash
# Builds the fuzz targets and runs them, as many at once as there are processors.
#
#   scripts/fuzz.sh [--keep] SECONDS [TARGET…]
#
# Each target first runs on all of its kept corpus, fuzz/corpus/TARGET, then on new inputs for SECONDS. The kept
# corpus is never written to. An input that breaks a target lies in fuzz/artifacts/TARGET afterwards. With
# --keep, inputs that reach new code are there for the next time, in target/fuzz/corpus/TARGET.
set -euo pipefail
cd "$(dirname "$0")/.."

keep=
if [[ ${1-} == --keep ]]; then
	keep=1
	shift
fi
seconds=${1:?usage: scripts/fuzz.sh [--keep] SECONDS [TARGET…]}
shift
built=${CARGO_TARGET_DIR:-target}
targets=("$@")
if ((${#targets[@]} == 0)); then
	targets=(fuzz/fuzz_targets/*.rs)
	targets=("${targets[@]##*/}")
	targets=("${targets[@]%.rs}")
fi

# fuzz TARGET: one line when all is well, since libFuzzer says much. Runs in a shell of its own.
fuzz() {
	local target=$1 artifacts=fuzz/artifacts/$1 kept=fuzz/corpus/$1
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	local found=$work/found log=$work/log
	[[ -z $keep ]] || found=$built/fuzz/corpus/$target
	mkdir -p "$artifacts" "$found"
	# libFuzzer would take an empty corpus without a word.
	if [[ -z $(ls "$kept") ]]; then
		echo "$kept holds no inputs" >&2
		return 1
	fi
	if "$built/debug/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
		-artifact_prefix="$artifacts/" -dict="fuzz/dictionaries/$target.dict" "$found" "$kept" >"$log" 2>&1; then
		awk -v target="$target" '/^stat::number_of_executed_units/ { print target ": " $2 " inputs" }' "$log"
		return
	fi
	tail -n 60 "$log" >&2
	local input
	input=$(awk '/Test unit written to/ { print $NF }' "$log")
	printf '\nThe fuzz target %s failed. What it failed on lies in %s; to see it again:\n\n    %s\n\n' \
		"$target" "$artifacts" "$built/debug/$target $input" >&2
	return 1
}

# Of the whole workspace and with what its tests need (--examples asks for that, though there are none): so libraries have
# the features with which the tests were built, and are not built once more.
RUSTC_WORKSPACE_WRAPPER=$PWD/scripts/fuzz-rustc.sh cargo build --workspace --examples --locked "${targets[@]/#/--bin=}"
export -f fuzz
export seconds built keep
printf '%s\0' "${targets[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -euo pipefail -c 'fuzz "$1"' fuzz
