# scenario.sh - the acceptance scenarios' ground (DOMAIN 9): the sample season of SK, and
# what leads to the beginning of each story. A = DE-T3, B = SK-T2, N = SK-N1, OF = OF-1.
# Used with lib.sh.

# The sample of SK as of 2027-02-10: rosters and marks, SK-W1 and SK-W2 closed.
sample() {
	at "2027-02-10 09:00:00"
	found DE CZ SK
	part "the sample season"
	mv SK-N1 N
	on OF import country "$season/countries.csv"
	on OF import practice "$season/practices.csv"
	on OF import activity "$season/activities.csv"
	on OF import activity_day "$season/activity_days.csv"
	on OF import session "$season/sessions.csv"
	on OF import team "$season/team.csv"
	on OF sync
	joins A DE-N1 DE-T3 trainer
	joins B N SK-T2 trainer
	on N sync
	on N import organisation "$season/organisations.csv"
	on N import person "$season/persons.csv"
	on N import roundtable "$season/roundtables.csv"
	on N import stakeholder "$season/stakeholders.csv"
	on N import activity "$season/activities.csv"
	on N import activity_day "$season/activity_days.csv"
	on N import team "$season/team.csv"
	on N import enrolment "$season/enrolments.csv" --people "$season/young_people.csv"
	on N sync
	# Of the summer school those whom the office can know here.
	grep -E '^(ref|SS-1-E[0-9]*,SS-1,person,SK-)' "$season/enrolments.csv" >summer.csv
	on OF sync
	on OF import enrolment summer.csv
	on OF sync
	for closed in SK-W1 SK-W2; do
		on N import marks "$season/marks.csv" --activity $closed
		on N close $closed
	done
	for laptop in N A B CZ-N1 OF; do
		on $laptop sync
	done
}

# S1: N plans SK-W9 with B and the guest A, and imports the roster; A and B fetch it.
s1_prepare() {
	at "2027-04-08 09:00:00"
	part "S1"
	on N workshop new SK-W9 --practice GP01 --org SK-C1 --start 2027-04-12
	on N activity team SK-W9 add SK-T2 --new
	on N activity team SK-W9 add DE-T3 --experienced --until 2027-05-14 --name "Jule Müller"
	on N import young "$scenarios/roster_SK-W9.csv" --activity SK-W9
	on N sync
	nothing_to_sync N
	on A sync
	on B sync
}

# S2, the day: both offline; Hana Bieliková arrives and is entered by both.
s2_day() {
	at "2027-04-12 09:30:00"
	part "S2, offline"
	line_down
	on B attend SK-W9 1 --set 1=present --set 2=present --set 3=present --set 4=present \
		--set 5=present --set 6=present
	on B young add SK-W9 --given Hana --family Bielikova --birth-year 2011 --gender f \
		--day 1 --mark present
	on A attend SK-W9 1 --set 6=present --set 7=present --set 8=present --set 9=present \
		--set 10=present --set 11=present --set 12=absent
	on A young add SK-W9 --given Hana --family Bieliková --birth-year 2011 --gender f \
		--day 1 --mark present
}

# S2, the evening and N's join of the two rows.
s2_evening() {
	at "2027-04-12 19:20:00"
	part "S2, the evening"
	line_up
	synced B NN 7 0 0 0
	synced A NN 8 NN 7 0
	synced B 0 0 NN 8 0
	synced N 0 0 NN 15 0
	on N young merge SK-W9 "Hana Bielikova" --into "Hana Bieliková"
	synced N 1 0 0 0 0
	for laptop in A B OF; do
		on $laptop sync
	done
}
