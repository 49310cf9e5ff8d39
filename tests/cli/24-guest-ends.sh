#!/bin/sh
# 24-guest-ends.sh - a guest sees one activity, until a date (DESIGN 3.2): then the server
# serves and takes nothing more of him, the next coordinator to sync changes the keys, and
# his laptop forgets the names at its next contact. What he had not sent is set aside and
# counts once when he is given access again.
. "$(dirname "$0")/lib.sh"

at "2027-04-08 09:00:00"
found DE SK
workshop
joins A DE-N1 DE-T3 trainer
on DE-N1 sync
on SK-N1 activity team SK-W9 add DE-T3 --experienced --until 2027-05-14
on SK-N1 workshop new SK-W8 --practice GP01 --org SK-C1 --start 2027-06-07
on SK-N1 activity team SK-W8 add SK-T2 --new
on SK-N1 young add SK-W8 --given Agáta --family Novotná --birth-year 2011 --gender f
on SK-N1 sync
on A sync
on B sync

# epochs LAPTOP: of the keys of SK-W9, SK-W8 and the country's office scope.
epochs() {
	unseal "$1" copy.db
	sqlite3 copy.db "SELECT group_concat(e, ' ') FROM (SELECT max(d.epoch) AS e
		FROM r_scope s JOIN r_seed d ON d.scope = s.id JOIN r_space p ON p.pos = s.space
		LEFT JOIN activity a ON a.record = substr(s.name, 2, 16)
		WHERE p.code = 'SK' AND (a.code IS NOT NULL OR hex(substr(s.name, 1, 1)) = '02')
		GROUP BY s.id ORDER BY coalesce(a.code, 'Z') DESC)"
}
# code LAPTOP WORKSHOP NAME: of that young person.
code() {
	on "$1" --plain young list "$2"
	grep "	$3	" out | cut -f 3
}
# nobody_copied LAPTOP...: none of them was told of a copied laptop.
nobody_copied() {
	for laptop in "$@"; do
		on "$laptop" --json status
		has '"copied_laptops":[]'
	done
}
# holds LAPTOP TEXT: do its files hold it, for who has the key?
holds() {
	unseal "$1" copy.db
	cat copy.db* | grep -qaF "$2"
}

part "one roster and no other"
on A --plain young list SK-W9
is "names at A" 12 "$(wc -l <out)"
on_exit 77 A young list SK-W8
has "no access to the young people of SK-W8"
! holds A Novotn || fail "A holds a name of SK-W8"
holds A Gajdošov || fail "A holds no name of SK-W9"
is "epochs at SK-N1" "1 1 1" "$(epochs SK-N1)"

part "the last evening"
at "2027-05-14 23:50:00"
on A attend SK-W9 1 --set 1=present
synced A 1 1 0 0 0

part "the day after: his laptop may still mark, the server takes nothing"
at "2027-05-15 00:10:00"
on A attend SK-W9 1 --set 2=absent
on B attend SK-W9 1 --set 3=present
on B sync
try A sync
has_not "(1 mark), stored by server 1"
has "[x] refused by the server: its device may not write there"
has "[!!] your access ended before 1 change was sent: set aside on this laptop"
on A status
has "1 change set aside: access to SK-W9 ended"
has "0 changes (0 marks) not yet stored by the server"
on_exit 66 A young list SK-W9
has "no activity SK-W9 is on this laptop"
! holds A Gajdošov || fail "A still holds the names of SK-W9"
on A sync
on B sync
on B attend SK-W9 1
has "2 present, 10 unmarked"

part "the next coordinator changes the keys that he held, and no other"
is "epochs at SK-N1 before" "1 1 1" "$(epochs SK-N1)"
on SK-N1 sync
is "epochs at SK-N1" "2 2 1" "$(epochs SK-N1)"
nothing_to_sync SK-N1
on SK-N1 attend SK-W9 1 --set 4=late
on SK-N1 sync
on B sync
is "epochs at B" "2 2 1" "$(epochs B)"
on B attend SK-W9 1
has "2 present, 1 late, 9 unmarked"
on B attend SK-W9 1 --set 5=present
synced B 1 1 0 0 0
synced SK-N1 0 0 1 1 0
on OF sync
on OF --csv totals SK-W9
grep -q '^SK-W9,SK,GP01,running,1,12,12,3,1,' out || fail "totals: $(tail -n 1 out)"

part "he can be asked again, and sees what was written meanwhile"
on SK-N1 activity team SK-W9 add DE-T3 --experienced --until 2027-06-30
on SK-N1 sync
on A sync
on A attend SK-W9 1
has "3 present, 1 late, 1 absent, 7 unmarked"
on A status
has_not "set aside"
nothing_to_sync A
on B sync
on B attend SK-W9 1
has "3 present, 1 late, 1 absent, 7 unmarked"
nobody_copied A B

part "what is set aside of an erased person goes with him; the rest stays"
y=$(code SK-N1 SK-W9 "Ondrej Hrčka")
on A attend SK-W9 2 --set "$y=absent" --set "Mráz=excused"
at "2027-07-01 00:10:00"
try A sync
has "[!!] your access ended before 2 changes were sent"
on SK-N1 sync
on SK-N1 erase "$y" --reason request --confirm "$y"
on SK-N1 sync
on SK-N1 activity team SK-W9 add DE-T3 --experienced --until 2027-08-31
on SK-N1 sync
on A status
has "2 changes set aside: access to SK-W9 ended"
on A sync
on A status
has_not "set aside"
on A attend SK-W9 2
has "1 excused, 10 unmarked"
nothing_to_sync A

part "words that he had not sent are read on his laptop, and stand in the text when he is back"
on B activity note SK-W9 add 1 --set text="The circle at the start worked. Lunch was late."
on B sync
on A sync
# note LAPTOP TEXT: of day 1, as it is written anew.
note() {
	on "$1" activity note SK-W9 edit 1 --set text="$2"
}
y=$(code SK-N1 SK-W9 "Nina Lukáčová")
at "2027-08-31 23:50:00"
note A "The circle worked on every morning. Lunch was late."
note A "The circle worked on nearly every morning. Lunch was late."
on A activity note SK-W9 add 2 --set text="The hall was cold."
on A attend SK-W9 2 --note "Mráz=He stayed to help" --note "$y=She left early"
at "2027-09-01 00:10:00"
try A sync
has "[!!] your access ended before 5 changes were sent: set aside on this laptop"
has_not "gone from this laptop"
on A status
has "5 changes set aside: access to SK-W9 ended"
has "pnet status --aside"
on A status --aside
has "SK-W9 day_note, written"
has "on nearly every morning"
has "The hall was cold."
has "He stayed to help"
on A --plain status --aside
is "texts set aside" 4 "$(wc -l <out)"
on_exit 66 A activity note SK-W9
for words in "nearly every" "stayed to help"; do
	cat "$dir"/A/replica.db* | grep -qaF "$words" && fail "in clear: $words"
	holds A "$words" || fail "not kept: $words"
done

part "meanwhile the others write on and erase somebody: what they wrote and what he wrote stand"
on SK-N1 sync
on B sync
note B "The circle at the start worked. Lunch was late on two days."
on B sync
on SK-N1 erase "$y" --reason request --confirm "$y"
on SK-N1 sync
on SK-N1 activity team SK-W9 add DE-T3 --experienced --until 2027-10-31
on SK-N1 sync
on A sync
on A status
has_not "set aside"
on A status --aside
has "no text is set aside"
! holds A "left early" || fail "A holds a note on who was erased"
nothing_to_sync A
on B sync
for laptop in A B; do
	on $laptop activity note SK-W9 show 1
	has "The circle worked on nearly every morning. Lunch was late on two days."
	on $laptop activity note SK-W9
	has "The hall was cold."
	on $laptop attend SK-W9 2
	has "He stayed to help"
done

part "each time he came back his batches went on where he had stopped"
on SK-N1 sync
nobody_copied A B SK-N1

part "a copy of his laptop that was made while he had no access is found when both write"
on A attend SK-W9 3 --set 1=present
at "2027-10-31 23:50:00"
on A sync
at "2027-11-01 00:10:00"
try A sync
on_exit 66 A attend SK-W9 3
cp -R A A2
on SK-N1 sync
on SK-N1 activity team SK-W9 add DE-T3 --experienced --until 2027-11-30
on SK-N1 sync
on A sync
on A2 sync
on A attend SK-W9 3 --set 2=present
on A2 attend SK-W9 3 --set 3=present
on A sync
try A2 sync
has "PN-K03"
on A2 sync
on B sync
has "a laptop of DE-T3 was copied"
on B attend SK-W9 3
has "3 present, "

part "he may delete it instead"
on A attend SK-W9 1 --set 8=absent
note A "Only this."
at "2027-12-01 00:10:00"
try A sync
has "[!!] your access ended before 2 changes were sent"
on A undo --aside
has "deleted for ever: 2 changes set aside"
on A status --aside
has "no text is set aside"
on A undo --aside
has "nothing is set aside"
on A status
has_not "set aside"
server_end
