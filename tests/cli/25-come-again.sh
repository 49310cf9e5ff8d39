#!/bin/sh
# 25-come-again.sh - young people who come again (DOMAIN 2): whoever can read the earlier
# entry keeps the person, whoever cannot makes a second one that a coordinator joins; the
# country counts people, not entries; marks of joined entries are read together.
. "$(dirname "$0")/lib.sh"

at "2027-04-12 09:00:00"
found DE SK
workshop
joins A DE-N1 DE-T3 trainer
on DE-N1 sync
on SK-N1 workshop new SK-W8 --practice GP01 --org SK-C1 --start 2027-05-10
on SK-N1 activity team SK-W8 add DE-T3 --experienced --until 2027-06-14
on SK-N1 activity team SK-W8 add SK-T2 --new
on SK-N1 sync
on A sync
on B sync

# code LAPTOP WORKSHOP NAME: the person's code there.
code() {
	on "$1" --plain young list "$2"
	grep "	$3	" out | cut -f 3
}
# unique LAPTOP: young people of SK over closed workshops.
unique() {
	on "$1" --csv indicators
	grep '^SK,' out | cut -d , -f 4,5
}

part "B reads the earlier entry: one person, one code"
on B enrol SK-W8 "Tadeáš Mráz"
is "code of Tadeáš" "$(code B SK-W9 "Tadeáš Mráz")" "$(code B SK-W8 "Tadeáš Mráz")"

part "A cannot: a second person, of another code"
on A young add SK-W8 --given Réka --family Tóth --birth-year 2012 --gender f
on_exit 66 A young find "Ondrej Hrčka"
on A sync
on B sync
on SK-N1 sync
[ "$(code SK-N1 SK-W9 "Réka Tóth")" != "$(code SK-N1 SK-W8 "Réka Tóth")" ] ||
	fail "A cannot know Réka's code"

part "the country counts people"
for workshop in SK-W9 SK-W8; do
	for day in 1 2 3 4 5; do
		on SK-N1 attend $workshop $day --rest present
	done
	on SK-N1 close $workshop
done
on SK-N1 sync
on OF sync
is "enrolments and people at the office" "14,13" "$(unique OF)"
earlier=$(code SK-N1 SK-W9 "Réka Tóth")
later=$(code SK-N1 SK-W8 "Réka Tóth")
on SK-N1 young merge "$later" --into "$earlier"
on SK-N1 sync
on OF sync
is "people after the join" "14,12" "$(unique OF)"
on SK-N1 young split "$later"
on SK-N1 sync
on OF sync
is "people after the split" "14,13" "$(unique OF)"
on_exit 77 B young merge "$later" --into "$earlier"

part "two rows of one list: equal marks are one, others a conflict"
on SK-N1 reopen SK-W9 --reason "one name twice"
on SK-N1 young add SK-W9 --given Reka --family Toth --birth-year 2012 --gender f
second=$(code SK-N1 SK-W9 "Reka Toth")
on SK-N1 attend SK-W9 1 --set "$second=present"
on SK-N1 attend SK-W9 2 --set "$second=late"
on SK-N1 young merge SK-W9 "$second" --into "$earlier"
on SK-N1 --plain young list SK-W9
is "rows" 12 "$(wc -l <out)"
on SK-N1 attend SK-W9 1
has "12 present"
on SK-N1 attend SK-W9 2
has "11 present, 1 in conflict"
on SK-N1 review --list
has "1 of 1  SK-W9 · 7 Réka Tóth · day 2, Tue 13 Apr"
on_exit 3 SK-N1 close SK-W9
has "7 Réka Tóth, day 2 (V19)"

part "settling writes to both, so that a split brings no old value back"
on SK-N1 review 1 --take late
on SK-N1 attend SK-W9 2
has "11 present, 1 late"
on SK-N1 young split SK-W9 "$second"
on SK-N1 --plain attend SK-W9 2
is "late after the split" 2 "$(grep -c '	late	' out)"

part "joined both ways is one person all the same"
on SK-N1 young merge SK-W9 "$second" --into "$earlier"
on SK-N1 sync
on B sync
on B --plain young list SK-W9
is "rows at B" 12 "$(wc -l <out)"
on_exit 65 SK-N1 young merge SK-W9 "$earlier" --into "$second"
has "one person already"
server_end
