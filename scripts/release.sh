#!/usr/bin/env bash
# Packs a release: the program, completions, manual pages, what operators need, and checksums.
#
#   scripts/release.sh BINARY TARGET OUT
#
# OUT/underhood-VERSION-TARGET.tar.gz is the same bytes for the same files. Whatever else lies in OUT, such as an SBOM, is
# named in OUT/SHA256SUMS too.
set -euo pipefail

if (($# != 3)); then
	sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
	exit 2
fi
binary=$(realpath "$1")
target=$2
mkdir -p "$3"
out=$(realpath "$3")
cd "$(dirname "$0")/.."

version=$("$binary" --version | cut -d ' ' -f 2)
name=underhood-$version-$target
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folder=$work/$name

install -D -m 755 "$binary" "$folder/bin/underhood"
for shell in bash zsh fish; do
	case $shell in
	bash) file=bash-completion/completions/underhood ;;
	zsh) file=zsh/site-functions/_underhood ;;
	fish) file=fish/vendor_completions.d/underhood.fish ;;
	esac
	mkdir -p "$(dirname "$folder/share/$file")"
	"$binary" completions "$shell" >"$folder/share/$file"
done
"$binary" man "$folder/share/man/man1"
doc=$folder/share/doc/underhood
mkdir -p "$doc"
cp README.md ARCHITECTURE.md CHANGELOG.md CONTRIBUTING.md SECURITY.md THIRD-PARTY.md LICENSE-MIT LICENSE-APACHE "$doc/"
cp -r deploy docs "$doc/"

# Owners, dates and order would differ from build to build.
tar --create --sort=name --owner=0 --group=0 --numeric-owner --mtime='@0' --mode='u=rwX,go=rX' \
	--directory "$work" "$name" | gzip --no-name -9 >"$out/$name.tar.gz"
(cd "$out" && find . -maxdepth 1 -type f ! -name SHA256SUMS -printf '%P\0' | sort -z | xargs -0 sha256sum >SHA256SUMS)
echo "$out/$name.tar.gz"
