#!/usr/bin/env bash
# What the sandbox costs: from job to exit of a Go program that does nothing, in a prepared cell, against bare
# fork+exec and against bubblewrap. Called by `make bench-sandbox`.
set -euo pipefail
cd "$(dirname "$0")/.."

underhood=${1:?usage: scripts/bench-sandbox.sh UNDERHOOD}
program=$PWD/target/bench-sandbox/hello

mkdir -p "$(dirname "$program")"
CGO_ENABLED=0 GOENV=off GOTOOLCHAIN=local GOFLAGS='' \
	"$("$underhood" toolchain path)/bin/go" build -o "$program" tests/suite/programs/hello.go
cargo bench --locked --package sandbox --bench start -- "$program"
