#!/bin/sh
# 12-S3.sh - day 2, a true conflict (DOMAIN 9, S3): two values stand side by side until a
# person chooses, everything else of the sheet merges, and no value vanishes.
. "$(dirname "$0")/lib.sh"
. "$source_dir/tests/cli/scenario.sh"
sample
s1_prepare
s2_day
s2_evening

part "offline: B corrects his own mark, A writes another"
line_down
at "2027-04-13 09:05:00"
on B attend SK-W9 2 --set 4=absent --rest present
shows <<END
[ok] SK-W9 day 2, Tue 13 Apr: 12 present, 1 absent    saved on this laptop, 13 changes wait    undo: pnet undo
END
at "2027-04-13 09:40:00"
on B attend SK-W9 2 --set mraz=late
shows <<END
[ok] SK-W9 day 2, Tue 13 Apr: 12 present, 1 late    saved on this laptop, 13 changes wait    undo: pnet undo
END
on B status
shows <<END
On this laptop   13 changes (13 marks) not yet stored by the server, oldest 35 min
Last sync        Mon 12 Apr 19:20
Needs you        nothing
END
at "2027-04-13 10:00:00"
on A attend SK-W9 2 --set 4=excused

at "2027-04-13 18:00:00"
part "B, A, B sync"
line_up
synced B 13 13 0 0 0
synced A 1 1 13 13 1
has "[!!] 1 needs you: pnet review"
synced B 0 0 1 1 1
nothing_to_sync A 1
nothing_to_sync B 1

part "both show the same two values; absent never left B"
on A review --list
shows <<END
1 of 1  SK-W9 · 4 Tadeáš Mráz · day 2, Tue 13 Apr
  1  late      Tadeáš Varga (SK-T2)   13 Apr 09:40
  2  excused   Jule Müller (DE-T3)    13 Apr 10:00   your change
  settle: pnet review 1 --take 1    or another of them
END
on B review --list
shows <<END
1 of 1  SK-W9 · 4 Tadeáš Mráz · day 2, Tue 13 Apr
  1  late      Tadeáš Varga (SK-T2)   13 Apr 09:40   your change
  2  excused   Jule Müller (DE-T3)    13 Apr 10:00
  settle: pnet review 1 --take 1    or another of them
END
for laptop in A B; do
	on $laptop --json review --list
	/usr/bin/python3 - out <<'END' || fail "the conflict as JSON is not the one of S3"
import json, sys
c = json.loads(open(sys.argv[1]).read().splitlines()[0])
assert c["schema"] == "pnet.conflict/1" and c["day"] == 2, c
assert [(s["value"], s["by"], s["at"]) for s in c["siblings"]] == [
    ("late", "SK-T2", "2027-04-13T09:40:00Z"),
    ("excused", "DE-T3", "2027-04-13T10:00:00Z")], c
END
	on $laptop print sheet SK-W9
	has "04  Tadeáš Mráz                         P ! ? ? ?  1-2"
	has "    Attended                            12 12-13 0 0 0  24-25"
	has "! open conflict"
	on $laptop attend SK-W9 2
	has "SK-W9 day 2, Tue 13 Apr: 12 present, 1 in conflict"
done
same_state A A

part "closing is blocked"
synced N 0 0 14 14 1
on_exit 3 N close SK-W9
has "SK-W9 cannot be closed yet (PN-C01)"
has "4 Tadeáš Mráz, day 2 (V19)"

part "a choice that names what is not there is refused"
try A review 7 --take 1
[ "$code" != 0 ] || fail "review 7 was taken"
try A review 1 --take 9
[ "$code" != 0 ] || fail "value 9 was taken"

part "A settles on late; nowhere open after sync"
on A review 1 --take 1
has "[ok] late. The other value stays in the history."
synced A 1 1 0 0 0
synced B 0 0 1 1 0
synced N 0 0 1 1 0
for laptop in A B N; do
	nothing_to_sync $laptop
	on $laptop review --list
	shows <<END
nothing needs you
END
	on $laptop attend SK-W9 2
	has "SK-W9 day 2, Tue 13 Apr: 12 present, 1 late"
	on $laptop print sheet SK-W9
	has "    Attended                            12 13 0 0 0  25"
done

# settle_both DAY MARK: 4 gets two values from B and A; then A settles on late and N, at
# the same time, on MARK.
settle_both() {
	line_down
	on B attend SK-W9 "$1" --set 4=late --rest present
	on A attend SK-W9 "$1" --set 4=excused
	line_up
	on B sync
	on A sync
	on N sync
	line_down
	on_exit 3 A attend SK-W9 "$1" --set 4=late
	has "pnet review"
	on A review --list
	on A review 1 --take late
	on N review --list
	on N review 1 --take "$2"
	line_up
	on A sync
	on N sync
	on A sync
}
at "2027-04-14 18:00:00"
part "two settle alike at the same time: no conflict"
settle_both 3 late
for laptop in A N; do
	on $laptop --json status
	is "conflicts at $laptop" 0 "$(figure conflicts)"
	on $laptop attend SK-W9 3
	has "12 present, 1 late"
done

at "2027-04-15 18:00:00"
part "two settle differently at the same time: a conflict again, no silent winner"
settle_both 4 excused
for laptop in A N; do
	on $laptop --json status
	is "conflicts at $laptop" 1 "$(figure conflicts)"
	on $laptop review --list
	has "late      Jule Müller (DE-T3)"
	has "excused   Richard Horváth (SK-N1)"
done
server_end
