#!/usr/bin/env bash
# Writes a program that is new each time: SOURCE with another number printed first.
#
#   benches/fresh.sh SOURCE FILE…
set -euo pipefail

source=$(<"$1")
shift
for file in "$@"; do
	printf '%s\n' "${source/'func main() {'/'func main() {'$'\n\t'"println(${EPOCHREALTIME//[!0-9]/})"}" >"$file"
done
