#!/bin/sh
# 11-S2.sh - day 1, both offline (DOMAIN 9, S2): marks of two laptops meet in one sheet,
# one arrival entered twice becomes one row, and a day costs two round trips.
. "$(dirname "$0")/lib.sh"
. "$source_dir/tests/cli/scenario.sh"
sample
s1_prepare
s2_day

part "what waits"
on A status
shows <<END
On this laptop   13 changes (8 marks) not yet stored by the server, oldest 0 min
Last sync        Thu 08 Apr 09:00
Needs you        nothing
END
on B --json status
is "unsent marks of B" 7 "$(figure unsent_marks)"

at "2027-04-12 19:20:00"
part "the evening: two round trips, at most 4 kB"
# counted LAPTOP: what its last sync cost.
counted() {
	line_down
	bytes=$(($(line_sum up) + $(line_sum down)))
	echo "$1: $bytes bytes, $(line_sum trips) trips"
	[ "$(line_sum trips)" -le 2 ] || fail "the sync of $1 took $(line_sum trips) trips"
	[ "$bytes" -le 4096 ] || fail "the sync of $1 took $bytes bytes"
	line_up
}
line_up
synced B 12 7 0 0 0
counted B
synced A 13 8 12 7 0
has "may be one person (V13): pnet review"
counted A
nothing_to_sync A

part "A sees 14 rows, mark 6 once, and the pair by name"
on A --plain young list SK-W9
is "rows at A" 14 "$(wc -l <out)"
on A --plain attend SK-W9 1
grep -q '^6	Matúš Ďurica	Y-[^	]*	present	' out || fail "mark 6: $(sed -n 6p out)"
on A review --list
has "1 of 1  SK-W9 · may be one person (V13)"
has " Hana Bieliková  "
has " Hana Bielikova  "
has "keep the first: pnet review 1 --take 1"

part "B fetches A's half, N joins the two rows"
synced B 0 0 13 8 0
nothing_to_sync B
synced N 0 0 25 15 0
on N young merge SK-W9 "Hana Bielikova" --into "Hana Bieliková"
synced N 1 0 0 0 0
nothing_to_sync N
for laptop in A B N; do
	on $laptop sync
	nothing_to_sync $laptop
	on $laptop --plain young list SK-W9
	is "rows at $laptop" 13 "$(wc -l <out)"
	on $laptop attend SK-W9 1
	has "SK-W9 day 1, Mon 12 Apr: 12 present, 1 absent"
	is "rows of Hana at $laptop" 1 "$(grep -c 'Hana Bielikov' out)"
	on $laptop review --list
	shows <<END
nothing needs you
END
done

part "the join can be undone, with both rows intact"
on N young split SK-W9 "Hana Bielikova"
on N --plain young list SK-W9
is "rows after the split" 14 "$(wc -l <out)"
on N attend SK-W9 1
has "SK-W9 day 1, Mon 12 Apr: 13 present, 1 absent"
on N young merge SK-W9 "Hana Bielikova" --into "Hana Bieliková"
for laptop in N A B; do
	on $laptop sync
done

part "the office has the figures and no name"
on OF sync
on OF --csv totals SK-W9
grep -q '^SK-W9,SK,GP01,running,1,13,13,12,0,0,1,0,12,92.3,12,yes$' out ||
	fail "totals at the office: $(tail -n 1 out)"
on_exit 77 OF young list SK-W9

part "V14 lists Hana until her consent is entered"
on N --plain findings SK-W9
grep -q '^V14	warning	.*	1	consent still pending$' out || fail "V14: $(cat out)"
on A young edit SK-W9 "Hana Bieliková" --set consent=given --set consent_by=self \
	--set consent_on=2027-04-12
on A sync
on N sync
on N --plain findings SK-W9
! grep -q '^V14	' out || fail "V14 stays: $(cat out)"
server_end
