#!/bin/sh
# 70-co-write.sh - two practitioners write one report on two laptops for days, with an
# editor and from files; the drafts are those of tests/data/texts. Both get the same text,
# see the hot spots, settle them; nothing is lost when an editor fails.
. "$(dirname "$0")/lib.sh"

at "2027-04-20 09:00:00"
found SK DE
workshop
joins A DE-N1 DE-T3 trainer
drafts=$source_dir/tests/data/texts/transferability/SK-W1

part "a report begins with a file as people write it"
on B report new SK-W9-TR --set activity=SK-W9 --set practice=GP01 --set authors_new=SK-T2 \
	--set authors_experienced=DE-T3
on B report edit SK-W9-TR --file "$drafts/base.txt"
on B --plain report show SK-W9-TR
is "sections" 7 "$(wc -l <out)"
is "kinds" "context kept changed seen resources risks recommendation" \
	"$(cut -f2 out | tr '\n' ' ' | sed 's/ $//')"
on B sync
on A sync

part "apart: one by a file, one in an editor"
on A report edit SK-W9-TR --file "$drafts/draft_experienced_DE-T3.txt"
export VISUAL="cp $drafts/draft_new_SK-T2.txt"
on B report edit SK-W9-TR
grep -q 'may name a young person (V6)' err || fail "no warning of a name: $(cat err)"
[ -e "$dir/B/edit-SK-W9-TR.txt" ] && fail "the editor's file is still there"
unset VISUAL

part "together: the same text, four hot spots, two to settle"
on A sync
on B sync
on A sync
on A report show SK-W9-TR
cp out shown.A
on B report show SK-W9-TR
sed 's/ your change//' out | cmp -s - shown.A || fail "two texts: $(diff out shown.A)"
is "hot spots" 4 "$(grep -c '^\[!!\] hot spot' out)"
is "214 euro" 1 "$(grep -v '^ ' out | grep -c '214 euro')"
grep -q 210 out && fail "210 is still there"
on B --plain report show SK-W9-TR
is "open hot spots" 2 "$(awk -F'	' '{ n += $6 } END { print n }' out)"

part "review lists what has to be settled, and how"
on B --plain review --list
is "hot spots to settle" 2 "$(grep '^SK-W9-TR' out | cut -f2 | sort -u | wc -l)"
is "both authors" "DE-T3 SK-T2" "$(grep '^SK-W9-TR' out | cut -f6 | sort -u | tr '\n' ' ' | sed 's/ $//')"
on B review --list
is "the command" 2 "$(grep -c 'settle: pnet report settle SK-W9-TR [0-9]' out)"
on B status
grep -q 'Needs you        [1-9] conflict' out || fail "not counted: $(cat out)"

part "one is right as it stands, of one a wording is taken"
on B report settle SK-W9-TR 1 --take 1
on B report settle SK-W9-TR 1
on B --plain report show SK-W9-TR
is "open hot spots" 0 "$(awk -F'	' '{ n += $6 } END { print n }' out)"
on B status
grep -q 'Needs you        nothing' out || fail "still counted: $(cat out)"
on B review
grep -q 'nothing needs you' out || fail "still listed: $(cat out)"
on B sync
on A sync
on A --plain report show SK-W9-TR
is "open hot spots of the other" 0 "$(awk -F'	' '{ n += $6 } END { print n }' out)"

part "who wrote what"
on A --plain report history SK-W9-TR
grep -q '6. Risks	SK-T2	.*The yard is visible' out || fail "history: $(cat out)"
grep -q '6. Risks	DE-T3	.*a list with pictures' out || fail "history: $(cat out)"

part "an editor that fails loses nothing"
export VISUAL="sh -c 'printf written >\"\$1\"; exit 3' x"
try B report edit SK-W9-TR --section 6
is "exit code" 3 "$code"
grep -q "is kept in $dir/B/edit-SK-W9-TR-6.txt" err || fail "not named: $(cat err)"
is "what was written" written "$(cat "$dir/B/edit-SK-W9-TR-6.txt")"
try B report edit SK-W9-TR --section 6
is "an unfinished edit is not overwritten" 3 "$code"
unset VISUAL
on B report edit SK-W9-TR --section 6 --file "$dir/B/edit-SK-W9-TR-6.txt"
on B --plain report show SK-W9-TR
is "the section" written "$(sed -n 6p out | cut -f4)"
on B undo
on B --plain report show SK-W9-TR
grep -q 'The yard is visible' out || fail "undo: $(sed -n 6p out)"

part "the description of a practice is written the same way, and written anew"
on DE-N1 sync
for v in 1 2; do
	on DE-N1 report edit GP01 --file "$source_dir/tests/data/texts/practices/GP01_description_v$v.txt"
	on DE-N1 --plain report show GP01
	[ "$(cut -f2 out | sort | uniq -d)" = "" ] || fail "a section twice: $(cut -f2 out)"
done

part "a section that is not there is no section"
printf 'One.\n' >one.txt
on_exit 66 B report edit SK-W9
has "no report, minutes, practice or paper with the code SK-W9 is here"
has_not "do you mean SK-W9?"
try B report edit SK-W9-TR --section nowhere --file one.txt
is "an unknown section" 66 "$code"
