#!/bin/sh
# 04-copied-laptop.sh - a data folder is copied, an old copy comes back: both write and
# sync as the same laptop. Nothing that was saved on either is lost, nothing is taken over
# in silence, and both end with the same state.
. "$(dirname "$0")/lib.sh"

at "2027-04-12 09:00:00"
found SK
workshop
day_of_marks B 1 present
on B sync
on SK-N1 sync

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

part "a copy, with marks that wait on both"
day_of_marks B 2 present
cp -r B C
at "2027-04-13 09:00:00"
on B attend SK-W9 3 --set 1=late --set 2=late
on C attend SK-W9 3 --set 2=absent --set 3=absent
line_up
settled
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

part "an old copy comes back with work of its own"
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

part "a laptop that reads from zero sees it too"
joins N2 SK-N1 SK-N2 coordinator
on SK-N1 sync
on N2 sync
on SK-N1 sync
same_state SK-N1 N2
server_end
