#!/bin/sh
# 65-season-files.sh - the files of a season row by row: documents in three stages,
# judgements by whom they are, editions; what is refused and why, what is passed over.
. "$(dirname "$0")/lib.sh"
at "2026-11-22 08:00:00"
found CZ SK

part "the ground"
on SK-N1 practice new GP-SK --set title="Practice of Slovakia" --set origin_country=SK
on SK-N1 sync
on OF import practice "$season/practices.csv"
on OF sync
on SK-N1 sync
for kind in organisation:organisations person:persons roundtable:roundtables \
	stakeholder:stakeholders activity:activities activity_day:activity_days team:team; do
	on SK-N1 import "${kind%:*}" "$season/${kind#*:}.csv"
done
on SK-N1 --json export activity
has '"code":"SK-RM1"'
has '"roundtable":"SK-R1"'
joins T SK-N1 SK-T2 trainer

# bad LAPTOP KIND REASON: the file `rows` is refused whole, and says so of its line 2.
bad() {
	on_exit 65 "$1" import "$2" rows
	has "rows:2: rejected: $3"
	on "$1" --json status
	is "changes of $1 that wait" "$waiting" "$(figure changes)"
}
header=ref,kind,activity,practice,country,language,state,state_on
on SK-N1 --json status
waiting=$(figure changes)

part "documents that are none"
printf '%s\nX-1,poem,,,SK,en,draft,2026-11-02\n' $header >rows
bad SK-N1 document "its kind is not in the vocabulary (V1)"
printf '%s\nX-1,advocacy_report,,,SK,en,lost,2026-11-02\n' $header >rows
bad SK-N1 document "its state is not in the vocabulary (V1)"
printf '%s\n,advocacy_report,,,SK,en,draft,2026-11-02\n' $header >rows
bad SK-N1 document "it has no code"
printf '%s\nX-1,advocacy_report,,,CZ,en,draft,2026-11-02\n' $header >rows
on SK-N1 import document rows
has "accepted 0"
has "passed over 1"
printf '%s\nSK-W1-TR,transferability_report,SK-W1,GP01,SK,en,submitted,2026-11-02\n' \
	$header >rows
bad SK-N1 submission "no transferability report SK-W1-TR"
printf 'ref,country,kind,name,place\nSK-Z1,SK,school,One,A\nSK-Z1,SK,school,Two,B\n' >rows
on_exit 65 SK-N1 import organisation rows
has "rows:3: rejected: its code stands in the file twice"
on_exit 64 SK-N1 import organisation rows --partial
has "--partial is for rosters and marks"

part "three stages"
on SK-N1 import document "$season/documents.csv" -n
has "accepted 3"
on SK-N1 --json status
is "changes after a dry run" "$waiting" "$(figure changes)"
on SK-N1 import document "$season/documents.csv"
has "accepted 3"
on SK-N1 --json export report
has '"authors_new":"SK-T2"'
has '"authors_experienced":"DE-T3"'
printf 'advocacy,kind,order,text\nSK-AR,potentials,1,"Two lines,\nin one cell"\n' >rows
on SK-N1 import advocacy_section rows
on SK-N1 import advocacy_section rows
has "here already 1"
on SK-N1 sync
on OF sync
on_exit 65 OF import acceptance "$season/documents.csv"
has "it is not submitted"
grep -E '^(ref|SK-)' "$season/documents.csv" >sk.csv
printf '%s\nSK-AR,advocacy_report,,,SK,en,accepted,2027-01-22\n' $header >rows
on SK-N1 import submission rows
on SK-N1 sync
on OF sync
on OF import acceptance rows
has "accepted 1"
on OF --json export acceptance
has '"outcome":"accepted"'
has '[potentials] \n  Two lines,\n  in one cell'
on OF import acceptance rows
has "here already 1"

part "what is over is closed, also where a gate is open"
on SK-N1 import enrolment "$season/enrolments.csv" --people "$season/young_people.csv"
on_exit 3 SK-N1 close SK-W1
on SK-N1 import closing "$season/activities.csv"
has "accepted 6"
on SK-N1 import closing "$season/activities.csv"
has "here already 6"
on SK-N1 tally SK-W1
on SK-N1 sync

part "judgements, each by whom it is"
on T sync
printf 'document,by,experience,criterion,value\nSK-W1-TR,SK-T2,new,beauty,3\n' >rows
on T --json status
waiting=$(figure changes)
bad T rating "its criterion is not in the vocabulary (V1)"
printf 'document,by,experience,criterion,value\nSK-W1-TR,SK-T2,new,need,5\n' >rows
bad T rating "need: "
on T import rating "$season/ratings.csv"
has "accepted 9"
has "passed over 162"
printf 'report,kind,order,text\nSK-W1-TR,context,1,We were thirteen.\n' >rows
on T import report_section rows
on_exit 77 SK-N1 import report_section rows
on T import signoff "$season/signoffs.csv"
has "accepted 1"
on T --json export signoff
has '[context] \n  We were thirteen.'
on T import signoff "$season/signoffs.csv"
has "here already 1"
on T sync

part "decisions and editions"
on SK-N1 import decision "$season/decisions.csv"
has "passed over 32"
{
	echo ref,practice,kind,outcome,on,by,reason
	echo D1,GP-SK,withdraw,withdrawn,2026-11-20,SK-N1,The staff left.
	echo D2,GP-SK,select,selected,2026-11-20,SK-N1,
	echo D3,GP-SK,withdraw,withdrawn,2026-11-20,OF-1,
} >rows
on SK-N1 import decision rows
has "accepted 1"
has "passed over 2"
on OF --json status
waiting=$(figure changes)
printf 'ref,practice,kind,outcome,on,by,reason\nD1,GP99,select,selected,2026-04-20,OF-1,\n' >rows
bad OF decision "no practice GP99"
printf 'ref,practice,kind,outcome,on,by,reason\nD1,GP01,select,maybe,2026-04-20,OF-1,\n' >rows
bad OF decision "outcome: "
printf 'ref,practice,kind,outcome,on,by,reason\nD1,SK-W1-TR,report,returned,2026-11-03,OF-1,Too short.\n' >rows
on OF sync
on OF import decision rows
has "accepted 1"
on OF import publication "$season/publications.csv"
has "accepted 5"
on OF --json export publication
has '"released_on":"2026-11-22"'
on OF --json status
waiting=$(figure changes)
printf 'ref,kind,edition,language,state,practice,part\nCO-1,compendium,1,en,released,GP10,B\n' >rows
bad OF publication "its edition is released: make a new one (V45)"

part "what has no file of its own"
on_exit 64 OF import tally rows
has "nothing of the kind 'tally' can be imported"
