# shellcheck shell=bash disable=SC2034,SC2154,SC2016
#
# Measuring and telling; sourced by scripts/bench.sh. Samples are milliseconds, one a line: $work/NAME holds those of all
# rounds, $work/rounds/NAME the median of each.

# Two of the machine's processors, for everything here.
take_two_processors() {
	local allowed first
	allowed=$(taskset -cp $$ | sed 's/.*: //')
	first=$(tr , '\n' <<<"$allowed" | awk -F- '{ for (i = $1; i <= (NF > 1 ? $2 : $1); i++) print i }' | head -2 | paste -sd,)
	[[ $first == *,* ]] || die 'two processors are needed'
	taskset -cp "$first" $$ >/dev/null
}

die() {
	echo "bench: $*" >&2
	exit 1
}

# Standard input to samples NAME, as one round.
keep() {
	local name=$1
	sort -n >"$work/round"
	[[ -s $work/round ]] || die "$name: nothing was measured"
	cat "$work/round" >>"$work/$name"
	quantile 50 <"$work/round" >>"$work/rounds/$name"
}

# The value below which so many percent of sorted lines lie, between two lines in proportion.
quantile() {
	awk -v share="$1" '{ at[NR] = $1 }
		END { p = (NR - 1) * share / 100 + 1; i = int(p); print(i < NR ? at[i] + (p - i) * (at[i + 1] - at[i]) : at[i]) }'
}

median() { sort -n "$work/$1" | quantile 50; }

# From the first to the third quarter, or for few samples all.
spread() {
	local all low=25 high=75
	all=$(sort -n "$work/$1")
	(($(wc -l <<<"$all") >= 8)) || { low=0; high=100; }
	printf '%s–%s' "$(quantile $low <<<"$all" | short)" "$(quantile $high <<<"$all" | short)"
}
short() { awk '{ printf(($1 >= 100 ? "%.0f" : $1 >= 10 ? "%.1f" : "%.2f"), $1) }'; }

# Notes a command line for the section of commands, once, without this machine's paths.
note() {
	local row=$1 line=$2
	line=${line//"$underhood"/underhood}
	line=${line//"$TOOLS"/\$TOOLS}
	line=${line//"$goroot"/\$GOROOT}
	line=${line//"$work/"/}
	line=${line//"$PWD/"/}
	line=$(sed -E 's|http://127.0.0.1:[0-9]+|$URL|g' <<<"$line")
	grep -qxF -- "$row: $line" "$work/commands" || printf '%s: %s\n' "$row" "$line" >>"$work/commands"
}

# http NAME URL CONNECTIONS SECONDS MODE FILE WHAT PAUSE: latencies to samples, and $rate is what it had a second.
http() {
	local name=$1 url=$2 connections=$3 seconds=$4 wrong
	shift 4
	while :; do
		local line=(wrk --threads 1 --connections "$connections" --duration "${seconds}s" --timeout 60s
			--script benches/load.lua "$url" -- "$@")
		"${line[@]}" >"$work/wrk"
		! grep -q '^latency' "$work/wrk" && ((seconds < 20)) || break
		# Too short for a single answer, on a machine that is busy with something else.
		seconds=$((seconds * 2))
	done
	note "$row" "${line[*]}"
	wrong=$(awk '/^total/ { print $4 }' "$work/wrk")
	[[ $wrong == 0 ]] || die "$name: $wrong answers of $(awk '/^total/ { print $2 }' "$work/wrk") were wrong"
	awk '/^latency/ { for (i = 0; i < $3; i++) print $2 / 1000 }' "$work/wrk" | keep "$name"
	rate=$(awk '/^total/ { print $2 * 1e6 / $3 }' "$work/wrk")
}

# bare NAME TIMES PREPARE COMMAND: run in $work/bare by hyperfine, without a shell; PREPARE before each time.
bare() {
	local name=$1 times=$2 prepare=$3 command=$4
	note "$row" "hyperfine --shell=none --prepare '$prepare' '$command'"
	(cd "$work/bare" && hyperfine --shell=none --style none --runs "$times" --prepare "$prepare" \
		--export-json "$work/hyperfine.json" "$command" >/dev/null 2>"$work/hyperfine.log") || {
		cat "$work/hyperfine.log" >&2
		die "$name: $command failed"
	}
	jq '.results[0].times[] * 1000' "$work/hyperfine.json" | keep "$name"
}

# Sums of sides that were measured one after the other: sum NAME PART…; the rounds' medians are added.
sum() {
	local name=$1
	shift
	(cd "$work/rounds" && paste "$@") | awk '{ sum = 0; for (i = 1; i <= NF; i++) sum += $i; print sum }' |
		tee "$work/rounds/$name" >"$work/$name"
}

# compare TEXT OURS AGAINST-TEXT BASE ratio|difference|least MOST: a line of the table. `least` is a ratio that is better
# the higher it is.
compare() {
	local text=$1 ours=$2 against=$3 base=$4 how=$5 bound=$6 got all sign unit=ms
	[[ $how != least ]] || unit=/s
	# Within a round the machine was the same for both, so the rounds' ratios tell more than the ratio of all.
	all=$(paste "$work/rounds/$ours" "$work/rounds/$base" |
		awk -v how="$how" '{ print(how == "difference" ? $1 - $2 : $1 / $2) }' | sort -n)
	got=$(quantile 50 <<<"$all")
	case $how in
	ratio) sign="≤ $bound×" ;;
	difference) sign="≤ +$bound ms" ;;
	least) sign="≥ $bound×" ;;
	esac
	line "$text" "$(median "$ours" | short) $unit ($(spread "$ours"))" \
		"$against: $(median "$base" | short) $unit ($(spread "$base"))" \
		"**$(short <<<"$got")** ($(head -1 <<<"$all" | short)–$(tail -1 <<<"$all" | short))" \
		"$sign" "$(holds "$got" "$how" "$bound")"
}

# value TEXT NAME UNIT most|least BOUND: a line for a value that stands for itself. An empty BOUND is no target.
value() {
	local text=$1 name=$2 unit=$3 how=$4 bound=$5 sign='≤' verdict
	[[ $how != least ]] || sign='≥'
	verdict=$(holds "$(median "$name")" "$how" "$bound")
	line "$text" "**$(median "$name" | short) $unit** ($(spread "$name"))" '' '' "${bound:+$sign $bound $unit}" "${bound:+$verdict}"
}

holds() {
	awk -v got="$1" -v how="$2" -v bound="$3" \
		'BEGIN { print((how == "least" ? got >= bound : got <= bound) ? "yes" : "**no**") }'
}

# A line of the table; the last column names the command that makes it again.
line() {
	printf '| %s | %s | %s | %s | %s | %s | `make bench BENCH=%s` |\n' "$@" "$row" | tee -a "$work/table"
}

# More than anyone can ask for.
much=1000000000/s

# serve OPTION…: starts a service; its process is $service, its address $url. It counts requests as always, though none is
# too many, and waits for no run when it is stopped.
serve() {
	note "$row" "underhood serve --listen 127.0.0.1:0${*:+ $*}"
	UNDERHOOD_LOG=error UNDERHOOD_RATE_RUNS=$much UNDERHOOD_RATE_REQUESTS=$much UNDERHOOD_GRACE=0 \
		listen "$work/$row.log" "$underhood" serve --listen 127.0.0.1:0 "$@"
	service=$server
	pids+=("$service")
}

stop() {
	kill "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
}

# request MODE FILE [MORE]: a body to post.
request() {
	jq --null-input --rawfile source "$2" --arg mode "$1" --argjson more "${3:-{\}}" '{$source, $mode} + $more'
}

# post FILE [CURL'S OPTION…]: the answer, when the run is over.
post() {
	curl --silent --fail --data-binary "@$1" "${@:2}" "$url/api/v1/runs"
}
