#!/bin/sh
# 72-undo-text.sh - undo of one edit of a text that others edit too: it takes back its own
# difference and nothing else, also after a sync; redo brings it back; what two took out
# stays out; the history tells each edit in one line.
. "$(dirname "$0")/lib.sh"

at "2027-04-20 09:00:00"
found SK DE
workshop
joins A DE-N1 DE-T3 trainer

section() { # LAPTOP: the text of section 1
	on "$1" --plain report show SK-W9-TR
	cut -f4 out | head -1
}

both_sync() {
	on B sync
	on A sync
	on B sync
	on A sync
}

part "B writes a section, A and B change it apart"
printf 'The street paint is cheap. We met on Monday. Nobody was cold.\n' >base.txt
on B report new SK-W9-TR --set activity=SK-W9 --set practice=GP01 --set authors_new=SK-T2 \
	--set authors_experienced=DE-T3
on B report edit SK-W9-TR --file "$source_dir/tests/data/texts/transferability/SK-W1/base.txt"
on B report edit SK-W9-TR --section context --file base.txt
both_sync
at "2027-04-20 10:00:00"
printf 'The street paint costs 214 euro. We met on Monday. Nobody was cold.\n' >b.txt
on B report edit SK-W9-TR --section context --file b.txt
printf 'The street paint is cheap. We met on Monday at noon. Nobody was cold.\n' >a.txt
on A report edit SK-W9-TR --section context --file a.txt
both_sync
is "merged" 'The street paint costs 214 euro. We met on Monday at noon. Nobody was cold.' "$(section A)"

part "B takes back only what B changed; A sees it after a sync"
on B undo
is "undone at B" 'The street paint is cheap. We met on Monday at noon. Nobody was cold.' "$(section B)"
both_sync
is "undone at A" 'The street paint is cheap. We met on Monday at noon. Nobody was cold.' "$(section A)"

part "A goes on writing; redo brings B's words back beside that"
printf 'The street paint is cheap. We met on Monday at noon. Nobody was cold. It rained.\n' >a.txt
on A report edit SK-W9-TR --section context --file a.txt
both_sync
on B redo
both_sync
is "redone" 'The street paint costs 214 euro. We met on Monday at noon. Nobody was cold. It rained.' "$(section A)"

part "A takes back its second edit, then its first; B's stays"
on A undo
on A undo
both_sync
is "A undone" 'The street paint costs 214 euro. We met on Monday. Nobody was cold.' "$(section B)"

part "what both took out stays out, and the one who undoes is told"
printf 'The street paint costs 214 euro. Nobody was cold.\n' >less.txt
on A report edit SK-W9-TR --section context --file less.txt
on B report edit SK-W9-TR --section context --file less.txt
both_sync
try B undo
is "exit code" 3 "$code"
grep -q 'somebody else took them out too' err || fail "not told: $(cat err)"
grep -q '(PN-C02)' err || fail "no code: $(cat err)"
is "still out" 'The street paint costs 214 euro. Nobody was cold.' "$(section B)"

part "a section that B made and A wrote in: undo leaves A's words in it"
export VISUAL="sh -c 'printf \"\n# 8. Weather\nWe had rain.\n\" >>\"\$1\"' x"
on B report edit SK-W9-TR
unset VISUAL
both_sync
printf 'We had rain. And wind.\n' >wind.txt
on A report edit SK-W9-TR --section "8. Weather" --file wind.txt
both_sync
try B undo
is "exit code" 3 "$code"
is "what stays" '[!!] stays: section 8. Weather of SK-W9-TR has what somebody else wrote into it' "$(cat err)"
both_sync
on A --plain report show SK-W9-TR
is "A's words" " And wind." "$(sed -n 8p out | cut -f4)"
on B redo
on B --plain report show SK-W9-TR
is "both words" "We had rain. And wind." "$(sed -n 8p out | cut -f4)"
both_sync
on A undo
both_sync
on B undo
on B --plain report show SK-W9-TR
is "no section without words" 7 "$(wc -l <out)"
on B redo
on B --plain report show SK-W9-TR
is "the section again" "We had rain." "$(sed -n 8p out | cut -f4)"
on B undo

part "the list of what can be undone names the section"
on B undo --list
grep -q 'report edit  undone  section 8. Weather$' out || fail "no step: $(cat out)"

part "the history tells each saved edit in one line"
on B history SK-W9-TR --since 2027-04-20
cp out sentences
told() {
	grep -qF "$1" sentences || fail "not told: $1 in: $(cat sentences)"
}
told 'SK-T2 changed section 1. Context of SK-W9-TR, 20 Apr 10:00: removed "is cheap", added "costs 214 euro"; what it added is out again'
told 'SK-T2 changed section 1. Context of SK-W9-TR, 20 Apr 10:00: removed "costs 214 euro", added "is cheap"; what it added is out again'
told 'DE-T3 changed section 1. Context of SK-W9-TR, 20 Apr 10:00: added " at noon"; what it added is out again'
told '"On day 2 most motifs were slogans. On day 4 two groups that had not spok..."'
on A history SK-W9-TR --by DE-T3
grep -q SK-T2 out && fail "not only of DE-T3: $(cat out)"
grep -q 'removed "We met on Monday. "' out || fail "not told: $(cat out)"
on A history SK-W9-TR --since 2027-04-21
is "nothing since then" "nothing was written there" "$(cat out)"
on B --plain history SK-W9-TR
is "a row" "costs 214 euro	is cheap	replaced" "$(grep 'costs 214' out | head -1 | cut -f8-10)"
