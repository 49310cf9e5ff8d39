#!/bin/sh
# 70-consolidate.sh - the office's tables on the whole season: stages, indicators, tables
# for funders, what is missing in a year, and its figures frozen by two offices alike.
. "$(dirname "$0")/lib.sh"

expected=$source_dir/tests/data/expected
today=2027-02-10

part "the whole season"
season_kept OF-1 SK-N1 SK-T2
for laptop in OF-1 SK-N1 SK-T2; do
	ln -s "kept/devices/$laptop" "$dir/$laptop"
done
ln -s kept/server "$dir/SRV"
printf 'new_per_prefix_per_s = 0\nhalf_open_per_prefix_max = 0\n' >>"$dir/SRV/pnetd.conf"
on OF-1 network show
server_port=$(sed -n 's/.*127\.0\.0\.1:\([0-9]*\).*/\1/p' "$dir/out" | head -n 1)
server_up

# equals FILE: the last output is that of tests/data/expected, byte for byte.
equals() {
	cmp "$expected/$1" "$dir/out" || fail "$1 is another table"
}

part "tables byte for byte"
on OF-1 --csv practice list --stages
equals practice_stages.csv
on OF-1 --csv indicators
equals country_indicators_internal.csv
for by in gender age; do
	on OF-1 --csv indicators --funder $by --k 5
	equals funder_${by}_suppressed_k5.csv
	complains <<END
[!!] live figures, not for publication: pnet consolidate PERIOD --freeze, then --snapshot PERIOD
END
done
on OF-1 --csv totals
equals workshop_summary.csv

part "one country is a line of the whole table"
on OF-1 --csv indicators --funder age --country SK
shows <<END
country,under_14,14_15,16_17,18_20,21_up,total
SK,x,x,8,7,0,24
END
on OF-1 --json indicators --country SK
shows <<END
{"schema":"pnet.indicators/1","rows":[{"country":"SK","workshops_closed":2,"cofacilitated":2,"enrolments":24,"unique_young_people":24,"person_days":"96","expected_marks":118,"rate_pct":"81.4","completers":"17","g_f":12,"g_m":11,"g_d":1,"g_n":0,"age_under_14":3,"age_14_15":6,"age_16_17":8,"age_18_20":7,"age_21_up":0}]}
END
on SK-N1 --plain indicators --header
shows <<END
country	workshops_closed	cofacilitated	enrolments	unique_young_people	person_days	expected_marks	rate_pct	completers	g_f	g_m	g_d	g_n	age_under_14	age_14_15	age_16_17	age_18_20	age_21_up
SK	2	2	24	24	96	118	81.4	17	12	11	1	0	3	6	8	7	0
ALL	2	2	24	24	96	118	81.4	17	12	11	1	0	3	6	8	7	0
END

part "what else is counted"
on OF-1 --plain indicators --all --country CZ
shows <<END
CZ	2	2	24	24	103	118	87.3	20	9	13	0	2	2	8	8	6	0
coachings	CZ	closed	2
reports	CZ	accepted	2
seminars	CZ	closed	1
seminar_heads	CZ	CZ-PS1 day 1	19
seminar_heads	CZ	CZ-PS1 day 2	17
seminar_heads	CZ	CZ-PS1 day 3	18
roundtables	CZ	new	1
roundtable_meetings	CZ	closed	1
roundtable_meetings	CZ	planned	1
stakeholders	CZ	academia	1
stakeholders	CZ	ministry	1
stakeholders	CZ	municipality	1
stakeholders	CZ	ngo	1
stakeholders	CZ	police	1
stakeholders	CZ	school	1
stakeholders	CZ	youth_work	1
advocacy_reports	CZ	accepted	1
END
on OF-1 --json indicators --all
has '{"schema":"pnet.indicators/1","countries":[{"country":"DE",'
has '"counts":[{"indicator":"practices","country":null,"of":"collected","count":2}'
has '{"indicator":"practices","country":null,"of":"published","count":3}'
has '{"indicator":"summer_school_people","country":null,"of":"SS-1","count":40}'
has '{"indicator":"summer_school_sessions","country":null,"of":"SS-1","count":8}'
has '{"indicator":"advocacy_reports","country":"PL","of":"submitted","count":1}'

part "a table that gives counts away is not written"
on_exit 3 OF-1 indicators --funder gender --k 40 -o "$dir/funder.csv"
complains <<END
pnet: this table gives small counts away (PN-C01)
  why   the row DE has no count left to hide beside those below 40
  data  nothing was written
  next  pnet indicators    for the figures within the network
END
[ ! -e "$dir/funder.csv" ] || fail "a refused table was written"
on_exit 64 OF-1 indicators --funder gender --k 0
on_exit 64 OF-1 indicators --funder colour
on OF-1 indicators --funder age -o "$dir/funder.csv"
shows_nothing
cmp "$expected/funder_age_suppressed_k5.csv" "$dir/funder.csv" || fail "-o is another table"
on_exit 73 OF-1 indicators -o "$dir/no/such/folder"

part "who may"
on_exit 77 SK-T2 indicators
has "for the central office and the coordinators"
on_exit 77 SK-N1 indicators --funder age
has "tables for funders are made by the central office"
on_exit 77 SK-N1 indicators --snapshot 2026
on_exit 77 SK-N1 consolidate 2026
complains <<END
pnet: not permitted (PN-P01)
  why   the central office consolidates: it alone sees every country
  data  nothing was changed
  next  pnet totals    for the workshops that you can see
END
on SK-N1 --csv practice list --stages
has "[..] workshops of other countries are not known here"
has "GP13,Neighbourhood kitchen talks,withdrawn,,withdrawn"

part "what is missing"
on_exit 3 OF-1 consolidate 2026
shows <<END
country  closed/due  person-days  reports accepted/due  advocacy   complete
DE       2/2         121          1/2                   accepted   NO  DE-W2-TR is a draft
CZ       2/2         103          2/2                   accepted   yes
SK       2/2         96           2/2                   accepted   yes
HU       2/2         108          2/2                   accepted   yes
PL       2/3         113          1/3                   submitted  NO  PL-W3 not closed, PL-W2-TR one sign-off, PL-W3 no report, advocacy not accepted
ALL      10/11       541          8/11                  4/5        NO
END
complains <<END
[!!] not frozen: DE, PL are not complete. --allow-partial marks it in the output
END
on_exit 3 OF-1 --csv consolidate 2026-11 --freeze
shows <<END
country,closed,due,person_days,reports_accepted,reports_due,advocacy,complete,missing
DE,0,0,0,0,0,accepted,yes,
CZ,0,0,0,0,0,accepted,yes,
SK,1,1,45,1,1,accepted,yes,
HU,1,1,53,1,1,accepted,yes,
PL,2,3,113,1,3,submitted,no,"PL-W3 not closed, PL-W2-TR one sign-off, PL-W3 no report, advocacy not accepted"
ALL,4,5,211,3,5,4/5,no,
END
on_exit 64 OF-1 consolidate summer
on_exit 3 OF-1 consolidate 2027 --freeze --allow-partial
complains <<END
pnet: 2027 is not over (PN-C01)
  why   it ends on 2027-12-31, and what is frozen stays as it is
  data  nothing was changed
  next  pnet consolidate 2027
END
on_exit 66 OF-1 indicators --snapshot 2026
complains <<END
pnet: no such thing here (PN-F01)
  why   no snapshot 2026 is on this laptop
  data  nothing was changed
  next  pnet sync
        pnet consolidate 2026 --freeze
END

part "two offices freeze the same figures, not knowing of each other"
on OF-1 invite OF-2 --role office -o "$dir/invite"
on OF-1 sync
on OF-2 join --file "$dir/invite"
for laptop in DE-N1 CZ-N1 SK-N1 HU-N1 PL-N1; do
	[ -e "$dir/$laptop" ] || ln -s "kept/devices/$laptop" "$dir/$laptop"
done
on OF-2 sync
on OF-2 --csv indicators
equals country_indicators_internal.csv
on OF-1 -n consolidate 2026 --freeze --allow-partial
has "could be frozen as a part: snapshot "
frozen=$(sed -n 's/.*snapshot \([0-9a-f]*\).*/\1/p' "$dir/err")
is "digits of the hash" 64 "${#frozen}"
on_exit 66 OF-1 indicators --snapshot 2026
for laptop in OF-1 OF-2; do
	on $laptop consolidate 2026 --freeze --allow-partial
	has "ALL      10/11       541          8/11                  4/5        NO  partial"
	complains <<END
[ok] 2026 frozen as a part: snapshot $frozen    pnet sync sends it
END
done
on OF-1 sync
on OF-2 sync
on OF-1 sync
for laptop in OF-1 OF-2; do
	on $laptop --json consolidate 2026 --freeze --allow-partial
	has "\"snapshot\":{\"period\":\"2026\",\"hash\":\"$frozen\",\"partial\":true,\"new\":false}"
	for by in gender age; do
		on $laptop --csv indicators --snapshot 2026 --funder $by
		sed 's/^ALL,/ALL (partial),/' "$expected/funder_${by}_suppressed_k5.csv" |
			cmp - "$dir/out" || fail "the snapshot is another table"
		complains </dev/null
	done
done
nothing_to_sync OF-2

part "what is frozen stays, whatever is corrected"
on SK-N1 sync
on SK-N1 reopen SK-W1 --reason "one mark was wrong"
on SK-N1 sync
on OF-1 sync
on OF-1 --csv indicators --country SK
has "SK,1,1,11,"
on OF-1 --csv indicators --country SK --snapshot "${frozen%????????????????????????????????????????????????}"
has "SK,2,2,24,24,96,118,81.4,17,12,11,1,0,3,6,8,7,0"
on_exit 3 OF-1 consolidate 2026 --freeze --allow-partial
complains <<END
pnet: 2026 cannot be frozen any more (PN-C01)
  why   2026 was frozen by OF-1 on 2027-02-10 with other figures; two tables of one time could be subtracted
  data  nothing was changed
  next  pnet indicators --snapshot 2026
END
on_exit 3 OF-1 consolidate 2026-10 --freeze --allow-partial
has "2026-10 cannot be frozen any more"

part "two offices that froze different figures must say which are meant"
on DE-N1 sync
on DE-N1 activity edit DE-W1 --set start=2025-10-13
on DE-N1 sync
on OF-2 sync
for laptop in OF-1 OF-2; do
	on $laptop consolidate 2025 --freeze --allow-partial
	sed -n 's/.*snapshot \([0-9a-f]*\).*/\1/p' "$dir/err" >>"$dir/hashes"
done
is "different figures" 2 "$(sort -u "$dir/hashes" | wc -l)"
on OF-2 sync
on OF-1 sync
on_exit 3 OF-1 indicators --snapshot 2025 --funder gender
has "2025 was frozen twice with different figures: by OF-"
for hash in $(cut -c 1-16 "$dir/hashes"); do
	has "pnet indicators --snapshot $hash"
	on OF-1 --csv indicators --snapshot "$hash"
	cat "$dir/out" >>"$dir/both"
	on_exit 3 OF-1 indicators --snapshot 2025
done
grep -q '^DE,1,1,12,,52,59,88.1,10,' "$dir/both" || fail "one of them has DE-W1"
grep -q '^DE,0,0,0,,0,0,,0,' "$dir/both" || fail "one of them has it not"
