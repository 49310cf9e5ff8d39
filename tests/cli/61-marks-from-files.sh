#!/bin/sh
# 61-marks-from-files.sh - marks from a list with mistakes and from a teacher's grid, on
# DE-W1 of the sample season after its reopening (tests/data/hostile, files r and s).
. "$(dirname "$0")/lib.sh"

hostile=$source_dir/tests/data/hostile
at "2027-02-10 09:00:00"
found DE
on OF import country "$season/countries.csv"
on OF import practice "$season/practices.csv"
on OF sync
on DE-N1 sync
on DE-N1 import organisation "$season/organisations.csv"
for kind in person roundtable stakeholder; do
	on DE-N1 import $kind "$season/${kind}s.csv"
done
on DE-N1 import activity "$season/activities.csv"
on DE-N1 import activity_day "$season/activity_days.csv"
on DE-N1 import team "$season/team.csv"
on DE-N1 import enrolment "$season/enrolments.csv" --people "$season/young_people.csv"
on DE-N1 import marks "$season/marks.csv" --activity DE-W1
on DE-N1 sync
on DE-N1 close DE-W1
on DE-N1 reopen DE-W1 --reason "marks on paper"
state DE-N1 >before

part "a list with mistakes: r"
on_exit 65 DE-N1 -n import marks "$hostile/r_marks.csv"
has "accepted 2, warnings 0, held 2, rejected 7"
has "r_marks.csv:2: held: two rows of the file contradict each other"
has "r_marks.csv:12: held: two rows of the file contradict each other"
has "empty: an import never clears a mark"
on_exit 3 DE-N1 --json import marks "$hostile/r_marks.csv" --partial
has '"accepted":2'
has '"changes":0'

part "a teacher's grid: s, without its map"
on_exit 65 DE-N1 import grid "$hostile/s_grid_from_teacher.csv" --activity DE-W1
has "unknown codes: x - o 1 ano"
has "nothing was imported"
on_exit 64 DE-N1 import grid "$hostile/s_grid_from_teacher.csv"
has "--activity is missing"
on_exit 64 DE-N1 import grid "$hostile/s_grid_from_teacher.csv" --activity DE-W1 --map x=here
has "'here' is no mark"

part "with it: four names match, the fifth waits for a yes"
map=x=present,1=present,ano=present,-=absent,o=excused
on_exit 3 DE-N1 -n import grid "$hostile/s_grid_from_teacher.csv" --activity DE-W1 --map $map
shows <<END
accepted 20, warnings 0, held 5, rejected 0
END
complains <<END
$hostile/s_grid_from_teacher.csv:5: held: the name is nearly that of Hanna Hübner: --yes takes it
END
on_exit 3 DE-N1 --json import grid "$hostile/s_grid_from_teacher.csv" --activity DE-W1 \
	--map $map --partial
has '"accepted":20'
has '"changes":0'
state DE-N1 >after
cmp -s before after || fail "marks that were equal were written"

on DE-N1 --json --yes import grid "$hostile/s_grid_from_teacher.csv" --activity DE-W1 --map $map
has '"accepted":25'
on DE-N1 --plain attend DE-W1 1
grep "Hanna Hübner" out | grep -q present || fail "the yes took no mark"

part "a spreadsheet with a mark that differs is a change"
printf 'Name,1\nJannik Stein,L\n' >one.csv
on DE-N1 --json import grid one.csv --activity DE-W1
has '"changes":1'
echo "a list and a grid of marks"
