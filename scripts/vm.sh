#!/usr/bin/env bash
# Runs the limit tests in a guest whose kernel has cgroup v2, under qemu's software emulation: no KVM is needed.
#
#   scripts/vm.sh [few]
#
# `few` runs a chosen few of the tests, for `make test`. The guest is Debian's cloud kernel with a root of its own:
# busybox, the built binaries with their libraries, the tests' files, and the Go data folder. Nothing of the host is
# written to but target/vm, where all that is downloaded or made is kept.
#
# Exit code: 0 all passed; 1 a test failed or the guest did; 3 there is no qemu or no kernel here.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly work=target/vm
# Longest life of a guest, in seconds. All tests take about a sixth of it on two cores.
readonly bound=${UNDERHOOD_VM_SECONDS:-2400}
# What tests/vm/init loads, and what that needs. Those that are missing are built into the kernel.
readonly modules=(virtio virtio_ring virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk squashfs overlay)

cannot() {
	printf 'No guest can be started here: %s\n' "$1" >&2
	exit 3
}

fail() {
	printf '%s\n' "$1" >&2
	exit 1
}

# download FOLDER: the packages with the kernel and busybox, by what apt's lists say now.
download() {
	local kernel
	kernel=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/.*Depends: \(linux-image-.*\)/\1/p' | head -n 1)
	[[ -n $kernel ]] || return 1
	echo "Downloading $kernel and busybox-static"
	# Root's apt would give up its rights and then could not write here.
	(cd "$1" && apt-get -o APT::Sandbox::User=root --quiet download "$kernel" busybox-static)
}

update_lists() {
	if ((EUID == 0)); then
		apt-get update
	else
		sudo -n apt-get update || cannot "apt's lists are missing or old. Type: sudo apt-get update"
	fi
}

# Takes the kernel and busybox out of Debian's packages; nothing is installed.
fetch() {
	[[ -e $work/fetched ]] && return
	command -v apt-get >/dev/null || cannot 'there is no apt to get a kernel with'
	local folder=$work/packages deb
	rm -rf "$folder" "$work/debian"
	mkdir "$folder"
	if ! download "$folder"; then
		update_lists
		download "$folder" || cannot 'apt has no linux-image-cloud-amd64 and busybox-static'
	fi
	for deb in "$folder"/*.deb; do
		dpkg-deb --extract "$deb" "$work/debian"
	done
	rm -r "$folder"
	touch "$work/fetched"
}

# The kernel's modules that are needed, busybox, and tests/vm/init.
make_initramfs() {
	local image=$work/initramfs root=$work/initramfs.root release folder name file
	[[ $image -nt tests/vm/init && $image -nt $work/fetched && $image -nt scripts/vm.sh ]] && return
	rm -rf "$root"
	release=$(cd "$work/debian/lib/modules" && echo *)
	folder=$root/lib/modules/$release
	mkdir -p "$root"/{bin,dev,proc,lower,upper,new} "$folder"
	cp "$work/debian/bin/busybox" "$root/bin/busybox"
	install -m 755 tests/vm/init "$root/init"
	for name in "${modules[@]}"; do
		file=$(find "$work/debian" -name "$name.ko*" -print -quit)
		case $file in
		*.xz) xz --decompress --stdout "$file" >"$folder/$name.ko" ;;
		*.zst) zstd --decompress --stdout "$file" >"$folder/$name.ko" ;;
		*.ko) cp "$file" "$folder/$name.ko" ;;
		esac
	done
	"$root/bin/busybox" depmod -b "$root" "$release"
	(cd "$root" && find . | ./bin/busybox cpio -o -H newc 2>/dev/null) >"$image.new"
	mv "$image.new" "$image"
}

# squash FOLDER IMAGE: not compressed, since reading it is the guest's work. Unlike ext4's tools, these keep dates after
# 2038, which the entries of the prepared Go cache carry.
squash() {
	rm -f "$2.new"
	mksquashfs "$1" "$2.new" -all-root -noI -noD -noF -noX -no-xattrs -no-progress -quiet >/dev/null
	mv "$2.new" "$2"
}

# The chosen toolchain and what is compiled ahead, as a data folder.
make_go_image() {
	local goroot data image=$work/go.squashfs key
	goroot=$("$underhood" toolchain path)
	data=${UNDERHOOD_DATA:-${XDG_DATA_HOME:-$HOME/.local/share}/underhood}
	key="$goroot $(stat --format=%Y "$goroot" "$data/std" | tr '\n' ' ')"
	[[ -e $image && $(cat "$image.key" 2>/dev/null) == "$key" ]] && return
	echo "Copying $goroot and its compiled standard library"
	rm -rf "$work/go.root"
	mkdir -p "$work/go.root/toolchains"
	# Links where they can be had, since this is much; mksquashfs reads both alike.
	cp -al "$goroot" "$work/go.root/toolchains/" 2>/dev/null ||
		{ rm -rf "$work/go.root/toolchains" && mkdir "$work/go.root/toolchains" && cp -a "$goroot" "$work/go.root/toolchains/"; }
	cp -al "$data/std" "$work/go.root/" 2>/dev/null || { rm -rf "$work/go.root/std" && cp -a "$data/std" "$work/go.root/"; }
	squash "$work/go.root" "$image"
	rm -rf "$work/go.root"
	echo "$key" >"$image.key"
}

# with_libraries ROOT PROGRAM…: copies the shared libraries of the programs to the same places below ROOT.
with_libraries() {
	local root=$1 library
	shift
	ldd "$@" | grep -o '/[^ :]*\.so[^ :]*' | sort -u | while read -r library; do
		install -D -m 755 "$library" "$root$library"
	done
}

make_root_image() {
	local root=$work/root setpriv unshare
	setpriv=$(command -v setpriv) unshare=$(command -v unshare)
	rm -rf "$root"
	mkdir -p "$root"/{bin,usr/bin,dev,etc,proc,sys,tmp,run,data,underhood,project}
	cp "$work/debian/bin/busybox" "$root/bin/"
	cp "$underhood" "$root/underhood/underhood"
	cp "$suite" "$root/underhood/suite"
	cp "$setpriv" "$unshare" "$root/usr/bin/"
	install -m 755 tests/vm/guest tests/vm/delegated "$root/underhood/"
	cp -r tests examples-go "$root/project/"
	printf 'root:x:0:0::/:/bin/sh\nunderhood:x:990:990::/tmp:/bin/sh\n' >"$root/etc/passwd"
	printf 'root:x:0:\nunderhood:x:990:\n' >"$root/etc/group"
	with_libraries "$root" "$underhood" "$suite" "$setpriv" "$unshare"
	squash "$root" "$work/root.squashfs"
	rm -rf "$root"
}

# built NAME: the path of that program or test.
built() {
	cargo build --workspace --locked --bin underhood --test suite --message-format=json |
		sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | grep "/$1\(-[0-9a-f]*\)\?\$"
}

# boot TESTS: the guest's second serial port ends up in a file that holds its result, away from what tests print.
boot() {
	local code=0 result=$work/result
	rm -f "$result"
	timeout --foreground "$bound" qemu-system-x86_64 \
		-accel tcg,thread=multi -cpu max -smp 2 -m 3G -nodefaults -no-user-config -display none -no-reboot -nic none \
		-kernel "$(find "$work/debian/boot" -name 'vmlinuz-*' -print -quit)" -initrd "$work/initramfs" \
		-append "console=ttyS0 quiet loglevel=3 panic=-1 mitigations=off underhood.tests=$1" \
		-drive "file=$work/root.squashfs,format=raw,if=virtio,readonly=on" \
		-drive "file=$work/go.squashfs,format=raw,if=virtio,readonly=on" \
		-serial stdio -serial "file:$result" </dev/null || code=$?
	case $code:$(tr -d '\r\n' <"$result" 2>/dev/null) in
	0:0) echo 'All passed in the guest.' ;;
	0:1) fail 'Tests failed in the guest; see above.' ;;
	124:*) fail "The guest was ended after $bound s: it hangs, or this machine is slow (UNDERHOOD_VM_SECONDS)." ;;
	*) fail "The guest ended before its tests did (qemu: $code); see above." ;;
	esac
}

tests=${1:-all}
command -v qemu-system-x86_64 >/dev/null || cannot 'qemu-system-x86_64 is missing (Debian: qemu-system-x86)'
command -v mksquashfs >/dev/null || cannot 'mksquashfs is missing (Debian: squashfs-tools)'
mkdir -p "$work"
fetch
underhood=$(built underhood)
suite=$(built suite)
scripts/toolchain.sh "$underhood"
make_initramfs
make_go_image
make_root_image
boot "$tests"
