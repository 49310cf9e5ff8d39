#!/bin/sh
# 62-kinds.sh - records of every kind through their commands: each in its scope, by its
# roles, with who and when; what another may not read he does not see.
. "$(dirname "$0")/lib.sh"

at "2026-06-01 09:00:00"
found DE SK
on OF import country "$season/countries.csv"
on OF import practice "$season/practices.csv"
on OF sync
joins B SK-N1 SK-T2 trainer
joins C DE-N1 DE-T1 trainer
on SK-N1 sync
on SK-N1 import organisation "$season/organisations.csv"
on SK-N1 sync

part "staff: the contact stays in the country"
on SK-N1 staff add SK-X6 --set given_name=Jana --set family_name=Malá \
	--set role=practitioner --set org=SK-C1 --set email=jana@example.org
on SK-N1 --plain staff show SK-X6
has "email	jana@example.org	SK-N1		2026-06-01T09:00:00Z	1"
has "org	SK-C1	SK-N1"
on SK-N1 staff edit SK-X6 --set email=mala@example.org
on SK-N1 sync
on B sync
on OF sync
on B --plain staff show SK-X6
has "email	mala@example.org"
on OF --plain staff show SK-X6
has "family_name	Malá"
has_not "@example.org"
on_exit 64 SK-N1 staff add SK-X7 --set given_name=Eva
has "family_name"
on_exit 64 SK-N1 staff edit SK-X6 --set religion=none
has "has no field 'religion'"
on_exit 65 SK-N1 staff add SK-X6 --set given_name=Eva --set family_name=Iná
has "already"

part "a roundtable, who sits there, what was talked"
on SK-N1 roundtable new SK-R1 --set name="Komunitná rada" --set platform=existing \
	--set level=local --set host_org=SK-P1
on_exit 65 SK-N1 roundtable edit SK-R1 --set platform=old
has "new, existing"
on_exit 77 OF roundtable new SK-R2 --country SK --set name=Iná
has "PN-P01"
on SK-N1 roundtable stakeholder SK-R1 add SK-H8 --set sector=police \
	--set function="prevention officer" --set given_name=Ján --set family_name=Kováč \
	--set engagement=difficult
on SK-N1 roundtable contact SK-R1 add SK-H8 --set text="wants to host the next meeting"
on SK-N1 sync
on B sync
on OF sync
on SK-N1 --plain roundtable list
shows <<END
SK	SK-R1	Komunitná rada	existing	local	SK-P1
END
on SK-N1 --plain roundtable stakeholder SK-R1
shows <<END
SK-H8	police	prevention officer	Ján	Kováč		difficult
END
on B --plain roundtable stakeholder SK-R1
shows <<END
SK-H8	police	prevention officer	Ján	Kováč		
END
on OF --plain roundtable stakeholder SK-R1
shows <<END
SK-H8	police	prevention officer				
END
on SK-N1 --plain roundtable contact SK-R1
shows <<END
1	2026-06-01	SK-H8	wants to host the next meeting
END
on B --plain roundtable contact SK-R1
shows_nothing
on_exit 77 B roundtable contact SK-R1 add SK-H8 --set text=x
on_exit 77 B roundtable stakeholder SK-R1 edit SK-H8 --set sector=school
on SK-N1 roundtable contact SK-R1 edit 1 --set text="hosts the next meeting"
on SK-N1 --plain roundtable contact SK-R1 show 1
has "text	hosts the next meeting	SK-N1"
on_exit 66 SK-N1 roundtable contact SK-R1 show 2
on_exit 66 SK-N1 roundtable show SK-R9
on_exit 64 SK-N1 roundtable stakeholder SK-R1 hug SK-H8

part "its meetings are activities"
on SK-N1 activity new SK-R1-M1 --type roundtable_meeting --roundtable SK-R1 --start 2026-09-09
on SK-N1 --json activity show SK-R1-M1
has '"type":"roundtable_meeting"'
has '"field":"roundtable","value":"SK-R1"'

part "the summer school is the office's, for all countries"
on OF activity new SS-1 --type summer_school --start 2026-07-06 --title "Summer school"
on OF activity session SS-1 add SS-1-1 --set day_no=1 --set practice=GP01 \
	--set led_by=DE-T3 --set minutes=180 --set held=yes
on_exit 65 OF activity session SS-1 add SS-1-2 --set day_no=40
has "1-31"
on OF activity day SS-1 1 --held yes
on OF sync
on SK-N1 sync
on C sync
for laptop in SK-N1 C; do
	on $laptop --plain activity session SS-1
	shows <<-END
	SS-1-1	1	GP01	DE-T3	180	yes
	END
done
on SK-N1 --json activity show SS-1
has '"days":[{"day":1,"date":"2026-07-06","held":"yes"'
has '"sessions":[{"session":"SS-1-1","day":1,"practice":"GP01"'
has '"people":[]'
on_exit 77 SK-N1 activity new SS-2 --type summer_school --start 2026-07-06
has "planned by the central office"
on_exit 77 OF activity new OF-S1 --type prevent_seminar --start 2026-07-06
has "planned by a coordinator of its country"
on_exit 77 SK-N1 activity edit SS-1 --set title=Other

part "the country's seminar: heads of a day"
on SK-N1 activity new SK-PS --type prevent_seminar --start 2026-09-01
on SK-N1 activity day SK-PS 2 --held yes --headcount 37
on SK-N1 --json activity show SK-PS
has '"headcount":37'

part "notes on a day are for the team"
on SK-N1 workshop new SK-W9 --practice GP01 --org SK-C1 --start 2027-04-12
on SK-N1 activity team SK-W9 add SK-T2 --new
on SK-N1 sync
on B sync
on B activity note SK-W9 add 2 --set text="the hall was cold"
on B sync
on SK-N1 sync
on OF sync
on SK-N1 --plain activity note SK-W9
shows <<END
1	2	the hall was cold
END
on OF --plain activity note SK-W9
shows_nothing
on_exit 77 OF activity note SK-W9 add 2 --set text=x

part "decisions are the office's; a country withdraws its own"
on OF practice decide GP01 select selected --reason "known in three countries"
on_exit 65 OF practice decide GP01 select perhaps
on_exit 66 OF practice decide GP99 select selected
on_exit 77 SK-N1 practice decide GP01 select selected
has "PN-P01"
origin_of() { sed -n "s/^\(GP[0-9]*\),$1,.*/\1/p" "$season/practices.csv" | head -n 1; }
on_exit 77 SK-N1 practice decide "$(origin_of DE)" withdraw withdrawn
on SK-N1 practice decide "$(origin_of SK)" withdraw withdrawn --on 2026-06-02
on OF sync
on SK-N1 sync
on OF sync
on SK-N1 --plain practice decide GP01
shows <<END
1	select	selected	2026-06-01	OF-1	known in three countries
END
on OF --plain practice decide "$(origin_of SK)"
shows <<END
1	withdraw	withdrawn	2026-06-02	SK-N1	
END
on_exit 77 SK-N1 practice edit "$(origin_of DE)" --set title=Ours
