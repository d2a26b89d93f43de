#!/usr/bin/env bash
# Builds the fuzz targets and runs them, as many at once as there are processors.
#
#   scripts/fuzz.sh SECONDS [TARGET…]
#
# Each target first reads its kept corpus, fuzz/corpus/TARGET, then tries new inputs for SECONDS. Nothing is
# written there. Inputs that reached new code are kept for the next time in target/fuzz/corpus/TARGET if
# SECONDS is above 60. An input that breaks a target lies in fuzz/artifacts/TARGET afterwards.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:?usage: scripts/fuzz.sh SECONDS [TARGET…]}
shift
targets=("$@")
if ((${#targets[@]} == 0)); then
	for file in fuzz/fuzz_targets/*.rs; do
		targets+=("$(basename "$file" .rs)")
	done
fi

built=${CARGO_TARGET_DIR:-target}
RUSTC_WORKSPACE_WRAPPER=$PWD/scripts/fuzz-rustc.sh cargo build --package underhood-fuzz --bins --locked

# fuzz TARGET: silent when all is well, since libFuzzer says much.
fuzz() {
	local target=$1 artifacts=fuzz/artifacts/$1 log found status=0
	log=$(mktemp)
	if ((seconds > 60)); then
		found=$built/fuzz/corpus/$target
		mkdir -p "$found"
	else
		found=$(mktemp -d)
	fi
	mkdir -p "$artifacts"
	"$built/debug/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
		-artifact_prefix="$artifacts/" -dict="fuzz/dictionaries/$target.dict" \
		"$found" "fuzz/corpus/$target" >"$log" 2>&1 || status=$?
	if ((status)); then
		tail -n 60 "$log" >&2
		printf '\nThe fuzz target %s failed. Its input lies in %s; to see it again:\n\n    %s\n\n' \
			"$target" "$artifacts" "$built/debug/$target $(ls -t "$artifacts"/* | head -n 1)" >&2
	else
		sed -n 's/^stat::number_of_executed_units: */'"$target"': inputs tried: /p' "$log"
	fi
	((seconds > 60)) || rm -rf "$found"
	rm -f "$log"
	return "$status"
}
export -f fuzz
export seconds built
printf '%s\0' "${targets[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -c 'fuzz "$1"' fuzz
