#!/usr/bin/env bash
# Writes a program that is new each time: SOURCE with another number printed first.
#
#   benches/fresh.sh SOURCE FILE|FOLDER…      of a FOLDER, each Go file in it
set -euo pipefail

source=$(<"$1")
shift
files=()
for name in "$@"; do
	if [[ -d $name ]]; then files+=("$name"/*.go); else files+=("$name"); fi
done
for file in "${files[@]}"; do
	printf '%s\n' "${source/'func main() {'/'func main() {'$'\n\t'"println(${EPOCHREALTIME//[!0-9]/})"}" >"$file"
done
