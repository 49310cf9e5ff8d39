#!/bin/sh
# 10-S1.sh - preparation (DOMAIN 9, S1): who sees which names.
. "$(dirname "$0")/lib.sh"
. "$source_dir/tests/cli/scenario.sh"
sample

at "2027-04-08 09:00:00"
part "N plans SK-W9"
on N workshop new SK-W9 --practice GP01 --org SK-C1 --start 2027-04-12
has "[ok] SK-W9 planned from 2027-04-12, 5 days    saved on this laptop"
on N activity team SK-W9 add SK-T2 --new
has "[ok] SK-T2 is on the team of SK-W9; access comes with the next sync"
on N activity team SK-W9 add DE-T3 --experienced --name "Jule Müller"
has "access comes with the next sync and ends after 2027-05-14 (--until)"
on N --plain activity show SK-W9
shows <<END
1	2027-04-12				
2	2027-04-13				
3	2027-04-14				
4	2027-04-15				
5	2027-04-16				
END
on N --plain activity team SK-W9
shows <<END
DE-T3	Jule Müller	facilitator	experienced	DE
SK-T2	Tadeáš Varga	facilitator	new	
END
on N -n import young "$scenarios/roster_SK-W9.csv" --activity SK-W9
shows <<END
accepted 12, warnings 0, held 0, rejected 0
END
on N young list SK-W9
shows_nothing
on N import young "$scenarios/roster_SK-W9.csv" --activity SK-W9
shows <<END
accepted 12, warnings 0, held 0, rejected 0
END
synced N NN 0 0 0 0
nothing_to_sync N
on A sync
nothing_to_sync A
on B sync
nothing_to_sync B
on OF sync
on CZ-N1 sync

# names LAPTOP WORKSHOP: how many rows its roster has there.
names() {
	on "$1" --plain young list "$2"
	wc -l <out
}
# no_access LAPTOP WORKSHOP
no_access() {
	on_exit 77 "$1" young list "$2"
	has "not permitted (PN-P01)"
	has "no access to the young people of $2"
}

part "A sees 12 names of SK-W9 and none of the others"
is "names of SK-W9 at A" 12 "$(names A SK-W9)"
for other in SK-W1 SK-W2 SK-W3; do
	no_access A $other
done
on A --csv export young_person -o young.csv
is "young people anywhere at A" 12 "$(($(wc -l <young.csv) - 1))"

part "B sees SK-W1 and SK-W9, not SK-W2; nobody is in SK-W3"
is "names of SK-W9 at B" 12 "$(names B SK-W9)"
is "names of SK-W1 at B" 13 "$(names B SK-W1)"
is "names of SK-W3 at B" 0 "$(names B SK-W3)"
no_access B SK-W2

part "N sees all of SK"
is "names of SK-W1 at N" 13 "$(names N SK-W1)"
is "names of SK-W2 at N" 11 "$(names N SK-W2)"
is "names of SK-W9 at N" 12 "$(names N SK-W9)"

part "the office sees SK-W9 planned, with 0 names"
on OF --csv totals SK-W9
grep -q '^SK-W9,SK,GP01,planned,0,12,0,0,0,0,0,0,0,,0,yes$' out || fail "totals: $(tail -n 1 out)"
no_access OF SK-W9
on OF --csv export young_person -o young.csv
is "young people at the office" 0 "$(($(wc -l <young.csv) - 1))"

part "another country sees nothing of SK"
on CZ-N1 --plain workshop list
shows_nothing
on_exit 66 CZ-N1 young list SK-W9
on CZ-N1 --plain practice list
is "practices at CZ" 14 "$(wc -l <out)"

part "the empty sheet has twelve lines and a place to sign"
on N print sheet SK-W9
is "rows of the sheet" 12 "$(grep -c '^[0-9][0-9]  .*_ _ _ _ _  ____' out)"

# team_rules LAPTOP: which of V22 to V25 its findings of SK-W9 name.
team_rules() {
	on "$1" --plain findings SK-W9
	sed -n 's/^\(V2[2-5]\)\t.*/\1/p' out | tr '\n' ' '
}
part "of V22 to V25 only V24 is found, until a coaching comes before the workshop"
is "rules of the team at N" "V24 " "$(team_rules N)"
is "rules of the team at the office" "V24 " "$(team_rules OF)"
on N activity new SK-K9 --type peer_coaching --practice GP01 --org SK-C1 --start 2027-04-08
on N activity team SK-K9 add DE-T3 --function coach --experienced --name "Jule Müller"
on N activity day SK-K9 1 --held yes
on N activity day SK-K9 2 --held yes
is "rules of the team at N" "" "$(team_rules N)"
on N sync
on OF sync
is "rules of the team at the office" "" "$(team_rules OF)"

part "sec_38: nothing of a name is in the server's files"
server_end
for name in Gajdošov Šoltésov Lukáčov Varga Street-art; do
	! grep -raqF "$name" SRV || fail "the server's files hold $name"
done
