#!/bin/sh
# 34-S12.sh - years later (DOMAIN 9, S12): a laptop is opened after eighteen months, with
# forty unsent marks for a workshop that was closed meanwhile, and with an old program among
# newer ones. Nothing is lost, nothing gets into the closed tally, and what only the newer
# program knows survives the older one's edits. PNET_BUILD/newer: tests/cli/newer.py.
. "$(dirname "$0")/lib.sh"

older=$pnet
newer=$build_dir/newer/bin/pnet
[ -x "$newer" ] || fail "no newer program: tests/cli/newer.py makes it"
with_phrase "$newer" "$dir/pnet.newer"
newer=$dir/pnet.newer

at "2027-04-12 09:00:00"
found SK
workshop
joins N2 SK-N1 SK-N2 coordinator
on N2 sync
on SK-N1 sync

part "the coordinator's program is newer: two fields that the others do not know"
pnet=$newer
on SK-N1 activity edit SK-W9 --set weather=rain --set title="Street art"
on SK-N1 activity note SK-W9 add 1 --set text="All came." --set mood=merry
on SK-N1 sync
pnet=$older
on N2 sync
on B sync
on N2 activity show SK-W9
has "Street art"
on_exit 64 N2 activity edit SK-W9 --set weather=sun
on N2 activity edit SK-W9 --set title="Street art in spring"
on B activity note SK-W9 edit 1 --set text="All came, two late."
on N2 sync
on B sync
pnet=$newer
on SK-N1 sync
on SK-N1 activity show SK-W9
has "Street art in spring"
has "rain"
on SK-N1 activity note SK-W9 show 1
has "two late"
has "merry"

part "an older replica under the newer program, and not the other way round"
cp -r N2 N2.older
on N2 activity show SK-W9
has "rain"
pnet=$older
try N2 status
is "the older program on the newer replica" 76 "$code"
cp out said
cat err >>said
grep -q "newer" said || fail "it does not say that the data is newer: $(cat said)"
rm -rf N2 && mv N2.older N2
on N2 status

part "forty marks that are not sent"
at "2027-04-16 16:00:00"
for day in 1 2 3; do
	on B attend SK-W9 $day --rest late
done
for number in 1 2 3 4; do
	on B attend SK-W9 4 --set $number=late
done
on B --json status
is "marks that wait" 40 "$(figure unsent_marks)"

part "the workshop is closed without them, from paper"
pnet=$newer
for day in 1 2 3 4 5; do
	on SK-N1 attend SK-W9 $day --rest present
done
on SK-N1 close SK-W9
on SK-N1 sync
on SK-N1 tally SK-W9
cp out tally.before

part "eighteen months go by: keys change, members come, values are replaced"
at "2028-03-01 09:00:00"
joins C SK-N1 SK-T3 trainer
on SK-N1 workshop new SK-W10 --practice GP01 --org SK-C1 --start 2028-04-10
on SK-N1 activity team SK-W10 add SK-T3 --new
on SK-N1 activity team SK-W9 add SK-T3 --experienced
on SK-N1 sync
on C sync
on SK-N1 activity edit SK-W9 --set weather=snow
on SK-N1 sync
on C sync

part "it syncs, with its old program"
at "2028-10-16 09:00:00"
pnet=$older
on B --json status
is "marks that wait after eighteen months" 40 "$(figure unsent_marks)"
on B sync
has "sent 40 changes (40 marks), stored by server 40"
on B --json status
is "marks that wait after the sync" 0 "$(figure unsent_marks)"

part "each of them is a change after closing, and none is in the tally"
pnet=$newer
on SK-N1 sync
has "SK-W9 closed, 40 changes after closing (V28): pnet review"
on_exit 3 SK-N1 --csv findings SK-W9
grep '^V28,' out | grep -q ',40,' || fail "V28 does not count 40: $(cat out)"
on SK-N1 tally SK-W9
cmp -s out tally.before || fail "the tally changed: $(diff out tally.before)"
on SK-N1 review --list
is "changes to look at" 40 "$(grep -c ' of 40' out)"
on SK-N1 activity show SK-W9
has "snow"
pnet=$older
on OF sync
on OF --csv totals SK-W9
grep -q '^SK-W9,SK,GP01,closed,5,12,60,60,0,0,0,0,60,100.0,' out ||
	fail "the office counts something else: $(tail -n 1 out)"
server_end
