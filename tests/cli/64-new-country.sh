#!/bin/sh
# 64-new-country.sh - Bulgaria takes part: the office admits it and says what holds there,
# by commands alone; a workshop is planned, recorded and closed, with rules, figures and
# the office's table like everywhere. Countries are data.
. "$(dirname "$0")/lib.sh"

at "2027-05-03 09:00:00"
found DE
part "the office admits Bulgaria"
on OF network country BG
cat >countries.csv <<END
code,name,language,name_order,guardian_consent_below_age
DE,Germany,de,given_family,16
BG,Bulgaria,bg,given_family,14
END
on OF import country countries.csv
on OF practice new GP01 --set title="Street art" --set origin_country=DE --set age_min=10 --set age_max=18
on OF sync
joins BG-N1 OF BG-N1 coordinator --country BG
on OF sync
on BG-N1 sync
joins BG-T1 BG-N1 BG-T1 trainer
on BG-N1 sync

part "a workshop is planned in Sofia"
on BG-N1 org add BG-C1 --set kind=youth_club --set name="Клуб Мост" --set place=София
on BG-N1 staff add BG-T1 --set given_name=Иван --set family_name=Петров --set role=trainer
on BG-N1 workshop new BG-W1 --practice GP01 --org BG-C1 --start 2027-05-03
on BG-N1 activity team BG-W1 add BG-T1 --new
on BG-N1 sync
on BG-N1 --csv findings
shows <<END
rule,severity,subject,count,message
V22,warning,BG-W1,1,no experienced co-facilitator
V24,warning,BG-W1,1,no held coaching before the workshop
V25,warning,BG-W1,1,the new one was at no summer school
V42,warning,BG,1,country without roundtable
END

part "the rules of the country hold: 14 years, one guardian"
on BG-T1 sync
on BG-T1 young add BG-W1 --given Мария --family Иванова --birth-year 2014 --gender f \
	--consent given --consent-by self --consent-on 2027-05-01
on BG-T1 young add BG-W1 --given Георги --family Димитров --birth-year 2013 --gender m \
	--consent given --consent-by self --consent-on 2027-05-01
on BG-T1 --csv findings BG-W1
has "V16,warning,BG-W1,1,consent given without a guardian below the country's age"
on BG-T1 young edit BG-W1 Мария --set consent_by=guardian
for day in 1 2 3 4 5; do
	on BG-T1 attend BG-W1 $day --rest present
done
on BG-T1 --csv findings BG-W1
! grep -q V16 out || fail "V16 stays: $(cat out)"
on BG-T1 sync

part "closed, and in the table of the office"
at "2027-05-07 18:00:00"
on BG-N1 sync
on BG-N1 close BG-W1
on BG-N1 sync
on OF sync
on OF --csv totals
shows <<END
workshop,country,practice,status,days_held,enrolled,expected_marks,present,late,excused,absent,missing,attended,rate_pct,completers,cofacilitated
BG-W1,BG,GP01,closed,5,2,10,10,0,0,0,0,10,100.0,2,no
END
on OF --csv findings
shows <<END
rule,severity,subject,count,message
V22,warning,BG-W1,1,no experienced co-facilitator
V24,warning,BG-W1,1,no held coaching before the workshop
V25,warning,BG-W1,1,the new one was at no summer school
V42,warning,DE,1,country without roundtable
V42,warning,BG,1,country without roundtable
END
on OF --csv indicators
for row in BG ALL; do
	grep -qx "$row,1,0,2,2,10,10,100.0,2,1,1,0,0,1,1,0,0,0" out ||
		fail "indicators of $row: $(grep "^$row," out)"
done
server_end
echo "a country was added without touching code"
