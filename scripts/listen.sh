# Sourced: a server of a script's own, on loopback.

# listen LOG COMMAND…: starts what says where it listens on standard error, and waits until it does. Its process is $server and
# its address $url; whoever calls ends it.
listen() {
	local log=$1
	shift
	: >"$log"
	"$@" 2>"$log" &
	server=$!
	until grep -q 'listening on' "$log"; do
		if ! kill -0 "$server" 2>/dev/null; then
			cat "$log" >&2
			echo "$0: $1 did not start" >&2
			return 1
		fi
		sleep 0.02
	done
	url=$(sed -n 's|.*listening on \(http://[^ /]*\).*|\1|p' "$log")
}
