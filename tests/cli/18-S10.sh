#!/bin/sh
# 18-S10.sh - the central office (DOMAIN 9, S10): the whole sample season; a passage of
# the Hungarian report stays in its country; the office's tables, what is not in its
# database, an edition of the compendium, the working paper, and an edition that is out.
. "$(dirname "$0")/lib.sh"
. "$source_dir/tests/season.sh"
expected=$source_dir/tests/data/expected

part "the sample season; Hungary has not handed in its advocacy report yet"
cp -r "$season" "$dir/season"
sed -i '/^HU-AR,/s/,accepted,/,draft,/' "$dir/season/documents.csv"
PNET_BIN=$build_dir sh "$source_dir/tests/demo.sh" --season "$dir/season" \
	--today 2027-02-10 --keep "$dir/kept" >>"$transcript" 2>&1 || fail "the season fails"
mv kept/devices/* .
mv kept/server SRV
mv OF-1 OF
today=2027-02-10
server_up

# synced_up LAPTOP...
synced_up() {
	for laptop_up in "$@"; do
		on "$laptop_up" sync --server "127.0.0.1:$server_port"
	done
}

part "HU marks the second paragraph of its challenges, and hands in"
paragraph=$(sed -n 3p "$season/texts/advocacy/HU/challenges.txt")
stands_in="Cooperation with schools differs from place to place."
case $paragraph in
*"the schools have hardly any freedom to invite partners"*) ;;
*) fail "this is not the paragraph: $paragraph" ;;
esac
synced_up HU-N1
on HU-N1 report stays HU-AR --section challenges --passage "$paragraph" \
	--replacement "$stands_in"
on HU-N1 report submit HU-AR
has "1 passage replaced"
synced_up HU-N1 OF
on OF report accept HU-AR
synced_up OF DE-N1 CZ-N1 SK-N1 HU-N1 PL-N1 OF
has "sent 0 changes"
has "received 0"

part "the tables"
# table FILE COMMAND...: what OF prints is what is expected. Findings end with 3 when one
# of them is a gate.
table() {
	file=$1
	shift
	try OF --csv "$@"
	cmp "$dir/out" "$expected/$file" || fail "pnet $* is not $file"
}
table workshop_summary.csv totals
table findings.csv findings
table practice_stages.csv practice list --stages
table country_indicators_internal.csv indicators
table funder_gender_suppressed_k5.csv indicators --funder gender --k 5
table funder_age_suppressed_k5.csv indicators --funder age --k 5

part "what is not in the office's database"
# bytes LAPTOP: all that its replica holds, for who has the key.
bytes() {
	unseal "$dir/$1" plain.db
	cat plain.db*
}
# found LAPTOP: how many of the lines of `words` occur there.
found() { bytes "$1" | grep -aoFf "$dir/words" | sort -u | wc -l; }
# nowhere WHAT LAPTOP: none at the office; some on the laptop, or the search proves nothing.
nowhere() {
	[ "$(wc -l <"$dir/words")" -gt 0 ] || fail "no $1 to search for"
	is "$1 at the office" 0 "$(found OF)"
	[ "$(found "$2")" -gt 0 ] || fail "$1 are not found on $2 either"
}
rows young_people.csv consent_form_no | awk 'length($0) >= 6' | sort -u >words
nowhere "form numbers" SK-N1
rows young_people.csv guardian_contact | awk 'length($0) >= 6' | sort -u >words
nowhere "guardian contacts" SK-N1
rows stakeholders.csv email | sort -u >words
is "e-mails of stakeholders" 35 "$(wc -l <words)"
nowhere "e-mails of stakeholders" SK-N1

# full_names FILE: with a space, and as two columns of a database stand side by side.
full_names() {
	rows "$1" given_name >given
	rows "$1" family_name >family
	paste -d '|' given family
}
full_names young_people.csv >young
full_names persons.csv >adults
is "young people" 157 "$(wc -l <young)"
awk -F '|' '{ print $1 $2; print $1 " " $2; print $2 $1; print $2 " " $1 }' young >words
{
	rows persons.csv given_name ref PL-X2 | tr -d '\n'
	rows persons.csv family_name ref PL-X2
	rows persons.csv given_name ref PL-X4 | tr -d '\n'
	rows persons.csv family_name ref PL-X4
} | sort >shared
is "names that practitioners share" 2 "$(sort young | uniq | grep -cxFf adults)"
bytes OF | grep -aoFf words | sort -u >hits
cmp hits shared || fail "full names at the office: $(cat hits)"
[ "$(found SK-N1)" -gt 2 ] || fail "full names are not found on SK-N1 either"

for kind in stakeholder_contact stakeholder_view contact_note young_person enrolment \
	sheet final_sheet note day_note; do
	unseal OF office.db
	is "rows of $kind" 0 "$(sqlite3 office.db "SELECT count(*) FROM $kind")"
done
unseal SK-N1 country.db
[ "$(sqlite3 country.db "SELECT count(*) FROM young_person")" -gt 0 ] ||
	fail "SK-N1 has no young people"

part "the office asks for an attendance sheet"
on_exit 77 OF print sheet DE-W1
complains <<'END'
pnet: not permitted (PN-P01)
  why   no access to the young people of DE-W1: their names stay with its team and the coordinators of the country
  data  nothing was changed
  next  pnet totals DE-W1    for the figures
END

part "edition CO-2"
on OF compendium show CO-2
has "CO-2, edition 2, draft"
on OF --plain compendium show CO-2
is "items" "A GP07,B GP04" "$(cut -f1,2 out | tr '\t' ' ' | paste -sd,)"
on OF compendium remove CO-2 GP07
on OF compendium remove CO-2 GP04
on_exit 66 OF compendium remove CO-2 GP04
has "GP04 is not in CO-2"
on OF compendium add CO-2 GP07
has "CO-2: GP07 in part A"
on OF compendium add CO-2 GP04 --part B
has "CO-2: GP04 in part B, not yet tested"
on OF compendium add CO-2 GP04 --part b
on OF --plain compendium show CO-2
is "items again" "A GP07,B GP04" "$(cut -f1,2 out | tr '\t' ' ' | paste -sd,)"
on_exit 3 OF compendium add CO-2 GP09
complains <<'END'
pnet: GP09 cannot go into part A yet (PN-C01)
  why   description not revised after the latest accepted report (V41); description not revised after the latest accepted report; no decision "proven" (V40)
  data  nothing was changed
  next  pnet report edit GP09
        pnet practice show GP09
END
on_exit 3 OF compendium add CO-2 GP04 --part A
has "(V40)"
on_exit 3 OF compendium add CO-2 GP11 --part B
has "(V40)"
on_exit 3 OF compendium add CO-2 WP-1
has "(V44)"
on_exit 64 OF compendium add CO-2 GP07 --part C
on_exit 66 OF compendium add CO-2 GP99
on_exit 66 OF compendium add CO-9 GP07
on_exit 77 HU-N1 compendium add CO-2 GP07
on_exit 77 HU-N1 compendium build CO-2
on_exit 3 OF compendium add CO-1 GP07
complains <<'END'
pnet: CO-1 cannot be changed (PN-C01)
  why   CO-1 was released on 2027-02-10: what it printed does not change any more (V45)
  data  nothing was changed
  next  pnet compendium new CO-3    makes a new edition
        pnet compendium show CO-1
END
printf 'What young people made of it.\n' >foreword
on OF compendium foreword CO-2 "$dir/foreword"
on OF compendium build CO-2 -o "$dir/built"
shows <<'END'
[ok] CO-2: 1 in part A, 1 in part B, a draft
file
DIR/built/CO-2.md
DIR/built/CO-2.csv
END
compare built/CO-2.csv "the index" <<'END'
part,practice,title,origin_country,origin,themes,age_min,age_max,tested,countries,workshops,young_people,version
A,GP07,Family stories map,HU,Közös Tér Egyesület,biography;history,14,19,yes,CZ;PL,2,21,e5f9484dc284b745bd8f069161fe132732bbdab7a554c4b6752f6f88b12bf0df
B,GP04,Detached work debate box,CZ,"Společně, z.s.",debate;street_work,14,21,not yet tested,,,,c789e9e46f0669ebb559dfc3f0c6dc7933cda6a1297d7dc0756f42726436081f
END
on OF compendium build CO-2 -o "$dir/again"
cmp built/CO-2.md again/CO-2.md || fail "CO-2 differs when it is built again"
cmp built/CO-2.csv again/CO-2.csv || fail "its index differs when it is built again"
grep '^#' built/CO-2.md >headings
compare headings "the page" <<'END'
# Compendium of Good Practices, edition 2 (CO-2)
## Foreword
## Part A: proven
### GP07 Family stories map
#### Summary
#### Aims
#### Target group
#### Method
#### Materials
#### Facilitators
#### Risks
#### Evidence
#### Transfer hints
## Part B: not yet tested
### GP04 Detached work debate box
#### Summary
#### Aims
#### Target group
#### Method
#### Materials
#### Facilitators
#### Risks
#### Evidence
#### Transfer hints
## Advocacy: how to win authorities and policymakers
### Strategies: DE
### Strategies: CZ
### Strategies: SK
### Strategies: HU
## Index
### By theme
### By age
END
# in_page FILE LINE: it stands there as a whole line.
in_page() { grep -qxF -- "$2" "$1" || fail "$1 has no line: $2"; }
in_page built/CO-2.md "What young people made of it."
in_page built/CO-2.md "- tested in: 2 countries (CZ, PL), 2 workshops, 21 young people"
in_page built/CO-2.md "- **not yet tested**"
in_page built/CO-2.md "Not accepted yet: PL"
awk -F '|' '{ print $1 " " $2; print $2 " " $1 }' adults >words
is "practitioners named" 0 "$(cat built/* | grep -cFf words || true)"

part "the working paper"
on_exit 3 OF paper build WP-1 -o "$dir/built"
complains <<'END'
pnet: WP-1 cannot be published yet (PN-C01)
  why   PL advocacy report not accepted; working paper cannot be published (V44)
  data  nothing was changed
  next  pnet paper show WP-1
END
[ ! -e built/WP-1.md ] || fail "a refused paper was written"
on OF paper build WP-1 --draft -o "$dir/built"
has "[ok] WP-1: 15 sections of 5 countries, a draft"
has "[..] not accepted yet: PL"
on OF paper build WP-1 --draft -o "$dir/again"
cmp built/WP-1.md again/WP-1.md || fail "WP-1 differs when it is built again"
cut -d, -f2-5 built/WP-1.csv >sections
compare sections "the sections" <<'END'
part,country,document,state
potentials,DE,DE-AR,accepted
potentials,CZ,CZ-AR,accepted
potentials,SK,SK-AR,accepted
potentials,HU,HU-AR,accepted
potentials,PL,PL-AR,submitted
challenges,DE,DE-AR,accepted
challenges,CZ,CZ-AR,accepted
challenges,SK,SK-AR,accepted
challenges,HU,HU-AR,accepted
challenges,PL,PL-AR,submitted
strategies,DE,DE-AR,accepted
strategies,CZ,CZ-AR,accepted
strategies,SK,SK-AR,accepted
strategies,HU,HU-AR,accepted
strategies,PL,PL-AR,submitted
END
is "sections with their pinned hash" 15 \
	"$(grep -cE '^- source: [A-Z]{2}-AR of 2027-[0-9-]*, text [0-9a-f]{64}$' built/WP-1.md)"
is "countries in order" "DE CZ SK HU PL DE CZ SK HU PL DE CZ SK HU PL" \
	"$(sed -n 's/^### //p' built/WP-1.md | paste -sd ' ')"
in_page built/WP-1.md "**Draft, not for publication.**"
in_page built/WP-1.md "Not written yet."
in_page built/WP-1.md "$stands_in"
printf '%s\n' "hardly any freedom to invite" "the list is not public" \
	"the bus ended at the school" >words
is "the paragraph in the paper" 0 "$(grep -cFf words built/WP-1.md || true)"
nowhere "words of the paragraph" HU-N1
is "sections of the sample" 14 "$(for text in "$season"/texts/advocacy/*/*.txt; do
	grep -qF "$(tail -n 1 "$text")" built/WP-1.md && head -n 1 "$text" |
		grep -qFf - built/WP-1.md && grep -qF "$(sed -n 3p "$text")" built/WP-1.md &&
		echo "$text"
done | wc -l)"

part "O accepts PL: the paper is not refused"
on OF report accept PL-AR
printf '# Synthesis\nBegin at the lowest level that can decide.\n' >synthesis
on OF report edit WP-1 --file "$dir/synthesis"
on OF paper build WP-1 -o "$dir/built"
has "[ok] WP-1: 15 sections of 5 countries"
has_not "draft"
has_not "not accepted"
in_page built/WP-1.md "Begin at the lowest level that can decide."
is "sources of the synthesis" 5 "$(grep -cE '^- [A-Z]{2}: [A-Z]{2}-AR of ' built/WP-1.md)"
! grep -qF "Draft" built/WP-1.md || fail "it is marked as a draft"
try OF findings WP-1
has_not V44
on_exit 77 HU-N1 paper build WP-1
on_exit 66 OF paper build WP-7
synced_up OF SK-N1
on SK-N1 activity edit SK-RM1 --set about=WP-1
on SK-N1 --json export activity
has '"about":"WP-1"'

part "CO-2 with the paper goes out, and does not change any more"
on OF compendium add CO-2 WP-1
has "WP-1 in the advocacy chapter"
on OF compendium release CO-2
has "CO-2 released on 2027-02-10"
on OF compendium build CO-2 -o "$dir/built"
has "CO-2: 1 in part A, 1 in part B, released"
in_page built/CO-2.md "- released: 2027-02-10"
in_page built/CO-2.md "### Challenges: HU (HU-AR)"
in_page built/CO-2.md "### Synthesis"
on_exit 3 OF compendium release CO-2
on_exit 3 OF compendium remove CO-2 GP04
on_exit 3 OF compendium foreword CO-2 "$dir/foreword"
has "(V45)"
synced_up OF HU-N1 PL-N1
on HU-N1 practice edit GP07 --set title="Maps of families" --set themes=maps
printf 'Anew.\n' >aims
on HU-N1 report edit GP07 --section aims --file "$dir/aims"
on PL-N1 reopen PL-W2 --reason "a mark was wrong"
synced_up HU-N1 PL-N1 OF
on OF --plain compendium show CO-2
has "edited since"
on OF compendium build CO-2 -o "$dir/again"
cmp built/CO-2.md again/CO-2.md || fail "a released edition changed"
cmp built/CO-2.csv again/CO-2.csv || fail "the index of a released edition changed"
on HU-N1 compendium build CO-2 -o "$dir/abroad"
cmp built/CO-2.md abroad/CO-2.md || fail "HU-N1 builds another CO-2"

part "a new edition has what is accepted now"
on OF compendium new CO-3
on_exit 65 OF compendium new CO-3
on_exit 3 OF compendium release CO-3
has "no practice is in it"
on OF compendium add CO-3 GP07
has "the accepted text is the one that goes in"
on OF compendium build CO-3 -o "$dir/built"
in_page built/CO-3.md "### GP07 Maps of families"
in_page built/CO-3.md "- tested in: 1 country (CZ), 1 workshop, 10 young people"
! grep -qx "Anew." built/CO-3.md || fail "a text that nobody accepted is in CO-3"
on OF practice decide GP07 description accepted
on OF compendium add CO-3 GP07
has_not "the accepted text"
on OF compendium build CO-3 -o "$dir/built"
in_page built/CO-3.md "Anew."
on OF --csv compendium list
shows <<'END'
code,kind,edition,language,released_on,practices
CO-1,compendium,1,en,2027-02-10,3
CO-2,compendium,2,en,2027-02-10,2
CO-3,compendium,3,en,,1
END
