#!/bin/sh
# 29-sticks.sh - a team that meets no server for a week: three laptops pass two sticks
# around, everybody ends with the same, and when they meet the server at last each change
# counts once, however many ways it came by.
. "$(dirname "$0")/lib.sh"

at "2027-04-12 09:00:00"
found DE SK
workshop
joins A DE-N1 DE-T3 trainer
on DE-N1 sync
on SK-N1 activity team SK-W9 add DE-T3 --experienced --until 2027-05-14
for laptop in SK-N1 A B SK-N1; do
	on $laptop sync
done
mkdir red blue
server_kill

# carry STICK LAPTOP...: goes round in that order.
carry() {
	stick=$1
	shift
	for laptop in "$@"; do
		on "$laptop" sync --via "$stick"
	done
}
# sheet LAPTOP: what it prints.
sheet() {
	on "$1" print sheet SK-W9
	cp out "sheet.$1"
}
agree() {
	for laptop in A B SK-N1; do
		sheet $laptop
		cmp -s sheet.A sheet.$laptop || fail "$laptop prints another sheet than A"
	done
}

part "a week of work on three laptops, no server anywhere"
on B attend SK-W9 1 --rest present
on SK-N1 young add SK-W9 --given Hana --family Bieliková --birth-year 2011 --gender f
on A attend SK-W9 2 --set 1=present --set 2=late
carry red B A SK-N1
at "2027-04-13 09:00:00"
on A attend SK-W9 2 --set 2=absent
on B attend SK-W9 2 --set 2=excused
on SK-N1 attend SK-W9 2 --set 13=present
on A report new SK-W9-TR --set activity=SK-W9 --set language=en
on A report edit SK-W9-TR \
	--file "$source_dir/tests/data/texts/transferability/SK-W1/base.txt"
carry blue A B SK-N1
carry red SK-N1 B A
carry blue A B SK-N1 B A
agree
on B --plain report show SK-W9-TR
is "sections at B" 7 "$(wc -l <out)"

part "what two wrote without seeing each other is a conflict on all, settled by one"
for laptop in A B SK-N1; do
	on $laptop attend SK-W9 2
	has "1 in conflict"
done
on B review --list
on B review 1 --take absent
carry red B A SK-N1
agree
on SK-N1 attend SK-W9 2
has_not "in conflict"

part "a stick that was read before brings nothing, three times over"
cp -r red yellow
carry red B
carry yellow B
carry blue B
has "0 new changes (0 marks)"

part "a copied laptop and the stick: nothing counts twice"
cp -r B COPY
on COPY attend SK-W9 3 --set 1=present
carry yellow COPY B
on B attend SK-W9 3
has "1 present, 12 unmarked"

part "the server is there again: one brings all, the others' own are known already"
server_up
on A sync
on SK-N1 sync
on_exit 75 B sync
grep -qF "this laptop is a copy or was restored (PN-K03)" err || fail "B is not told of the copy"
for laptop in COPY B A SK-N1 COPY B A SK-N1; do
	try $laptop sync
	[ "$code" = 0 ] || [ "$code" = 75 ] || fail "sync of $laptop ended with $code"
done
agree
for laptop in A B SK-N1; do
	on $laptop --json status
	is "what waits at $laptop" 0 "$(figure unsent)"
	is "what $laptop carries" 0 "$(figure carried)"
	nothing_to_sync $laptop
done
sheet COPY
cmp -s sheet.A sheet.COPY || fail "COPY prints another sheet"
on B attend SK-W9 3
has "1 present, 12 unmarked"
on SK-N1 history SK-W9
is "marks of day 1 in the history" 12 "$(grep -c 'present on day 1' out)"
part "carried for a copy that is lost, while its twin took another identity"
cp -r B C1
cp -r B C2
on C1 attend SK-W9 4 --set 1=late
mkdir green
carry green C1 A
rm -rf C1
on C2 attend SK-W9 4 --set 2=late
on B attend SK-W9 4 --set 3=late
for laptop in C2 B C2; do
	try $laptop sync
	[ "$code" = 0 ] || [ "$code" = 75 ] || fail "sync of $laptop ended with $code"
done
try A sync
on A sync
has "[ok] in sync"
for laptop in SK-N1 A; do
	on $laptop sync
	on $laptop attend SK-W9 4
	has "3 late, 10 unmarked"
	on $laptop --json status
	is "what $laptop carries" 0 "$(figure carried)"
done

part "an erasure on a stick whose coordinator is revoked before it arrives: all is back"
joins N2 SK-N1 SK-N2 coordinator
on SK-N1 sync
on N2 sync
on A --plain young list SK-W9
y=$(grep "	Ondrej Hrčka	" out | cut -f 3)
mkdir gold
server_kill
on N2 attend SK-W9 5 --set "$y=late" --set 1=late
on N2 erase "$y" --reason request --confirm "$y"
on N2 sync --via gold
on A sync --via gold
on A young list SK-W9
has_not "Hrčka"
on A attend SK-W9 5
has "1 late"
server_up
on SK-N1 member revoke SK-N2 --yes
try A sync
has "refused by the server: its device was revoked"
on A young list SK-W9
has "Ondrej Hrčka"
on A attend SK-W9 5
has_not "late"
on_exit 77 N2 sync
server_end
