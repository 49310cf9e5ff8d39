#!/bin/sh
# 40-restored-server.sh - the server's disk died, and a country comes back from a backup that
# is a day old: while recovery is closed nothing is lost and each laptop says what to do;
# once the operator opens it, all that any laptop held is there again, whatever the order
# in which they come, and nothing twice.
. "$(dirname "$0")/lib.sh"

laptops="OF SK-N1 B C"

# keep NAME: all laptops and the server, as they are now. bring NAME: they are that again.
keep() {
	server_end
	mkdir "$1"
	for each in $laptops SRV; do
		cp -a "$each" "$1/$each"
	done
	server_up
	line_up
}
bring() {
	[ -z "$server_pid" ] || server_end
	for each in $laptops SRV; do
		rm -rf "${dir:?}/$each"
		[ ! -e "$1/$each" ] || cp -a "$1/$each" "$each"
	done
}

# set_back: the country's file is that of the backup, and recovery is said to be $1.
set_back() {
	rm -f SRV/SK.db*
	cp -a backup/SRV/SK.db* SRV/
	"$pnetd" restore SRV >out 2>err || fail "pnetd restore ended with $?: $(cat err)"
	cat out err >>"$transcript"
	open_recovery "$1"
}
open_recovery() {
	[ -z "$server_pid" ] || server_end
	sed -i '/^recovery/d' SRV/pnetd.conf
	echo "recovery = $1" >>SRV/pnetd.conf
	server_up
	line_up
}

# states NAME: what each laptop shows.
states() {
	mkdir -p "$1"
	for each in $laptops; do
		state "$each" >"$1/$each"
	done
}
# as_in NAME: each laptop shows what it showed there.
as_in() {
	states now
	for each in $laptops; do
		cmp -s "$1/$each" "now/$each" && continue
		diff "$1/$each" "now/$each" | head -n 20 >&2
		fail "$each does not show what it showed in $1"
	done
	rm -rf now
}

everybody_syncs() {
	for round in 1 2; do
		for each in $laptops; do
			on "$each" sync
		done
	done
	for each in $laptops; do
		nothing_to_sync "$each" NN
	done
	for each in OF SK-N1; do # everything came: nothing is listed as lost
		on "$each" --json status
		has '"lost":[]'
	done
}

at "2027-04-12 09:00:00"
found SK
workshop
day_of_marks B 1
on B sync
on SK-N1 sync
on OF sync

part "the evening's backup"
laptops="OF SK-N1 B"
keep backup
laptops="OF SK-N1 B C"

part "the next day: a new trainer, marks, a conflict, work that nobody has sent"
at "2027-04-13 18:00:00"
joins C SK-N1 SK-T3 trainer
on SK-N1 sync
on SK-N1 activity team SK-W9 add SK-T3
on SK-N1 sync
on C sync
day_of_marks B 2
on B sync
on C sync
day_of_marks C 2 late
day_of_marks B 2 excused
on C sync
on B sync
day_of_marks SK-N1 3
on SK-N1 sync
day_of_marks B 3 absent
day_of_marks C 4
keep before

part "what they would have, had the disk not died"
everybody_syncs
states whole
grep -q . whole/B || fail "there is nothing to lose"

part "recovery is closed: nothing is lost, and it is said what to do"
bring before
states held
set_back no
on_exit 75 B sync
shows_nothing
complains <<END
pnet: the server was restored from a backup (PN-S01)
  why   the server's data of SK is not what this laptop knows, and the server does not take back what it lost before its operator says so
  data  nothing is lost: everything stays on this laptop
  next  pnet sync    once the operator of the server has set recovery = yes in pnetd.conf and started it again
END
on_exit 77 C sync
shows_nothing
complains <<END
pnet: the server's membership log is shorter than known (PN-S03)
  why   the server's log of SK has NN records, this laptop knows NN: it was restored from a backup and does not take the missing ones from this laptop
  data  nothing is lost: everything stays on this laptop
  next  pnet sync    once the operator of the server has set recovery = yes in pnetd.conf and started it again
        pnet sync    after a coordinator or the office has done so: they are known there for longer
END
for each in SK-N1 OF B C; do
	try "$each" sync
	[ "$code" = 75 ] || [ "$code" = 77 ] || fail "pnet sync of $each ended with $code"
done
as_in held
on B --json status
is "what waits at B" 12 "$(figure unsent)"
on C --json status
is "what waits at C" 12 "$(figure unsent)"

part "the operator opens it: the same laptops go on"
open_recovery yes
on B sync
has "[!!] the server was restored from a backup (PN-S01): this laptop gave back what it knows of NET, SK"
has_not "PN-S03"
nothing_to_sync B NN
everybody_syncs
as_in whole

# Each order of coming gives the same; who is not known yet is told to come again.
for order in "SK-N1 C B OF" "C OF B SK-N1" "OF B C SK-N1"; do
	part "another order: $order"
	bring before
	set_back yes
	for each in $order; do
		try "$each" sync
		[ "$code" = 0 ] || [ "$each $code" = "C 77" ] ||
			fail "pnet sync of $each ended with $code: $(head -n 2 err)"
	done
	everybody_syncs
	as_in whole
done

part "recovery is closed again, and a new laptop reads the same"
open_recovery no
for each in $laptops; do
	nothing_to_sync "$each" NN
done
joins N2 SK-N1 SK-N2 coordinator
on SK-N1 sync
on N2 sync
same_state SK-N1 N2
server_end
