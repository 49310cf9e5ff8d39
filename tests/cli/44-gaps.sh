#!/bin/sh
# 44-gaps.sh - what a restored server does not get back is listed by member, laptop and
# count, at the server and at coordinators' laptops, and no longer once somebody brings it,
# or says that nobody will. Work that was refused and sealed again is no gap.
. "$(dirname "$0")/lib.sh"

# gaps: what pnetd verify says of them, into the file gaps.
gaps() {
	printf 'pnetd verify SK\n' >>"$transcript"
	"$pnetd" verify SK --data SRV >out 2>err || fail "pnetd verify ended with $?: $(cat err)"
	cat out err >>"$transcript"
	grep 'gap:' out >gaps || true
}

at "2027-04-12 09:00:00"
mkdir stick
found SK
workshop
joins C SK-N1 SK-T3 trainer
on SK-N1 sync
on SK-N1 activity team SK-W9 add SK-T3
on SK-N1 sync
on C sync
on B sync

part "two batches wait sealed on a laptop, the rights change, and both are sealed again"
day_of_marks B 1
on B sync --via stick
day_of_marks B 2
on B sync --via stick
on SK-N1 activity team SK-W9 remove SK-T3
on SK-N1 sync
on SK-N1 sync
on B sync
nothing_to_sync B
gaps
is "gaps of a server that was never set back" "" "$(cat gaps)"

part "the evening's backup; then one batch that nobody reads, and one by stick"
server_end
cp -a SRV SRV.backup
server_up
line_up
day_of_marks B 3
on B sync
day_of_marks B 4
on B sync --via stick
on SK-N1 sync --via stick

part "the server comes back from the backup, the laptop B does not come"
server_end
rm -rf SRV
cp -a SRV.backup SRV
"$pnetd" restore SRV >out 2>err || fail "pnetd restore ended with $?: $(cat err)"
echo "recovery = yes" >>SRV/pnetd.conf
server_up
line_up
on SK-N1 sync
cp out told.sync
has_not "was copied" # what B gave to the stick it sealed again later
on SK-N1 --plain attend SK-W9 4
is "marks that came by stick" 12 "$(cut -f4 out | grep -c present)"
gaps
is "gaps" 1 "$(wc -l <gaps)"
grep -q 'gap: at least 1 batch of SK-T2 missing before batch [0-9]* (laptop [0-9A-Z]*, scope [0-9]*)$' gaps ||
	fail "the gap is told as: $(cat gaps)"

part "the coordinator is told once, and can look it up until it comes"
told='at least 1 batch of SK-T2 in SK-W9 (laptop '
cp -r SK-N1 accepts
on accepts --json status
is "told of" 1 "$(grep -o '"batches":1' out | wc -l)"
cp told.sync out
has "[!!] the server lost $told"
on SK-N1 sync
has_not "the server lost"
on SK-N1 status
has "Lost             with the server, $told"
on SK-N1 check
has "[!!] lost with the server: $told"
for command in status check; do
	on SK-N1 --json $command
	has '"lost":[{"member":"SK-T2","laptop":"'
	has '"in":"SK-W9","batches":1}]'
done
on C --json status
has '"lost":[]'

part "or until somebody says that nobody has it"
on accepts status --accept-lost
has "[ok] listed no more: 1 lost batch"
on accepts status
has_not "Lost  "
on accepts status --accept-lost
has "nothing is listed as lost"

part "it comes, and brings it"
on B sync
on SK-N1 sync
gaps
is "gaps once B has come" "" "$(cat gaps)"
on SK-N1 --json status
has '"lost":[]'
on SK-N1 --plain attend SK-W9 3
is "marks that were missing" 12 "$(cut -f4 out | grep -c present)"
server_end
