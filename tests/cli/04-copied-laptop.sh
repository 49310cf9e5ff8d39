#!/bin/sh
# 04-copied-laptop.sh - a data folder is copied, an old copy comes back: both write and
# sync as the same laptop. Nothing that was saved on either is lost, nothing is taken over
# in silence, both end with the same state, and each is a laptop of its own (PN-K03).
. "$(dirname "$0")/lib.sh"

at "2027-04-12 09:00:00"
found SK
workshop
day_of_marks B 1 present
on B sync
on SK-N1 sync

# told_of_copy: the last sync went through, and said that this laptop is a copy.
told_of_copy() {
	[ "$code" = 75 ] || fail "a copy was taken for the laptop: exit $code"
	complains <<END
pnet: this laptop is a copy or was restored (PN-K03)
  why   another laptop writes as this one: this folder was copied, or an older copy of it was put back
  data  nothing is lost: this laptop has a new identity now, and what was typed on either is kept
  next  pnet sync    to go on; and use only one of the copies
END
}

# names_of FILE: nonce and name of each batch that an SQLite file holds; rows that a server
# and a replica both hold are equal.
names_of() {
	[ -e "$1" ] || return 0
	rm -f scan.db*
	case $1 in
	SRV/*)
		cp "$1" scan.db
		[ ! -e "$1-wal" ] || cp "$1-wal" scan.db-wal
		;;
	*) unseal "$(dirname "$1")" scan.db ;;
	esac
	case $1 in
	SRV/*) sqlite3 scan.db "SELECT hex(substr(header, 16, 20)), hex(substr(id, 1, 16)) FROM batch WHERE header IS NOT NULL" ;;
	*) sqlite3 scan.db "SELECT hex(substr(header, 16, 20)), hex(short) FROM r_batch;
		SELECT hex(substr(wire, 16, 20)), hex(substr(batch, 1, 16)) FROM r_pending" ;;
	esac
}

# nothing_reused: no nonce stands in two batches, in any file of anybody.
nothing_reused() {
	for file in SRV/*.db ./*/replica.db; do
		names_of "$file"
	done | sort -u >names
	[ "$(wc -l <names)" -ge 9 ] || fail "the scan saw $(wc -l <names) batches"
	is "nonces of two batches" "" "$(cut -d'|' -f1 names | uniq -d)"
	is "names of two batches" "" "$(cut -d'|' -f2 names | sort | uniq -d)"
}

# settled: everybody has fetched everything and shows the same.
settled() {
	for _ in 1 2; do
		for laptop in B C SK-N1; do
			try $laptop sync
			[ "$code" = 0 ] || [ "$code" = 75 ] ||
				fail "sync of $laptop ended with $code: $(head -n 1 err)"
		done
	done
	for laptop in B C; do
		on $laptop --json status
		is "what waits at $laptop" 0 "$(figure unsent)"
	done
	same_state B C
	on B print sheet SK-W9
	cp out sheet
	on SK-N1 print sheet SK-W9
	diff sheet out >&2 || fail "B and SK-N1 print different sheets"
}

part "sec_31: a copy, with marks that wait on both"
day_of_marks B 2 present
cp -r B C
at "2027-04-13 09:00:00"
on B attend SK-W9 3 --set 1=late --set 2=late
on C attend SK-W9 3 --set 2=absent --set 3=absent
line_up
on B sync
try C sync
has "sent 14 changes (14 marks), stored by server 14    received 2 (2 marks)    conflicts open 1"
has "[ok] in sync"
told_of_copy
# The first of them learns it as soon as it sees what the other one sent in its name.
try B sync
told_of_copy
on C sync
has_not "PN-K03"
on SK-N1 sync
has "[!!] a laptop of SK-T2 was copied, or an older copy of it was put back (Tue 13 Apr 09:00): nothing is lost, but ask who has the other copy"
on SK-N1 sync
has_not "was copied"
on SK-N1 status
has "Copied laptop    of SK-T2, Tue 13 Apr 09:00: nothing is lost, but ask who has the other copy"
on SK-N1 --json status
has '"copied_laptops":[{"member":"SK-T2","at":"2027-04-13T09:00:00Z"}]'
on SK-N1 --json sync
has '"copied_laptops":[]'
settled
nothing_reused
on B --json attend SK-W9 3
for mark in '"no":1,[^}]*"mark":"late"' '"no":3,[^}]*"mark":"absent"'; do
	grep -q "$mark" out || fail "a mark is lost: $mark"
done
on B review --list
has "late"
has "absent"
is "conflicts" 1 "$(grep -c 'SK-W9 · 2 Šimon Baláž · day 3' out)"
on B --plain attend SK-W9 2
is "marks of day 2, saved before the copy" 12 "$(cut -f4 out | grep -c present)"

part "sec_57: an old copy comes back with work of its own"
cp -r B old
at "2027-04-14 09:00:00"
on B attend SK-W9 4 --rest present
on B sync
on B review --list
on B review 1 --take late
on B sync
rm -rf B
mv old B
at "2027-04-15 09:00:00"
on B attend SK-W9 5 --rest late
settled
on B --plain attend SK-W9 4
is "marks that the lost state had sent" 12 "$(cut -f4 out | grep -c present)"
on B --plain attend SK-W9 5
is "marks of the old copy" 12 "$(cut -f4 out | grep -c late)"
on SK-N1 --json status
is "conflicts at SK-N1" 0 "$(figure conflicts)"

part "a week later the image of last week: what it lost and what is typed on it"
at "2027-04-16 09:00:00"
day_of_marks B 5 present
on B attend SK-W9 4 --set 5=excused
cp -a B image
on B sync
on B attend SK-W9 1 --set 6=absent
on B sync
rm -rf B
cp -a image B
at "2027-04-23 09:00:00"
on B attend SK-W9 1 --set 7=absent
try B sync
told_of_copy
settled
nothing_reused
on B --plain attend SK-W9 1
is "what the image had not, and what was typed on it" 2 "$(cut -f4 out | grep -c absent)"
on B --plain attend SK-W9 5
is "work of the image, sent once before" 12 "$(cut -f4 out | grep -c present)"

part "three of one laptop, the same and other fields, in turns"
cp -r B D
cp -r B E
for turn in 1 2; do
	same=$((turn * 6)) # all three write there
	on B attend SK-W9 2 --set $same=late --set "$turn=late"
	on D attend SK-W9 2 --set $same=absent --set "$((turn + 2))=absent"
	on E attend SK-W9 2 --set $same=excused --set "$((turn + 6))=excused"
	for each in E B D; do
		try $each sync
		[ "$code" = 0 ] || told_of_copy
	done
	at "2027-04-23 1$turn:00:00"
done
for each in D E B D E; do
	try $each sync
	[ "$code" = 0 ] || told_of_copy
done
settled
for each in D E; do
	on $each sync
	same_state B $each
	nothing_to_sync $each NN
done
nothing_reused
on B --plain attend SK-W9 2
for mark in late absent excused; do
	is "$mark of day 2, alone" 2 "$(cut -f4 out | grep -cx $mark)"
done
on B review --list
is "conflicts of three" 2 "$(grep -c 'SK-W9 · \(6\|12\) .* day 2' out)"
is "values that stand there" 6 "$(grep -c '^  [123]  \(late\|absent\|excused\) ' out)"

part "a laptop that reads from zero sees it too"
joins N2 SK-N1 SK-N2 coordinator
on SK-N1 sync
on N2 sync
on SK-N1 sync
same_state SK-N1 N2
server_end
