#!/usr/bin/env bash
# Sees to it that the commands which a build or the tests need are there.
#
#   scripts/setup.sh [rust] [web] [fuzz] [bench] [tests] [vm] [pip] [schemathesis]
#
# What is missing and comes from Debian is installed with apt where that needs no password (root, or
# sudo that does not ask); otherwise this stops with the line to type. Does nothing when all is there.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

# Oldest Node.js that the page's build runs on: Debian 12's.
readonly node_wanted=18

missing=()

# need COMMAND PACKAGE: the package is missing if there is no such command. What is there as a command
# is left alone, however it got there: other packagings of node conflict with Debian's.
need() {
	command -v "$1" >/dev/null || missing+=("$2")
}

# What scripts/vm.sh starts a guest with.
need_guest() {
	need qemu-system-x86_64 qemu-system-x86
	need mksquashfs squashfs-tools
}

has_pip() {
	local python
	for python in python3 /usr/bin/python3; do
		"$python" -m pip --version >/dev/null 2>&1 && return
	done
	return 1
}

stop() {
	printf '\n%s\n\n    %s\n\n' "$1" "$2" >&2
	exit 1
}

install_missing() {
	((${#missing[@]})) || return 0
	local line=(apt-get install --yes --no-install-recommends "${missing[@]}")
	if ! command -v apt-get >/dev/null; then
		stop 'These are missing, and there is no apt to install them with:' "${missing[*]}"
	fi
	local as=()
	if ((EUID != 0)); then
		if ! sudo -n true 2>/dev/null; then
			stop 'Some packages are missing. Type this, then the same make again:' "sudo ${line[*]}"
		fi
		as=(sudo -n)
	fi
	echo "Installing ${missing[*]}"
	# Out-of-date lists are often good enough, so a failure here is not the end.
	"${as[@]}" apt-get update || echo 'apt-get update failed; trying with the package lists that are there' >&2
	"${as[@]}" env DEBIAN_FRONTEND=noninteractive "${line[@]}"
}

# Into a folder of its own, in the versions that are pinned; another one when those change.
install_schemathesis() {
	local wanted=$root/tests/schemathesis.txt folder=$root/target/schemathesis
	cmp -s "$wanted" "$folder/installed.txt" && return
	echo 'Installing schemathesis'
	rm -rf "$folder"
	python3 -m venv "$folder"
	"$folder/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$wanted"
	cp "$wanted" "$folder/installed.txt"
}

for part in "$@"; do
	case $part in
	rust)
		command -v cargo >/dev/null || stop 'Rust is missing (https://rustup.rs). Type:' \
			"curl --proto '=https' -sSf https://sh.rustup.rs | sh"
		need cc gcc
		;;
	web)
		need node nodejs
		need npm npm
		;;
	fuzz)
		# libFuzzer is C++.
		need c++ g++
		;;
	bench)
		need bwrap bubblewrap
		need curl curl
		need hyperfine hyperfine
		need jq jq
		need node nodejs
		need pgrep procps
		need wrk wrk
		;;
	tests)
		need chromium chromium
		need bwrap bubblewrap
		# Slides and the Playground's script, which speak to other servers than ours.
		need present golang-golang-x-tools
		# Where there is no apt, the tests go on without a guest and say so.
		! command -v apt-get >/dev/null || need_guest
		;;
	vm)
		need_guest
		;;
	pip)
		has_pip || missing+=(python3-pip)
		;;
	schemathesis)
		need python3 python3
		# Debian's Python is split: without this it makes no virtual environments.
		python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
		;;
	*)
		echo "usage: scripts/setup.sh [rust] [web] [fuzz] [bench] [tests] [vm] [pip] [schemathesis]" >&2
		exit 2
		;;
	esac
done
install_missing

for part in "$@"; do
	case $part in
	web)
		version=$(node --version)
		major=${version#v}
		if ((${major%%.*} < node_wanted)); then
			stop "Node.js $version is too old; $node_wanted or newer is needed, as Debian has it:" 'sudo apt-get install nodejs npm'
		fi
		;;
	schemathesis)
		install_schemathesis
		;;
	tests)
		# A minimal Rust comes without these two.
		if ! cargo fmt --version >/dev/null 2>&1 || ! cargo clippy --version >/dev/null 2>&1; then
			command -v rustup >/dev/null || stop 'rustfmt and clippy are missing. Type:' 'sudo apt-get install rustfmt rust-clippy'
			rustup component add rustfmt clippy
		fi
		;;
	esac
done
