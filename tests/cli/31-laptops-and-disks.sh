#!/bin/sh
# 31-laptops-and-disks.sh - the server moves to another port, the disk is full, a workshop
# was closed while others went on: each is said, nothing that was saved is lost.
. "$(dirname "$0")/lib.sh"

at "2027-04-12 09:00:00"
found SK
workshop

part "the server moves: its key proves that it is the same"
line_down
on_exit 69 B sync
has "PN-N01"
on_exit 64 B sync --server nowhere
on_exit 69 B sync --server 127.0.0.1:1
line_port=
line_up
day_of_marks B 1
on B sync --server "127.0.0.1:$line_port"
has "sent 12 changes (12 marks), stored by server 12"
nothing_to_sync B
on_exit 64 B sync --timeout soon
on SK-N1 sync --server "127.0.0.1:$line_port"

part "marks of one activity keep the numbers of their lines"
printf 'enrolment,day,status\nSK-W1-E01,1,present\nSK-W9-E01,9,present\n' >rows.csv
on_exit 65 B import marks rows.csv --activity SK-W9
has "rows.csv:3: rejected"
has "passed over 1"

part "a day with marks that was not held after all"
on B activity day SK-W9 1 --held no
has "day 1 has 12 marks: not counted while it is not held (V17): pnet findings SK-W9"
on B activity day SK-W9 1 --held yes
on B sync
on SK-N1 sync

part "a mark and a person after closing"
for day in 2 3 4 5; do
	day_of_marks SK-N1 "$day"
done
on SK-N1 close SK-W9
on SK-N1 sync
on B sync
on B attend SK-W9 5 --set mraz=late
on B sync
on SK-N1 sync
has "[!!] SK-W9 closed, 1 change after closing (V28): pnet review"
on SK-N1 review
on SK-N1 review 1 --reject
on SK-N1 young add SK-W9 --given Eva --family Neskorá --birth-year 2011
has "its tally does not count this person (V28)"
on SK-N1 sync
on B sync
same_state SK-N1 B

part "the disk is full"
mkdir small
if mount -t tmpfs -o size=6m tmpfs small 2>/dev/null; then
	trap 'umount "$dir/small"; story_end' EXIT
	mkdir small/B
	cp B/vault B/replica.db* small/B/
	dd if=/dev/zero of=small/fill bs=1k 2>/dev/null || true
	on_exit 74 small/B young add SK-W9 --given Anna --family Plná --birth-year 2011
	has "PN-D01"
	has "this last change is NOT saved; what was saved before is"
	has "pnet status    when there are 2 MB of room again"
	rm small/fill
	on small/B young list SK-W9
	has_not "Plná"
	on small/B young add SK-W9 --given Anna --family Plná --birth-year 2011
	on small/B young find plna
fi
server_end
