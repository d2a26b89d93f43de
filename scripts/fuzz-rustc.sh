#!/usr/bin/env bash
# The compiler of the workspace's own crates when fuzz targets are built (RUSTC_WORKSPACE_WRAPPER). It has
# them count which branches are taken and what is compared, for libFuzzer to see. All other crates are those
# of the plain build, so none is compiled twice. The flags are those of cargo-fuzz without a sanitizer: our
# code has no `unsafe` that a target reaches.
#
#   scripts/fuzz-rustc.sh RUSTC ARGUMENT…
set -euo pipefail

coverage=(
	-Cpasses=sancov-module
	-Cllvm-args=-sanitizer-coverage-level=4
	-Cllvm-args=-sanitizer-coverage-inline-8bit-counters
	-Cllvm-args=-sanitizer-coverage-pc-table
	-Cllvm-args=-sanitizer-coverage-trace-compares
	# More inputs a second. Cargo's own come earlier and lose; the checks that a higher level would drop stay.
	-Copt-level=1
	-Cdebug-assertions=on
	-Coverflow-checks=on
)
case " $* " in
# Build scripts run without libFuzzer and would not link; without a crate it is only asked what it is.
*' --crate-name build_script_build '*) coverage=() ;;
*' --crate-name '*) ;;
*) coverage=() ;;
esac
exec "$@" "${coverage[@]}"
