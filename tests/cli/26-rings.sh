#!/bin/sh
# 26-rings.sh - three coordinators join three entries of one person in a ring, each without
# a network and each without seeing the others' joins. After the syncs, in any order, there
# is one row with one name everywhere; a split takes one entry out and leaves the others
# joined; a second ring of four closes over the first.
. "$(dirname "$0")/lib.sh"

at "2027-04-12 09:00:00"
found SK
workshop
joins N2 SK-N1 SK-N2 coordinator
on N2 sync
joins N3 SK-N1 SK-N3 coordinator
on N3 sync
for n in Xenia Ymir Zora Wanda; do
	on SK-N1 young add SK-W9 --given $n --family Kral --birth-year 2011 --gender n
done
on SK-N1 sync
on N2 sync
on N3 sync

# code LAPTOP NAME: of the row of SK-W9.
code() {
	on "$1" --plain young list SK-W9
	grep "	$2 Kral" out | cut -f 3
}
# rows LAPTOP: of SK-W9's list.
rows() {
	on "$1" --plain young list SK-W9
	wc -l <out
}
# all_sync ORDER...: twice round, so that everybody has seen everybody.
all_sync() {
	for laptop in "$@" "$@" B; do
		on "$laptop" sync
	done
}
x=$(code SK-N1 Xenia)
y=$(code SK-N1 Ymir)
z=$(code SK-N1 Zora)
w=$(code SK-N1 Wanda)
is "rows before" 16 "$(rows SK-N1)"

part "three joins that did not see each other close a ring"
on SK-N1 young merge SK-W9 "$x" --into "$y"
on N2 young merge SK-W9 "$y" --into "$z"
on N3 young merge SK-W9 "$z" --into "$x"
on SK-N1 attend SK-W9 1 --set "$x=present"
on N2 attend SK-W9 1 --set "$z=present"
on N3 attend SK-W9 2 --set "$z=late"
all_sync N3 SK-N1 N2
for laptop in SK-N1 N2 N3 B; do
	is "rows at $laptop" 14 "$(rows $laptop)"
	grep ' Kral' out | grep -v Wanda >"kept.$laptop"
	is "rows of the person at $laptop" 1 "$(wc -l <"kept.$laptop")"
	cmp -s kept.SK-N1 "kept.$laptop" || fail "$laptop keeps another entry than SK-N1"
done
on B attend SK-W9 1
has "1 present, 13 unmarked"
on B attend SK-W9 2
has "1 late, 13 unmarked"

part "marks of all entries count once, and different ones are a conflict"
on N2 attend SK-W9 3 --set "$x=present"
on N3 attend SK-W9 3 --set "$y=absent"
all_sync SK-N1 N2 N3
on SK-N1 attend SK-W9 3
has "1 in conflict"
on SK-N1 review --list
on SK-N1 review 1 --take present
all_sync SK-N1 N2 N3
on N3 attend SK-W9 3
has "1 present, 13 unmarked"

part "a fourth entry joins the ring from outside"
on N3 young merge SK-W9 "$w" --into "$z"
all_sync N3 N2 SK-N1
is "rows with the fourth" 13 "$(rows B)"
on_exit 65 N2 young merge SK-W9 "$x" --into "$w"
has "one person already"

part "a split takes one entry out of the ring and leaves the others joined"
on N2 young split SK-W9 "$y"
all_sync N2 SK-N1 N3
for laptop in SK-N1 N2 N3 B; do
	is "rows at $laptop after the split" 14 "$(rows $laptop)"
	grep -q "	Ymir Kral" out || fail "Ymir has no row of its own at $laptop"
done
server_end
