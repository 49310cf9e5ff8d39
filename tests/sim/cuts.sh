#!/bin/sh
# cuts.sh - the line breaks after every STEP-th byte of a day's sync, in both directions,
# by an orderly end, by a reset, and by silence. After each cut one good sync must make
# all well: the server holds each batch once, no cut costs more than a day's bytes, and
# laptops that read from zero see the same.
# usage: cuts.sh [STEP]    bytes between two cuts, default 23
. "$(dirname "$0")/../cli/lib.sh"
step=${1:-23}
rounds=0

# batches: how many the server has numbered, of all authors; it must have ended.
batches() { sqlite3 SRV/SK.db 'SELECT max(lsn) FROM batch'; }

at "2027-04-12 09:00:00"
found SK
workshop
on SK-N1 sync
nothing_to_sync SK-N1
server_end
before=$(batches)
server_up

# day_saved: twelve changes wait at B, other ones than last time.
day_saved() {
	rounds=$((rounds + 1))
	[ $((rounds % 2)) = 0 ] && mark=late || mark=present
	day_of_marks B $((rounds % 5 + 1)) "$mark"
}

# good_sync: all that waited is stored; what it may cost is known from an undisturbed one.
good_sync() {
	line_up
	synced B 12 12 0 0 0
	line_down
	total=$(($(line_sum up) + $(line_sum down)))
	[ "$total" -le $day_bytes ] ||
		fail "the sync after cut $1 took $total bytes"
}

# The dearest of fifteen days is the measure.
part "undisturbed days"
day_bytes=100000
dearest=0
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
	day_saved
	good_sync none
	[ "$(line_sum trips)" -le 2 ] || fail "a day took $(line_sum trips) trips"
	up=$(line_sum up) down=$(line_sum down)
	[ $((up + down)) -le $dearest ] || dearest=$((up + down))
done
day_bytes=$((dearest * 2)) # superseded names are carried along, up to a cap
echo "a day: $up bytes up, $down down, 2 trips"

# cut WAY AFTER KIND: a day whose first sync is cut, then a good one.
cut() {
	day_saved
	line_up --cut "$1:$2:$3"
	try B sync
	line_down
	case $code in
	69 | 75 | 77)
		# Without a first answer it may have been another server.
		grep -q "PN-N0[13]" err || { [ "$(line_sum down)" = 0 ] && grep -q PN-N04 err; } || fail "cut $1:$2:$3: $(head -n 1 err)"
		good_sync "$1:$2:$3"
		;;
	0) # the last bytes are a farewell: all was stored
		on B --json status
		is "what waits after cut $1:$2:$3" 0 "$(figure unsent)"
		;;
	*) fail "cut $1:$2:$3: sync ended with $code" ;;
	esac
}

part "cuts"
kinds="fin rst"
for way in up down; do
	[ $way = up ] && all=$up || all=$down
	after=0
	while [ "$after" -lt "$all" ]; do
		for kind in $kinds; do
			cut $way $after $kind
		done
		after=$((after + step))
	done
	cut $way $((all - 1)) fin
done

part "silence, until somebody loses patience"
for where in up:0 up:200 down:0 down:100 "up:$((up - 1))" "down:$((down - 1))"; do
	day_saved
	line_up --cut "$where:silence"
	clocked "$pnet" --data B sync >out 2>err &
	client=$!
	sleep 0.2
	kill -KILL "$client" 2>/dev/null || true
	wait "$client" 2>/dev/null || true
	line_down
	line_up
	on B sync
	nothing_to_sync B
done

part "silence, until the client gives up by itself"
day_saved
line_up --cut up:0:silence
start=$(date +%s)
try B sync
has "nothing is lost: 12 changes are saved here"
waited=$(($(date +%s) - start))
[ "$waited" -le 15 ] || fail "the client waited $waited s for nothing"
good_sync silence

part "the server holds each batch once"
line_up
nothing_to_sync B
server_end
is "batches at the server" $((before + rounds)) "$(batches)"
server_up

part "all laptops agree"
line_up
on SK-N1 sync
on SK-N1 sync
on B sync
joins N2 SK-N1 SK-N2 coordinator
joins B2 SK-N1 SK-T2 trainer
on SK-N1 sync
on SK-N1 activity team SK-W9 add SK-T2 --new
on SK-N1 sync
on B sync
on B2 sync
on N2 sync
on SK-N1 sync
same_state B B2
same_state SK-N1 N2
server_end
echo "$rounds days, $((rounds - 1)) of them cut, every $step bytes"
