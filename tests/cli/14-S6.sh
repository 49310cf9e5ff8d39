#!/bin/sh
# 14-S6.sh - day 5 and closing (DOMAIN 9, S6): a mark that is missing is named, the signed
# tally and the grid are those of tests/data/scenarios byte for byte, and a mark that comes
# late changes neither until a coordinator says so.
. "$(dirname "$0")/lib.sh"
. "$source_dir/tests/cli/scenario.sh"
sample
s1_prepare
s2_day
s2_evening

part "days 2 to 4, as the other scenarios leave them"
at "2027-04-15 18:00:00"
on B attend SK-W9 2 --set 4=late --rest present
on B attend SK-W9 3 --set 9=late --rest present
on B attend SK-W9 4 --set 8=absent --set 9=excused --rest present
on A young edit SK-W9 "Hana Bieliková" --set consent=given --set consent_by=self \
	--set consent_on=2027-04-12
on A sync
on B sync
on A sync

part "day 5: A is away from the net"
at "2027-04-16 16:00:00"
on B attend SK-W9 5 --set 2=absent --rest present
has "SK-W9 day 5, Fri 16 Apr: 12 present, 1 absent"
on B sync
on N sync
line_down
on A attend SK-W9 5 --set 12=excused
line_up

part "the first attempt names the mark that is missing"
at "2027-04-16 19:00:00"
on N attend SK-W9 5 --clear 11
on_exit 3 N close SK-W9
has "SK-W9 cannot be closed yet (PN-C01)"
has "11 Laura Vaľková, day 5 (V18)"
on N --csv totals SK-W9
grep -q '^SK-W9,SK,GP01,held,5,' out || fail "totals: $(tail -n 1 out)"
on N attend SK-W9 5 --set 11=present

part "closing: the signed tally byte for byte"
on N close SK-W9
on N sync
on N tally SK-W9
cmp "$scenarios/tally_SK-W9.txt" out || fail "the tally is another"

# grid LAPTOP: the grid of final marks on it.
grid() {
	on "$1" --csv print sheet SK-W9
	cmp "$scenarios/final_marks_SK-W9.csv" out || fail "the grid at $1 is another"
}
grid N
on OF sync
on OF tally SK-W9
cmp "$scenarios/tally_SK-W9.txt" out || fail "the tally at the office is another"

part "a late mark: a conflict and a change after closing, the tally as it was"
synced A NN 1 NN NN 1
synced N 0 0 NN 1 1
has "[!!] SK-W9 closed, 1 change after closing (V28): pnet review"
on N review --list
has "SK-W9 · 12 Alex Urban · day 5, Fri 16 Apr"
has "excused   Jule Müller (DE-T3)"
has "pnet review 1 --reject"
on_exit 3 N --plain findings SK-W9
grep -q '^V28	warning	.*	1	changes after closing$' out || fail "V28: $(cat out)"
on N tally SK-W9
cmp "$scenarios/tally_SK-W9.txt" out || fail "the tally changed"
on OF sync
on OF --csv totals SK-W9
grep -q '^SK-W9,SK,GP01,closed,5,13,65,59,2,1,3,0,61,93.8,13,yes$' out || fail "totals: $(tail -n 1 out)"

part "N rejects it: nothing is open, the grid is as before"
on N review 1 --reject
on N --plain findings SK-W9
! grep -q '^V28	' out || fail "V28 stays: $(cat out)"
grid N
synced N 1 1 0 0 0
on A sync
on A review --list
shows <<EOF
nothing needs you
EOF
grid A
on N tally SK-W9
cmp "$scenarios/tally_SK-W9.txt" out || fail "the tally changed"

part "a change that is taken counts only in the tally after a reopening"
on A attend SK-W9 5 --set 12=excused
on A sync
on N sync
on_exit 3 N close SK-W9
on N reopen SK-W9 --reason "Alex was excused on day 5"
on N close SK-W9
has "attended 60  rate 92.3 %"
on N --plain findings SK-W9
! grep -q '^V28	' out || fail "V28 stays: $(cat out)"
server_end
