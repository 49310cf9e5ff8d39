#!/bin/sh
# 17-S9.sh - the coordinator with awful files (DOMAIN 9, S9): every file of tests/data/
# hostile by dry run into a workshop of the real season, nothing of them reaches the
# terminal as anything but text, and what the country reports counts what it should.
. "$(dirname "$0")/lib.sh"
. "$source_dir/tests/cli/scenario.sh"
. "$source_dir/tests/cli/hostile.sh"
sample

# row_of_SK LAPTOP: its line of the indicators.
row_of_SK() {
	on "$1" --csv indicators
	grep '^SK,' out
}
part "the indicators of SK on the sample alone"
is "row SK at N" \
	"$(grep '^SK,' "$source_dir/tests/data/expected/country_indicators_internal.csv")" \
	"$(row_of_SK N)"
is "row SK at the office" "$(row_of_SK N)" "$(row_of_SK OF)"

part "the awful rosters by dry run (files of marks: 61-marks-from-files.sh)"
on OF practice new HX --set "title=Any" --set age_min=10 --set age_max=20
on OF sync
on N sync
on N workshop new SK-H1 --practice HX --org SK-C1 --start 2026-10-12
hostile_rosters N SK-H1
on N --plain young list SK-H1
is "people after dry runs" 0 "$(wc -l <out)"

part "no escape sequence on a terminal either"
for file in "$hostile"/[a-q]_*.csv; do
	clocked /usr/bin/python3 "$source_dir/tests/cli/pty_run.py" "$pnet" --data N -n import \
		young "$file" --activity SK-H1 >shown 2>bad </dev/null || true
	[ ! -s bad ] || fail "$file on a terminal: $(cat bad)"
	! LC_ALL=C tr -d '\n' <shown | LC_ALL=C grep -q '[[:cntrl:]]' ||
		fail "$file: a control character on a terminal"
	[ -s shown ] || fail "$file: nothing on the terminal"
done

part "b for real: six rows"
on N import young "$hostile/b_utf8bom_semicolon_crlf.csv" --activity SK-H1 --partial
has "accepted 6,"
on N --plain young list SK-H1
is "people of b" 6 "$(wc -l <out)"

part "exports are inert in a spreadsheet"
on N workshop new SK-H3 --practice HX --org SK-C1 --start 2026-10-12
on N import young "$hostile/k_formula.csv" --activity SK-H3
on N export young -o young.csv
hostile_inert young.csv

part "typed, a formula is told; a phone number is none"
on N young add SK-H3 --given "=1+1" --family Nagy --birth-year 2011 --gender f
complains <<END
[!!] given_name begins like a formula (V5): here it is text
END
on N young add SK-H3 --given Anna --family Nagy --birth-year 2011 --gender f \
	--guardian-contact "+421 000 000 099"
has_not "V5"

part "with SK-W9 closed"
s1_prepare
s2_day
s2_evening
at "2027-04-16 19:00:00"
on B attend SK-W9 2 --set 4=late --rest present
on B attend SK-W9 3 --set 9=late --rest present
on B attend SK-W9 4 --set 8=absent --set 9=excused --rest present
on B attend SK-W9 5 --set 2=absent --rest present
on B sync
on N sync
on N close SK-W9
on N sync
on OF sync
for laptop in N OF; do
	row_of_SK $laptop >row
	is "row SK at $laptop" "SK,3,3,37,37,157,183,85.8,30" "$(cut -d , -f 1-9 row)"
done
server_end
