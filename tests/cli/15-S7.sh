#!/bin/sh
# 15-S7.sh - the co-drafted report (DOMAIN 9, S7): two practitioners write one text apart,
# every order of syncing gives the same bytes, hot spots stand before the signature, one
# space makes a draft of it again, and an accepted report asks for a new description.
. "$(dirname "$0")/lib.sh"
. "$source_dir/tests/cli/scenario.sh"
drafts=$source_dir/tests/data/texts/transferability/SK-W1
descriptions=$source_dir/tests/data/texts/practices

sample
s1_prepare
part "the description of GP01, accepted before"
on DE-N1 sync
on DE-N1 report edit GP01 --file "$descriptions/GP01_description_v1.txt"
on DE-N1 sync
on OF sync
on OF practice decide GP01 select selected
on OF practice decide GP01 description accepted
on OF sync

at "2027-04-19 09:00:00"
part "the report begins"
on B report new SK-W9-TR --set activity=SK-W9 --set practice=GP01 --set language=en \
	--set authors_new=SK-T2 --set authors_experienced=DE-T3
on_exit 3 B report sign SK-W9-TR
complains <<END
pnet: SK-W9-TR cannot be signed yet (PN-C01)
  why   it has no text yet
  data  nothing was changed
  next  pnet report edit SK-W9-TR
END
on B report edit SK-W9-TR --file "$drafts/base.txt"
has_not "V6"
# Two sessions, for a log that was not known yet: what both pushed counts once.
synced B 43 0 NN 0 0
on A sync
on N sync
on N --plain report list
shows <<END
SK-W9-TR	transferability report	draft	SK	SK-W9	GP01	SK-T2	DE-T3	0		
END

# keep, restore: everything as it stood, so that one evening can be lived in every order.
keep() {
	server_end
	for folder in SRV A B N; do
		rm -rf "kept-$folder" && cp -a "$folder" "kept-$folder"
	done
	server_up
}
restore() {
	server_end
	for folder in SRV A B N; do
		rm -rf "$folder" && cp -a "kept-$folder" "$folder"
	done
	server_up
}

# holds N TEXT: the file text holds it exactly N times.
holds() {
	found_times=$(grep -oF -- "$2" text | wc -l)
	is "'$2'" "$1" "$found_times"
}

# The text alone: title of each section and its words, from the page.
text_of() {
	on "$1" report export SK-W9-TR
	sed '/^## Ratings$/,$d; /^- text: /d' out >"text-$1"
}

# expected: what EXPECT.md asks of the merged text, in the file text.
expected() {
	holds 1 "In Germany we had always started with a tour of legal walls; here we started with photographs."
	holds 1 "a kitchen and a yard"
	holds 1 "except that day 3 and day 4 were swapped"
	holds 1 "Slovak and Hungarian"
	holds 1 "“Preč s nimi”"
	holds 1 "annex 2 of the description"
	holds 1 "The yard is visible from the street."
	holds 1 "with a floor that may become dirty"
	holds 1 "Verdict of the experienced practitioner: transferable."
	holds 1 "Verdict of the new practitioner: transferable with adaptation."
	holds 1 "214 euro"
	holds 0 "210"
	holds 0 "<<<<"
	holds 0 ">>>>"
	grep '^## ' text >headings
	compare headings "the headings" <<END
## 1. Context
## 2. What we kept
## 3. What we changed
## 4. What we saw
## 5. Resources
## 6. Risks
## 7. Recommendation
END
}

# typed LAPTOP DRAFT: types the draft as a person does, saving after every change of words.
typed() {
	rm -f step-*
	/usr/bin/python3 - "$drafts/base.txt" "$2" <<'END'
import difflib, re, sys
base, draft = (re.findall(r"\w+|\s+|.", open(f, encoding="utf-8").read()) for f in sys.argv[1:])
changes = [c for c in difflib.SequenceMatcher(None, base, draft, False).get_opcodes() if c[0] != "equal"]
now, shift = list(base), 0
for i, (_, a, b, c, d) in enumerate(changes):
    now[a + shift:b + shift] = draft[c:d]
    shift += (d - c) - (b - a)
    open(f"step-{i:03}", "w", encoding="utf-8").write("".join(now))
assert now == draft
END
	for step in step-*; do
		on "$1" report edit SK-W9-TR --file "$step"
	done
}

# everywhere ORDER: syncs in that order, twice, and compares the three texts with what is
# expected.
everywhere() {
	for laptop in $1 $1; do
		on "$laptop" sync
	done
	for laptop in A B N; do
		text_of $laptop
	done
	cmp text-A text-B && cmp text-A text-N || fail "order $1: the texts differ"
	mv text-A text
	expected
}

part "apart: typed change by change"
keep
line_down
typed A "$drafts/draft_experienced_DE-T3.txt"
typed B "$drafts/draft_new_SK-T2.txt"
line_up
everywhere "B A N"
on A --plain report show SK-W9-TR
is "open hot spots of what was typed" 2 "$(awk -F'	' '{ n += $6 } END { print n }' out)"

part "apart: A writes the draft of the experienced, B that of the new one, each at once"
restore
line_down
on A report edit SK-W9-TR --file "$drafts/draft_experienced_DE-T3.txt"
has_not "V6"
on B report edit SK-W9-TR --file "$drafts/draft_new_SK-T2.txt"
complains <<END
[!!] the text may name a young person (V6): Ľubica, and 1 more
END
line_up
keep
for order in "A B N" "A N B" "B A N" "B N A" "N A B" "N B A"; do
	part "order $order"
	restore
	everywhere "$order"
	[ ! -e first ] || cmp first text || fail "order $order gives another text"
	cp text first
done

part "four hot spots, two of them open; two names"
on A report show SK-W9-TR
is "hot spots" 4 "$(grep -c '^\[!!\] hot spot [1-4] in ' out)"
has "hot spot 1 in 3. What we changed: changed by people who had not seen each other's words"
has "hot spot 2 in 4. What we saw: changed by people who had not seen each other's words"
has "hot spot 3 in 5. Resources: the same change twice; it counts once"
has "hot spot 4 in 7. Recommendation: two insertions in one place"
on_exit 3 B --csv findings SK-W9-TR
shows <<END
rule,severity,subject,count,message
V6,warning,SK-W9-TR,2,text names a young person
V32,gate,SK-W9-TR,2,not exactly one rating per author
V34,gate,SK-W9-TR,1,open hot spot in the text
END

part "nobody signs before they are settled"
on_exit 3 A report sign SK-W9-TR
complains <<END
pnet: SK-W9-TR cannot be signed yet (PN-C01)
  why   open hot spot in the text (V34)
  data  nothing was changed
  next  pnet report show SK-W9-TR
END
on A report settle SK-W9-TR 1
on A report settle SK-W9-TR 1 --take 1
on A report sign SK-W9-TR
hash=$(sed -n 's/.*, text \([0-9a-f]*\) .*/\1/p' out)
is "digits of the hash" 12 "${#hash}"
shows <<END
[ok] SK-W9-TR signed as experienced, text $hash    saved on this laptop, 3 changes wait
END
on A sync
on B sync
on_exit 3 B report submit SK-W9-TR
complains <<END
pnet: SK-W9-TR cannot be submitted yet (PN-C01)
  why   only one sign-off; report cannot be accepted (V33); not exactly one rating per author (V32)
  data  nothing was changed
  next  pnet report sign SK-W9-TR
        pnet report rate SK-W9-TR
END
on B report sign SK-W9-TR
shows <<END
[ok] SK-W9-TR signed as new, text $hash    saved on this laptop, 1 change waits
END

part "each author rates, nobody else"
criteria="need target_group_fit acceptance institutional_fit resources competences core_kept effect_seen"
rate() {
	laptop_rating=$1 points=$2 verdict=$3
	set --
	for criterion in $criteria; do
		set -- "$@" --set "$criterion=$points"
	done
	on "$laptop_rating" report rate SK-W9-TR "$@" --verdict "$verdict"
}
on B report rate SK-W9-TR --set need=2
shows <<END
[ok] SK-W9-TR: 1 of 8 criteria rated, verdict missing    saved on this laptop, NN changes wait    undo: pnet undo
END
rate B 2 transferable_with_adaptation
shows <<END
[ok] SK-W9-TR: 8 of 8 criteria rated, verdict transferable_with_adaptation    saved on this laptop, NN changes wait    undo: pnet undo
END
on_exit 65 B report rate SK-W9-TR --set need=5
has "PN-V03"
on_exit 64 B report rate SK-W9-TR --set by=4
complains <<END
pnet: the command is not understood (PN-U01)
  why   there is no criterion 'by'; the criteria are need, target_group_fit, acceptance, institutional_fit, resources, competences, core_kept, effect_seen, each 0 to 4
  data  nothing was changed
  next  pnet report rate SK-W9-TR --set need=3
END
on_exit 77 N report rate SK-W9-TR --set need=3
complains <<END
pnet: not permitted (PN-P01)
  why   only its authors rate and sign SK-W9-TR: SK-T2 (new), DE-T3 (experienced)
  data  nothing was changed
  next  pnet report show SK-W9-TR
END
on_exit 77 N report sign SK-W9-TR
on_exit 64 B report rate SK-W9-TR
rate A 3 transferable
on A sync
on B sync
on B report submit SK-W9-TR
shows <<END
[ok] SK-W9-TR submitted, text $hash    saved on this laptop, 2 changes wait    undo: pnet undo
END
on B undo
on B --plain report list
has "	draft	SK	SK-W9	GP01	SK-T2	DE-T3	2	"
on B redo
on B report submit SK-W9-TR
shows <<END
[ok] this text of SK-W9-TR was submitted on 2027-04-19 already: nothing was changed
END
on B sync
on A sync
on OF sync
on OF --plain report list
has "SK-W9-TR	transferability report	submitted	SK	SK-W9	GP01	SK-T2	DE-T3	2	2027-04-19	"

part "a space more makes a draft of it"
at "2027-04-20 09:00:00"
on B --plain report show SK-W9-TR
is "state on each row" "7 submitted" "$(cut -f7 out | sort | uniq -c | sed 's/^ *//')"
cut -f4 out | sed -n 6p | sed 's/may copy/may  copy/' >section
on B report edit SK-W9-TR --section 6 --file section
on B --json report show SK-W9-TR
is "states as JSON" 7 "$(grep -o '"state": *"draft"' out | wc -l)"
on B report show SK-W9-TR
head -n 5 out >state
compare state "the state" <<END
SK-W9-TR: transferability report, draft
activity SK-W9  practice GP01  country SK  language en  new SK-T2  experienced DE-T3
[!!] 2 sign-offs of another text are void: pnet report sign SK-W9-TR
submitted on 2027-04-19
[!!] the text changed since, it is a draft again: pnet report submit SK-W9-TR
END
on B sync
on OF sync
on_exit 3 OF report accept SK-W9-TR
complains <<END
pnet: SK-W9-TR cannot be accepted (PN-C01)
  why   it is a draft again: its text changed since it was submitted on 2027-04-19
  data  nothing was changed
  next  pnet report show SK-W9-TR
END
on_exit 3 B report submit SK-W9-TR
has "no sign-off; report cannot be accepted (V33)"

part "undone, it is the text that both signed"
on B undo
on B report sign SK-W9-TR
shows <<END
[ok] you signed this text of SK-W9-TR on 2027-04-19 already: nothing was changed
END
on B sync
on A sync
on OF sync
on_exit 77 A report accept SK-W9-TR
on_exit 64 OF report return SK-W9-TR
on OF report accept SK-W9-TR
shows <<END
[ok] SK-W9-TR accepted, text $hash    saved on this laptop, 1 change waits
END
on_exit 3 OF report return SK-W9-TR --reason "too late"
complains <<END
pnet: SK-W9-TR cannot be returned (PN-C01)
  why   OF-1 decided on this text on 2027-04-20: of two decisions the one of the later day counts
  data  nothing was changed
  next  pnet report show SK-W9-TR
END
on OF sync
on A sync
on B sync
on N sync

part "one page, the same everywhere"
for laptop in A B N OF; do
	on $laptop report export SK-W9-TR -o page-$laptop.md
	cmp page-A.md page-$laptop.md || fail "the pages of A and $laptop differ"
done
is "criteria with 2, 3 and their mean" 8 "$(grep -c '| 2 | 3 | 2\.5 |$' page-A.md)"
grep -q '^| verdict | transferable with adaptation | transferable | they differ |$' page-A.md ||
	fail "the verdicts: $(grep verdict page-A.md)"
is "sign-offs on the page" 2 "$(grep -c "| 2027-04-19 | $hash[0-9a-f]\{52\} |\$" page-A.md)"
on A report show SK-W9-TR
head -n 6 out >state
compare state "the state" <<END
SK-W9-TR: transferability report, accepted
activity SK-W9  practice GP01  country SK  language en  new SK-T2  experienced DE-T3
signed by DE-T3 (experienced) on 2027-04-19
signed by SK-T2 (new) on 2027-04-19
submitted on 2027-04-19
accepted on 2027-04-20 by OF-1
END
on_exit 0 OF --csv findings SK-W9-TR
shows <<END
rule,severity,subject,count,message
V35,warning,SK-W9-TR,1,the two verdicts differ
V6,warning,SK-W9-TR,2,text names a young person
END

part "the description has to be accepted anew, on a later day"
on_exit 3 OF --csv findings GP01
has "V41,gate,GP01,1,description not revised after the latest accepted report"
on OF practice decide GP01 transfer proven
on OF compendium new CO-2 --language en
on_exit 3 OF compendium add CO-2 GP01 --part A
has "pnet: GP01 cannot go into part A yet (PN-C01)"
has "description not revised after the latest accepted report (V41)"
on DE-N1 sync
on DE-N1 report edit GP01 --file "$descriptions/GP01_description_v2.txt"
on DE-N1 --plain report show GP01
has "8	transfer_hints	transfer_hints	Keep: the negotiation rule, the mobile wall."
is "states of a practice's text" "" "$(cut -f7 out | tr -d '\n')"
on DE-N1 sync
on OF sync
on_exit 3 OF --csv findings GP01
at "2027-04-21 09:00:00"
on OF practice decide GP01 description accepted --reason "what SK-W9 taught is in it"
on OF --csv findings GP01
has_not "V41"
on OF compendium add CO-2 GP01 --part A
on OF compendium show CO-2
has "GP01"
