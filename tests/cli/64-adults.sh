#!/bin/sh
# 64-adults.sh - activities of adults: who takes part, by code; their marks by the same
# commands as those of young people, in the scope of the activity itself; sheets, gates.
. "$(dirname "$0")/lib.sh"

at "2026-07-06 09:00:00"
found DE SK
on OF import country "$season/countries.csv"
on OF import practice "$season/practices.csv"
on OF sync
joins B SK-N1 SK-T1 trainer
for n in SK-N1 DE-N1; do
	on $n sync
	for kind in organisation person roundtable stakeholder activity; do
		on $n import $kind "$season/${kind%y}$(case $kind in *y) echo ies ;; *) echo s ;; esac).csv"
	done
	on $n import activity_day "$season/activity_days.csv"
	on $n sync
done
on B sync

part "a coaching: enrolled and marked by code"
on SK-N1 activity new SK-C9 --type peer_coaching --practice GP01 --org SK-C1 --start 2026-07-06
on SK-N1 enrol SK-C9 SK-T2 SK-T3
has "SK-T2, SK-T3 on the roster of SK-C9"
on_exit 66 SK-N1 enrol SK-C9 SK-T99
has "no staff member and no stakeholder has the code SK-T99"
on SK-N1 enrol SK-C9 DE-T3 --day 2
on SK-N1 --plain activity people SK-C9
shows <<END
1	SK-T2		
2	SK-T3		
3	DE-T3	2	
END
on SK-N1 sync
on B sync
on B attend SK-C9 1 --set sk-t2=late --rest present
has "1 present, 1 late"
on_exit 3 B attend SK-C9 1 --set DE-T3=present
has "not enrolled that day (V17)"
on_exit 64 B attend SK-C9 1 --note SK-T2=tired
on B --plain attend SK-C9 1
has "1	Tadeáš Varga	SK-T2	late"
on B sync
on OF sync
on OF --plain attend SK-C9 1
has "1	Tadeáš Varga	SK-T2	late"
on SK-N1 sync
on SK-N1 unenrol SK-C9 SK-T3 --day 1
on SK-N1 attend SK-C9 2 --rest present
on SK-N1 --plain activity people SK-C9
has "2	SK-T3		1"
on SK-N1 print sheet SK-C9
has "Tadeáš Varga"
has "DE-T3"

part "two laptops mark one adult differently: both stand until somebody chooses"
on SK-N1 sync
on B sync
on SK-N1 attend SK-C9 2 --set SK-T2=excused
on B attend SK-C9 2 --set SK-T2=late
on B sync
synced SK-N1 1 1 NN 1 1
on SK-N1 attend SK-C9 2
has "1 in conflict"
on SK-N1 review --list
has "1 of 1  SK-C9 · 1 Tadeáš Varga · day 2, Tue 7 Jul"
has "late      Nina Šoltésová (SK-T1)"
on SK-N1 review 1 --take late
on SK-N1 review --list
shows <<END
nothing needs you
END
on SK-N1 sync
on B sync
on B --plain attend SK-C9 2
has "Tadeáš Varga	SK-T2	late"

part "no note, no young person, no name of one lands where the office reads"
on_exit 77 SK-N1 young add SK-C9 --given Hana --family Mala --birth-year 2011 --gender f
on_exit 77 OF attend SK-W1 1
on OF export young_person
is "young people at the office" 1 "$(wc -l <out)"

part "the sample's participations and marks"
on OF import activity "$season/activities.csv"
on OF import activity_day "$season/activity_days.csv"
on OF sync
grep -E "^(ref|SS-1-E[0-9]*,SS-1,person,(DE|SK)-)" "$season/enrolments.csv" >summer.csv
on OF import enrolment summer.csv
has "held 0, rejected 0"
is "people of SS-1" "$(sed 1d summer.csv | wc -l)" "$(on OF --plain activity people SS-1; wc -l <out)"
on OF import enrolment summer.csv
has "here already $(sed 1d summer.csv | wc -l)"
on OF attend SS-1 1 --rest present
on OF sync
on_exit 64 SK-N1 import enrolment "$season/enrolments.csv"
has "--people is missing"
on SK-N1 import enrolment "$season/enrolments.csv" --people "$season/young_people.csv"
has "held 0, rejected 0"
on SK-N1 import marks "$season/marks.csv" --activity SK-RM1
has "held 0, rejected 0"
on SK-N1 --plain attend SK-RM1 1
has "SK-H1	"
has_not "?"
on SK-N1 sync
on SK-N1 --plain attend SS-1 1
has "SK-T2	present"
on SK-N1 close SK-RM1
on SK-N1 sync
on OF sync
on OF --json activity show SK-RM1
has '"state":"closed"'
