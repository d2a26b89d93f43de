# shellcheck shell=bash disable=SC2034,SC2154,SC2016
#
# One function for each row of the table; sourced by scripts/bench.sh. A new source is one with another number in it.

# A pause before each click, in milliseconds: long enough for what the last one left to be cleared away.
readonly settle=30

# The compiler as go build calls it, but for what only caches and reproducible builds need.
readonly importcfg='-p main -complete -importcfg importcfg'

row_escape() {
	serve
	for ((i = 0; i < rounds; i++)); do
		http escape "$url" 1 1 escape "$lesson" source $settle
		bare escape-bare 15 "$fresh $lesson main.go" "$TOOLS/compile -m $importcfg -o main.o main.go"
		bare escape-go 4 "$fresh $lesson main.go" "$go build -gcflags=-m -o /dev/null main.go"
	done
	stop "$service"
	compare 'escape, new source' escape 'bare `compile -m`' escape-bare ratio 1.5
	compare '〃' escape '`go build -gcflags=-m`' escape-go ratio 0.15
}

row_asm() {
	serve
	for ((i = 0; i < rounds; i++)); do
		http asm "$url" 1 1 asm "$lesson" source $settle
		bare asm-go 4 "$fresh $lesson main.go" "$go build -gcflags=-S -o /dev/null main.go"
	done
	stop "$service"
	compare 'asm, new source' asm '`go build -gcflags=-S`' asm-go ratio 0.2
}

row_run() {
	serve
	for ((i = 0; i < rounds; i++)); do
		http run "$url" 1 1 run "$hello" source $settle
		bare compile 6 "$fresh $hello main.go" "$TOOLS/compile $importcfg -o main.o main.go"
		bare link 6 "$fresh $hello main.go" "$TOOLS/link -s -w -importcfg importcfg -o main main.o"
		bare exec 6 true ./main
		bare go-run 4 "$fresh $hello main.go" "$go run main.go"
	done
	stop "$service"
	sum run-bare compile link exec
	compare 'run, new source' run 'bare compile + link -s -w + exec' run-bare ratio 1.2
	compare '〃' run '`go run`' go-run ratio 0.55
}

row_again() {
	serve
	(cd "$work/bare" && cp "$hello" again.go && "$go" build -o again again.go)
	request run "$hello" >"$work/again.json"
	post "$work/again.json" >/dev/null
	for ((i = 0; i < rounds; i++)); do
		http again "$url" 1 1 run "$hello" knob $settle
		bare again-bare 15 true ./again
	done
	stop "$service"
	compare 'run again, another GODEBUG' again 'bare exec of the binary' again-bare difference 5
}

row_same() {
	local empty same
	empty=$(cargo bench --locked --bench empty --no-run --message-format json |
		jq --raw-output 'select(.executable and .target.name == "empty").executable')
	listen "$work/empty.log" "$empty"
	pids+=("$server")
	local nothing=$url beside=$server
	serve
	same=$url
	# wrk looks no further than the status of an answer here; looking costs time. So one is looked at before.
	request escape "$lesson" >"$work/same.json"
	post "$work/same.json" | grep -q '"status":"ok"' || die 'escape: the answer is wrong'
	for ((i = 0; i < rounds; i++)); do
		http same "$same" 1 1 escape "$lesson" same 0
		http empty "$nothing" 1 1 escape "$lesson" same 0
		http same-full "$same" 8 1 escape "$lesson" same 0
		echo "$rate" | keep same-rate
		http empty-full "$nothing" 8 1 escape "$lesson" same 0
		echo "$rate" | keep empty-rate
	done
	stop "$service"
	stop "$beside"
	compare 'escape, same source again' same 'empty axum handler' empty ratio 2
	value '〃, eight clients and the generator on two processors' same-rate 'a second' least 3000
	value 'the empty handler, likewise' empty-rate 'a second' least ''
}

row_stream() {
	(cd benches && "$go" build -o "$work/bare/stamps" stamps/main.go && "$go" build -o "$work/bare/reader" reader/main.go)
	serve
	request run benches/stamps/main.go >"$work/bare/stamps.json"
	note "$row" 'reader http $URL/api/v1/runs stamps.json'
	note "$row" 'reader pipe stamps'
	for ((i = 0; i < rounds; i++)); do
		(cd "$work/bare" && ./reader http "$url/api/v1/runs" stamps.json) | keep stream
		(cd "$work/bare" && ./reader pipe ./stamps) | keep pipe
	done
	stop "$service"
	compare "from the program's write to the client's read" stream 'a pipe' pipe difference 3
}

# Two clients on one side, two shells on the other; each has its sources one after the other.
row_throughput() {
	local mode source each i
	serve
	mkdir "$work/bare/first" "$work/bare/second"
	for mode in escape run; do
		if [[ $mode == escape ]]; then source=$lesson each=40; else source=$hello each=10; fi
		rm -f "$work/bare/"{first,second}/*
		for ((i = 0; i < each; i++)); do touch "$work/bare/"{first,second}/$i.go; done
		for ((i = 0; i < (rounds + 1) / 2; i++)); do
			http "$mode-two" "$url" 2 3 "$mode" "$source" source 0
			echo "$rate" | keep "$mode-rate"
			bare "$mode-loop" 1 "$fresh $source first second" "$PWD/benches/loop.sh $mode"
			awk -v n="$((2 * each))" 'END { print n * 1000 / $1 }' "$work/rounds/$mode-loop" | keep "$mode-loop-rate"
		done
		compare "$mode, new sources, two at a time" "$mode-rate" 'bare tools in two shell loops' "$mode-loop-rate" least 0.85
	done
	stop "$service"
}

# bash and curl are in these times.
row_ready() {
	local point
	for point in listening ready; do
		bare "$point" $((rounds + 2)) "$PWD/benches/ready.sh stop $work/pid" "$PWD/benches/ready.sh $point $underhood $work/pid"
		benches/ready.sh stop "$work/pid"
	done
	value 'from exec to `listening on`' listening ms most 300
	value 'from exec to the first 200 of /readyz, which builds and runs a program' ready ms most 300
}

# resident Rss|Pss: KiB of the service and its zygote.
resident() {
	local zygote
	zygote=$(pgrep --parent "$service" --full underhood-zygote | head -1)
	cat "/proc/$service/smaps_rollup" "/proc/$zygote/smaps_rollup" | awk -v of="$1:" '$1 == of { sum += $2 } END { print sum }'
}

# Until the memory of the service holds still: what runs left behind is gone and cells are prepared.
settled() {
	local last=none now
	while now=$(resident Rss) && [[ $now != "$last" ]]; do
		last=$now
		sleep 1
	done
}

row_memory() {
	local before i
	serve
	http warm-escape "$url" 1 2 escape "$lesson" source 0
	http warm-run "$url" 1 2 run "$hello" source 0
	settled
	resident Rss | awk '{ print $1 / 1024 }' | keep idle-rss
	resident Pss | awk '{ print $1 / 1024 }' | keep idle-pss
	stop "$service"
	value 'service and zygote, idle after runs (RSS)' idle-rss MiB most 40
	value '〃 (PSS)' idle-pss MiB most ''

	# One program sleeps in the only place there is, and the others wait for it.
	local streams=500
	cat >"$work/sleep.go" <<-'GO'
		package main

		import "time"

		func main() {
			println("asleep")
			time.Sleep(time.Hour)
		}
	GO
	serve --max-runs 1 --queue 2000 --run-seconds 3600
	request run "$work/sleep.go" >"$work/sleep.json"
	asleep 0
	settled
	before=$(resident Rss)
	local wrk=(wrk --threads 1 --connections "$streams" --duration 6s --timeout 60s --script benches/load.lua "$url" --
		run "$work/sleep.go" source 0)
	note "$row" "${wrk[*]}"
	"${wrk[@]}" >"$work/wrk" &
	sleep 4
	resident Rss | awk -v before="$before" -v n=$streams '{ print ($1 - before) / n }' | keep waiting
	wait $!
	[[ $(awk '/^total/ { print $2, $4 }' "$work/wrk") == '0 0' ]] || die "not all streams waited: $(tail -1 "$work/wrk")"
	stop "$service"
	value "a stream that waits, of $streams" waiting KiB most 50

	# A client has at most a third of the places.
	local running=48
	serve --max-runs 150 --pool 4 --total-memory 1TiB --run-seconds 3600 --build-seconds 120
	asleep 0
	settled
	before=$(resident Rss)
	for ((i = 1; i <= running; i++)); do asleep $i; done
	resident Rss | awk -v before="$before" -v n=$running '{ print ($1 - before) / n }' | keep running
	stop "$service"
	value "a stream whose program runs and is silent, of $running" running KiB most ''
}

# Starts a program that sleeps, and waits until it does. NUMBER tells it from others.
asleep() {
	request run "$work/sleep.go" "{\"args\": [\"$1\"]}" >"$work/sleep-$1.json"
	post "$work/sleep-$1.json" --no-buffer >"$work/asleep-$1" &
	pids+=($!)
	until grep -q asleep "$work/asleep-$1" 2>/dev/null; do
		kill -0 $! 2>/dev/null || die "a program did not start: $(cat "$work/asleep-$1" "$work/$row.log")"
		sleep 0.02
	done
}

# The other benches, with their own words.
row_sandbox() { other sandbox 'What the sandbox costs'; }
row_fairness() { other fairness 'A reader while four others attack'; }
row_load() { other load 'More than the machine can take'; }

other() {
	# Those on fairness and load fail when a target does not hold, which their words say too.
	scripts/bench-"$1".sh "$underhood" | tee "$work/other" || [[ $1 != sandbox ]] || die "bench-$1 failed"
	printf '\n## %s\n\n`make bench-%s`\n\n```\n%s\n```\n' "$2" "$1" "$(cat "$work/other")" >>"$work/more"
}
