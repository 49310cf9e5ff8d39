#!/bin/sh
# 71-documents.sh - advocacy reports and minutes on their way to the central office: what
# stays in the country does, whoever edits what; the office accepts or returns the very
# text that it got.
. "$(dirname "$0")/lib.sh"

at "2027-01-20 09:00:00"
found SK
on OF import country "$season/countries.csv"
on OF sync
mv SK-N1 N
joins B N SK-T2 trainer
on N sync
texts=$season/texts/advocacy/HU
passage=$(sed -n 3p "$texts/challenges.txt")
replacement="Cooperation with schools differs from place to place."

# Everything that a laptop holds in its database, as text and as the bytes of blobs.
holds() {
	unseal "$1" copy.db
	sqlite3 copy.db .dump >dump
	grep -qF -- "$2" dump ||
		grep -qiF -- "$(printf '%s' "$2" | od -An -tx1 | tr -d ' \n')" dump
}

part "an advocacy report, written by a trainer and a coordinator"
on N report advocacy new SK-AR --set language=en
on_exit 3 N report submit SK-AR
has "it has no text yet"
on N sync
on B sync
{
	for section in potentials challenges strategies; do
		printf '# %s\n' $section
		cat "$texts/$section.txt"
		echo
	done
} >advocacy
on B report edit SK-AR --file advocacy
on B sync
on N sync
on N --plain report list
shows <<END
SK-AR	advocacy report	draft	SK					0		
END

part "a passage that stays is marked, by words that stand there"
on_exit 66 N report stays SK-AR --section challenges --passage "no such words" --replacement x
complains <<END
pnet: no such thing here (PN-F01)
  why   these words do not stand in section challenges of SK-AR
  data  nothing was changed
  next  pnet report show SK-AR
END
on_exit 65 N report stays SK-AR --section challenges --passage "the schools have" \
	--replacement "They say the schools have none."
has "the replacement repeats the passage"
on_exit 65 N report stays SK-AR --section challenges --passage "the schools have" --replacement ""
has "a passage that stays needs a sentence that takes its place"
on_exit 64 N report stays SK-AR --section challenges --passage "the schools have"
complains <<END
pnet: the command is not understood (PN-U01)
  why   a passage is marked with --section, --passage and --replacement, and unmarked with --section, --passage and --remove
  data  nothing was changed
  next  pnet help report stays
END
on N report stays SK-AR --section challenges --passage "$passage" --replacement "$replacement"
shows <<END
[ok] SK-AR, section challenges: the passage stays in the country    saved on this laptop, 1 change waits    undo: pnet undo
END
on B report stays SK-AR --section challenges --passage "form that passes through four hands" \
	--replacement "form"
for laptop in N B N; do
	on $laptop sync
done

part "both marks stand, also after edits around them"
sed 's/^Second, the schools/Second,   the schools/; s/^Third, language/Thirdly, language/' \
	"$texts/challenges.txt" >challenges
on B report edit SK-AR --section challenges --file challenges
on B --plain report stays SK-AR
cut -f1,2 out >stands
compare stands "the marks" <<END
challenges	yes
challenges	yes
END

part "an edit of the passage itself keeps everything in the country"
sed 's/hardly any freedom/no freedom/' challenges >edited
on B report edit SK-AR --section challenges --file edited
on B sync
on N sync
on_exit 3 N report submit SK-AR
complains <<END
pnet: SK-AR cannot be submitted yet (PN-C01)
  why   a passage that stays is not in section challenges any more: '$passage'
  data  nothing has left the country
  next  pnet report stays SK-AR    shows what is marked
END
on N report show SK-AR
has "[!!] a passage that stays keeps it in the country: pnet report stays SK-AR"
on B undo
on B sync
on N sync

part "the same words in another section do not slip out"
{
	cat "$texts/strategies.txt"
	printf '\n%s\n' "$passage"
} >strategies
on N report edit SK-AR --section strategies --file strategies
on_exit 3 N report submit SK-AR
has "a passage that stays in the country would leave it with section strategies"
on N undo

part "a coordinator hands it in"
on_exit 77 B report submit SK-AR
complains <<END
pnet: not permitted (PN-P01)
  why   a coordinator of the country submits it
  data  nothing was changed
  next  pnet report show SK-AR
END
on_exit 64 B report sign SK-AR
complains <<END
pnet: the command is not understood (PN-U01)
  why   SK-AR (advocacy report) is submitted and accepted; nobody rates or signs it
  data  nothing was changed
  next  pnet report submit SK-AR
END
on N report submit SK-AR
on N undo
on N --plain report list
has "SK-AR	advocacy report	draft	SK"
on N report submit SK-AR
hash=$(sed -n 's/.*, text \([0-9a-f]*\);.*/\1/p' out)
shows <<END
[ok] SK-AR submitted, text $hash; 2 passages replaced    saved on this laptop, NN changes wait    undo: pnet undo
END
on N sync
on OF sync

part "the office has the replacement and nothing of the passage"
holds N "$passage" || fail "the search finds nothing where it is"
holds OF "$replacement" || fail "the office has no replacement"
for words in "$passage" "hardly any freedom" "district centre" "form that passes"; do
	holds OF "$words" && fail "the office holds: $words"
done
on OF report show SK-AR
has "SK-AR: advocacy report, submitted"
has "$replacement"
has_not "hardly any freedom"
on_exit 66 OF report show SK-ARR
on OF report export SK-AR
grep -qF "$replacement" out || fail "no replacement on the page"
cp out page
on OF report export SK-AR
cmp out page || fail "another page"

part "returned with a reason, edited, handed in anew, accepted"
on_exit 77 OF report submit SK-AR
on OF report return SK-AR --reason "say more about the costs"
shows <<END
[ok] SK-AR returned, text $hash    saved on this laptop, 1 change waits
END
on OF sync
on N sync
on N report show SK-AR
head -n 4 out >state
compare state "the state" <<END
SK-AR: advocacy report, returned
country SK  language en
submitted on 2027-01-20
returned on 2027-01-20 by OF-1: say more about the costs
END
printf '\n\nThe costs are ours.\n' | cat "$texts/strategies.txt" - >strategies
on N report edit SK-AR --section strategies --file strategies
on N --plain report list
has "SK-AR	advocacy report	draft	SK"
on N report submit SK-AR
on N sync
on OF sync
on OF report accept SK-AR
on OF sync
on N sync
on N --plain report list
shows <<END
SK-AR	advocacy report	accepted	SK					0	2027-01-20	2027-01-20
END
on OF --plain report list
shows <<END
SK-AR	advocacy report	accepted	SK					0	2027-01-20	2027-01-20
END

part "a mark more is another text: it is a draft again"
on N report stays SK-AR --section potentials --passage "the prison service" \
	--replacement "some services"
complains <<END
[!!] the office has had this passage since 2027-01-20; what it keeps of it no mark takes back. From now on without it: pnet report submit SK-AR
END
on N --plain report list
has "SK-AR	advocacy report	draft	SK"
on N report stays SK-AR --section potentials --passage "the prison service" --remove
shows <<END
[ok] SK-AR, section potentials: the passage may leave the country    saved on this laptop, 1 change waits    undo: pnet undo
END
on N --plain report list
has "SK-AR	advocacy report	accepted	SK"

part "minutes go the same way, empty ones do not"
on N roundtable new SK-R1 --set name="Komunitná rada" --set platform=existing --set level=local
on N activity new SK-M1 --type roundtable_meeting --start 2027-01-18 --roundtable SK-R1
on N report minutes new SK-MIN --set activity=SK-M1 --set language=sk
on_exit 3 N report submit SK-MIN
has "empty section (V31)"
printf 'Prišli siedmi.\n' >minutes
on N report edit SK-MIN --section 1 --file minutes
on_exit 65 N report stays SK-MIN --section 1 --passage Prišli --replacement x
on N report submit SK-MIN
on N sync
on OF sync
on OF report accept SK-MIN
on OF --plain report list
has "SK-MIN	minutes	accepted	SK	SK-M1"

part "a season's file hands in what may leave, too"
on N report advocacy new HU-AR --set language=en
on N report edit HU-AR --file advocacy
on N report stays HU-AR --section challenges --passage "$passage" --replacement "$replacement"
{
	sed -n 1p "$season/documents.csv"
	echo HU-AR,advocacy_report,,,SK,en,submitted,2027-01-19
} >documents.csv
on N import submission documents.csv
on N --plain report list
has "HU-AR	advocacy report	submitted	SK"
on N sync
on OF sync
on OF report show HU-AR
has "$replacement"
holds OF "hardly any freedom" && fail "the office holds the passage"

part "the working paper has the replacement"
on OF report accept HU-AR
on OF paper new WP-1 --title "What helps" --edition 1 --language en
try OF paper build WP-1 --draft -o paper
find paper -type f -exec cat {} + >built
grep -qF "$replacement" built || fail "no replacement in the paper: $(cat built)"
grep -qF "hardly any freedom" built && fail "the passage is in the paper"

part "a decision on a practice names and keeps the text that it is about"
on OF import practice "$season/practices.csv"
on_exit 3 OF practice decide GP01 description accepted
complains <<END
pnet: GP01: description accepted cannot be decided (PN-C01)
  why   it has no description yet
  data  nothing was changed
  next  pnet practice decide GP01    lists what was decided
        pnet report show GP01
END
on_exit 65 OF practice decide GP01 select proven
complains <<END
pnet: the value is not in the right form (PN-V03)
  why   outcome 'proven': of select it is selected or rejected
  data  nothing was changed
  next  pnet practice decide GP01    lists what was decided
END
on_exit 65 OF practice decide GP01 report accepted
has "reports have pnet report accept"
on OF practice decide GP01 transfer proven
on_exit 3 OF practice decide GP01 transfer not_proven
has "it was decided proven on 2027-01-20"
