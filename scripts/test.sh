#!/usr/bin/env bash
# Every test, in the order in which a failure is found soonest. Called by `make test`, after set-up.
set -euo pipefail
cd "$(dirname "$0")/.."

times=

# step TITLE COMMAND…: runs it under a heading; its failure ends everything.
step() {
	local title=$1 begun=$SECONDS
	printf '\n== %s\n' "$title"
	shift
	"$@"
	times+=$(printf '%4d s  %s' $((SECONDS - begun)) "$title")$'\n'
}

in_web() {
	(cd web && npm run --silent "$@")
}

# nextest gives each test a process of its own; doctests are not its business. Tests often wait, so there is one more of
# them than there are processors.
rust_tests() {
	if cargo nextest --version >/dev/null 2>&1; then
		cargo nextest run --workspace --locked --test-threads $(($(nproc) + 1))
	else
		# Not --all-targets: that would run the fuzz targets too, without an end.
		cargo test --workspace --locked --tests
	fi
	cargo test --workspace --locked --doc
}

# A few of the tests on a kernel with cgroup v2. Where there is no qemu or no kernel for it, that is said at the end.
in_guest() {
	local code=0
	scripts/vm.sh few || code=$?
	((code != 3)) || without+=$'\ncgroup v2 was not tried: no guest can be started here'
	((code == 0 || code == 3))
}

# Pages that compare releases of Go, and read what older ones print, need these; a fresh machine has only the newest.
older_go() {
	local version
	for version in 1.25 1.26; do
		target/debug/underhood toolchain list | grep " $version\..* installed " >/dev/null ||
			without+=$'\n'"pages were not tried with Go $version: target/debug/underhood toolchain install $version"
	done
}

without=
step 'page scripts: lint' in_web lint
step 'page scripts: types' in_web check
step 'page scripts: unit tests' in_web test
step 'Rust: format' cargo fmt --all --check
step 'Rust: clippy' cargo clippy --workspace --all-targets --locked -- -D warnings
# With the tests, since they ask for features of libraries that the binary alone does not: so nothing is built twice.
step 'Rust: build' cargo test --workspace --no-run --locked
step 'Go toolchain' scripts/toolchain.sh target/debug/underhood
step 'examples: check' target/debug/underhood check
step 'Rust: tests' rust_tests
step 'Rust: fuzzing' scripts/fuzz.sh 5
step 'API: schemathesis' scripts/schemathesis.sh target/debug/underhood
step 'limits under cgroup v2, in a guest' in_guest
step 'browser' in_web e2e
older_go
printf '\n%s\nAll tests passed%s\n' "$times" "${without:+, but:$without}"
