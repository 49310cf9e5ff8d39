#!/bin/sh
# kill9.sh - kill -9 of client and server at random moments of syncing and saving. What a
# laptop once printed as saved stays; after the next good sync the server holds it, every
# laptop shows it, and a sheet printed from it equals that of an undisturbed twin.
# usage: kill9.sh [ROUNDS]    default 100, 20 under PNET_SANITIZED; PNET_SEED repeats a run
. "$(dirname "$0")/../cli/lib.sh"
rounds=${1:-$([ -n "${PNET_SANITIZED:-}" ] && echo 20 || echo 100)}
seed=${PNET_SEED:-$(date +%s)}
echo "kill9: $rounds rounds, PNET_SEED=$seed"

# rand N: 0..N-1 into $random.
rand() {
	seed=$(((seed * 1103515245 + 12345) & 0x7fffffff))
	random=$(((seed >> 12) % $1))
}

# kill_soon PID: after 0 to 40 ms. Counts those that had not ended by themselves.
kills=0 struck=0
kill_soon() {
	rand 40
	sleep "$(printf '0.%03d' "$random")"
	kill -KILL "$1" 2>/dev/null || true
	kills=$((kills + 1))
	ended=0
	wait "$1" 2>/dev/null || ended=$?
	[ $ended != 137 ] || struck=$((struck + 1))
}

# start LAPTOP ARGUMENTS...: pnet in the background, $client is its id.
start() {
	laptop=$1
	shift
	printf '%s$ pnet %s &\n' "$laptop" "$*" >>"$transcript"
	exec_clocked "$pnet" --data "$dir/$laptop" "$@" >"$dir/bg.out" 2>&1 </dev/null &
	client=$!
}

today=2027-04-12
found SK
workshop
line_up --latency 4
# Everything that a laptop printed as saved, in order: the twin's diet.
: >saved
marks="present late excused absent"

# save LAPTOP: one mark of one person of one day, sometimes killed on the way. What was
# printed counts; what was not may be there or not, so the same mark is set again.
save() {
	rand 5
	day=$((random + 1))
	rand 12
	person=$((random + 1))
	rand 4
	mark=$(echo $marks | cut -d' ' -f$((random + 1)))
	rand 4
	if [ "$random" = 0 ]; then
		start "$1" attend SK-W9 $day --set $person=$mark
		kill_soon $client
	fi
	on "$1" attend SK-W9 $day --set $person=$mark
	has "saved on this laptop"
	echo "$day $person=$mark" >>saved
}

# The two ends of a sync, either of them killed.
disturb() {
	rand 3
	case $random in
	0)
		start "$1" sync
		kill_soon $client
		;;
	1)
		start "$1" sync
		kill_soon $server_pid
		wait $client 2>/dev/null || true
		server_pid=
		server_up
		;;
	2)
		start "$1" sync
		first=$client
		start SK-N1 sync
		kill_soon $client
		kill_soon $first
		;;
	esac
}

sheet_of() {
	on "$1" print sheet SK-W9
	cp out "$2"
}

# All that was saved is at the server and on every laptop.
agree() {
	on B sync
	nothing_to_sync B
	on SK-N1 sync
	sheet_of B sheet.B
	sheet_of SK-N1 sheet.N
	diff sheet.B sheet.N >&2 || fail "B and SK-N1 print different sheets"
}

part "the rounds"
round=0
while [ $round -lt "$rounds" ]; do
	round=$((round + 1))
	save B
	disturb B
	[ $((round % 10)) != 0 ] || agree
done
agree
echo "$struck of $kills kills struck a program at work"
[ $((struck * 4)) -ge $kills ] || fail "too few kills struck; they prove little"

part "a laptop that reads from zero sees the same"
line_up
joins N2 SK-N1 SK-N2 coordinator
on SK-N1 sync
on N2 sync
on SK-N1 sync
same_state SK-N1 N2

part "the last marks that were saved are those on the sheet"
for day in 1 2 3 4 5; do
	on B --plain attend SK-W9 $day
	cut -f1,4 out | sed 's/	/=/' >found.$day
	for person in 1 2 3 4 5 6 7 8 9 10 11 12; do
		last=$(grep "^$day $person=" saved | tail -n 1 | cut -d' ' -f2)
		[ -z "$last" ] || grep -qx "$last" found.$day ||
			fail "day $day: saved $last, found $(grep "^$person=" found.$day)"
	done
done

part "an undisturbed twin that was told the same prints the same sheet"
line_down
server_end
mkdir first
mv B SK-N1 OF SRV first/
server_port=
line_port=
found SK
workshop
while read -r day set; do
	on B attend SK-W9 "$day" --set "$set"
done <saved
sheet_of B sheet.twin
diff sheet.B sheet.twin >&2 || fail "the disturbed sheet is not the twin's"
