#!/bin/sh
# 71-co-write-orders.sh - both pairs of drafts of tests/data/texts, written by two people
# with `report edit --file` while apart, come together in every order in which three
# laptops can sync: the same text on all of them, as EXPECT.md says, and the same hot spots.
. "$(dirname "$0")/lib.sh"

at "2027-04-20 09:00:00"
found SK DE
workshop
joins A DE-N1 DE-T3 trainer
on DE-N1 sync
on A sync
on SK-N1 sync
texts=$source_dir/tests/data/texts/transferability

# once WORDS..: each of them stands once in the text of the report, none of two lines.
once() {
	for words in "$@"; do
		is "'$words' in $order" 1 "$(grep -cF "$words" text)"
	done
}

never() {
	for words in "$@"; do
		! grep -qF "$words" text || fail "'$words' in $order"
	done
}

# The sections in a row, without hot spots.
text_of() {
	on "$1" report show "$2"
	sed '/^\[!!\] hot spot/,$d' out
}

expect_SK_W1() {
	once 'In Germany we had always started with a tour of legal walls; here we started with photographs.' \
		'a kitchen and a yard' 'except that day 3 and day 4 were swapped' 'Slovak and Hungarian' \
		'“Preč s nimi”' 'annex 2 of the description' 'The yard is visible from the street.' \
		'with a floor that may become dirty' '214 euro' \
		'Verdict of the experienced practitioner: transferable.' \
		'Verdict of the new practitioner: transferable with adaptation.'
	never '210'
	is "hot spots in $order" 4 "$(grep -c '^\[!!\] hot spot' out)"
}

expect_PL_W1() {
	once 'in all forty-one persons' 'The catalogue was printed.' 'nine of them came'
	never 'written by hand'
	is "order of sections in $order" 'Context Method Adaptation Results Recommendation ' \
		"$(grep -xE 'Context|Method|Adaptation|Results|Recommendation' text | tr '\n' ' ')"
	is "open hot spots in $order" 2 "$(grep -c 'had not seen each other' out)"
}

# together PAIR DRAFT_OF_A DRAFT_OF_B: one report for each order.
together() {
	pair=$1 turn=0
	for order in "A B SK-N1" "A SK-N1 B" "B A SK-N1" "B SK-N1 A" "SK-N1 A B" "SK-N1 B A"; do
		turn=$((turn + 1))
		report=$pair-TR$turn
		part "$report: $order"
		on B report new "$report" --set activity=SK-W9 --set practice=GP01 \
			--set authors_new=SK-T2 --set authors_experienced=DE-T3
		on B report edit "$report" --file "$texts/$pair/base.txt"
		for each in B A SK-N1; do on "$each" sync; done
		on A report edit "$report" --file "$texts/$pair/$2"
		on B report edit "$report" --file "$texts/$pair/$3"
		for each in $order $order; do on "$each" sync; done
		text_of B "$report" >text.B
		text_of SK-N1 "$report" >text.SK-N1
		text_of A "$report" >text
		cmp -s text text.B || fail "two texts in $order: $(diff text text.B)"
		cmp -s text text.SK-N1 || fail "two texts in $order: $(diff text text.SK-N1)"
		"expect_$(echo "$pair" | tr - _)"
	done
}

together SK-W1 draft_experienced_DE-T3.txt draft_new_SK-T2.txt
together PL-W1 draft_experienced_SK-T1.txt draft_new_PL-T2.txt

server_end
