#!/bin/sh
# 73-notes.sh - a note on a day, which is in no document: two people change the same words
# apart. What the merge made of it needs somebody, and is settled from the review.
. "$(dirname "$0")/lib.sh"

at "2027-04-20 09:00:00"
found SK
workshop

both_sync() {
	on B sync
	on SK-N1 sync
	on B sync
}

note() { # LAPTOP TEXT
	on "$1" activity note SK-W9 edit 1 --set text="$2"
}

spots() { # LAPTOP: hot spots that the review lists
	on "$1" --plain review --list
	grep '	text	SK-W9	' out | cut -f1 | sort -u | wc -l
}

part "apart, both change the same words"
on SK-N1 activity note SK-W9 add 1 --set text="All came and it was good."
both_sync
at "2027-04-20 10:00:00"
note SK-N1 "All came and it was great."
note B "All came and it was poor."
both_sync

part "both are told, with the wordings, who and when"
for laptop in B SK-N1; do
	on $laptop status
	grep -q 'Needs you        1 conflict' out || fail "not counted: $(cat out)"
	is "one hot spot of $laptop" 1 "$(spots $laptop)"
	on $laptop review --list
	grep -q 'SK-W9 · note on a day 1 · hot spot 1' out || fail "title: $(cat out)"
	grep -q 'it was great\..*SK-N1' out || fail "not SK-N1's: $(cat out)"
	grep -q 'it was poor\..*SK-T2' out || fail "not SK-T2's: $(cat out)"
	grep -q 'pnet review 1 --take now' out || fail "no command: $(cat out)"
done
on B --json review --list
grep -q '"schema":"pnet.text/1".*"kind":"day_note","field":"text".*"day":1' out || fail "json: $(cat out)"

part "no wording of that number"
try B review 1 --take 3
grep -q 'PN-V03' err || fail "3 of 2: $(cat err)"

# number LAPTOP WORDS: which wording has them
number() {
	on "$1" --plain review --list
	grep "$2" out | cut -f7
}

part "B takes one; nothing is left to do on both"
on B review 1 --take "$(number B 'was great')"
both_sync
for laptop in B SK-N1; do
	on $laptop review --list
	grep -q 'nothing needs you' out || fail "still listed: $(cat out)"
	on $laptop status
	grep -q 'Needs you        nothing' out || fail "still counted: $(cat out)"
	on $laptop activity note SK-W9 show 1
	grep -q 'All came and it was great\.' out || fail "the words: $(cat out)"
done

part "both choose at the same time, differently: shown again"
at "2027-04-20 11:00:00"
note SK-N1 "All came and it was loud."
note B "All came and it was calm."
both_sync
on SK-N1 review 1 --take "$(number SK-N1 'was loud')"
on B review 1 --take "$(number B 'was calm')"
both_sync
is "again at B" 1 "$(spots B)"
is "again at SK-N1" 1 "$(spots SK-N1)"

part "what was shown before is refused; an ordinary edit of that place settles"
on B review --list
note SK-N1 "All came and it was calm, then loud."
both_sync
try B review 1 --take now
grep -q 'PN-C02' err || fail "an old list: $(cat err)"
on B review --list
grep -q 'nothing needs you' out || fail "still listed: $(cat out)"

part "right as it stands"
at "2027-04-20 12:00:00"
note SK-N1 "Nobody was cold."
both_sync
note SK-N1 "Nobody was very cold."
note B "Nobody was cold at all."
both_sync
on B review --list
on B review 1 --take now
both_sync
for laptop in B SK-N1; do
	on $laptop review --list
	grep -q 'nothing needs you' out || fail "still listed: $(cat out)"
done
