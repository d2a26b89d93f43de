#!/usr/bin/env bash
# The bare tools on one source after the other, two at a time: those in the folders first and second. $TOOLS is where
# the tools are; importcfg lies here.
#
#   benches/loop.sh escape|run
set -euo pipefail

escape() {
	for source in "$1"/*.go; do
		"$TOOLS/compile" -m -p main -complete -importcfg importcfg -o "$1/main.o" "$source" >/dev/null
	done
}

run() {
	for source in "$1"/*.go; do
		"$TOOLS/compile" -p main -complete -importcfg importcfg -o "$1/main.o" "$source"
		"$TOOLS/link" -s -w -importcfg importcfg -o "$1/main" "$1/main.o"
		"$1/main" >/dev/null 2>&1
	done
}

"$1" first &
"$1" second
wait $!
