#!/bin/sh
# 63-import-kinds.sh - files of any kind by the headers of the schema: every row in its
# country and scope, parts of a row into the record of the same name; what is exported
# comes back, and a second import changes nothing.
. "$(dirname "$0")/lib.sh"

at "2027-02-10 09:00:00"
found DE SK
on OF import country "$season/countries.csv"
on OF import practice "$season/practices.csv"
on OF sync
on SK-N1 sync

# imports LAPTOP ACCEPTED KIND FILE [OPTIONS...]
imports() {
	laptop=$1 accepted=$2
	shift 2
	on "$laptop" import "$@"
	has "accepted $accepted, warnings 0, held 0, rejected 0"
}

part "a row of the sample is up to three records"
imports SK-N1 4 organisation "$season/organisations.csv"
imports SK-N1 9 person "$season/persons.csv"
imports SK-N1 1 roundtable "$season/roundtables.csv"
imports SK-N1 6 stakeholder "$season/stakeholders.csv"
on SK-N1 --plain roundtable stakeholder SK-R1
is "stakeholders of SK-R1" 6 "$(wc -l <out)"
has "SK-H1	"
has "@example.org	"
on SK-N1 sync
on OF sync
on OF --plain roundtable stakeholder SK-R1
has "SK-H1	"
has_not "@example.org"
on OF --plain roundtable list
has "SK	SK-R1	Komunitná rada Veľká Lúka	existing	local	SK-P1"

part "again: nothing changes"
on SK-N1 status
cp out before
for kind in organisation person roundtable stakeholder; do
	on SK-N1 import $kind "$season/${kind}s.csv"
done
on SK-N1 status
cmp -s out before || fail "a second import of the same files changed something"

part "the summer school's files are the office's"
imports OF 1 activity "$season/activities.csv"
imports OF 5 activity_day "$season/activity_days.csv"
imports OF 8 session "$season/sessions.csv"
imports SK-N1 9 activity "$season/activities.csv"
imports SK-N1 0 session "$season/sessions.csv"
on OF sync
on SK-N1 sync
on SK-N1 --plain activity session SS-1
is "sessions of SS-1" 8 "$(wc -l <out)"

part "out and in again"
for kind in session decision practice_section publication; do
	on OF export $kind -o $kind.csv
	on OF status
	cp out before
	on OF import $kind $kind.csv
	on OF status
	cmp -s out before || fail "what was exported of $kind comes back as something else"
done
on SK-N1 export stakeholder_contact -o contacts.csv
has_not "@" # in what is printed; the file has it
grep -q "^record,country,code,given_name,family_name,email$" contacts.csv ||
	fail "the header of contacts.csv: $(head -n 1 contacts.csv)"
sed -i 's/sk-h1@example.org/h1@example.org/' contacts.csv
imports SK-N1 6 stakeholder_contact contacts.csv
on SK-N1 --plain roundtable stakeholder SK-R1 show SK-H1
has "email	h1@example.org"

part "what cannot be taken"
printf 'publication,practice,part\nCO-1,GP01,A\n' >items.csv
on_exit 65 OF import publication_item items.csv
has "no publication with this code is here"
printf 'code,edition,kind\nCO-1,1,compendium\n' >publications.csv
imports OF 1 publication publications.csv
imports OF 1 publication_item items.csv
imports OF 1 publication_item items.csv
on OF export publication_item
is "items after two imports" 2 "$(wc -l <out)"
on_exit 65 SK-N1 import publication publications.csv
has "your role may not write a publication there"
printf 'subject,kind,outcome,on\nGP01,select,perhaps,2026-04-20\n' >decisions.csv
on_exit 65 OF import decision decisions.csv
has "not_proven"
on_exit 64 OF import tally decisions.csv
on_exit 64 OF import sheet decisions.csv
