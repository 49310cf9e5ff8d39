#!/bin/sh
# 80-erase.sh - a young person is erased (DESIGN P5, SECURITY 10 and tests 43 to 47): the
# person goes from the server and from every laptop that syncs, and stays away whatever an
# offline laptop, a copied folder or an older server brings back.
. "$(dirname "$0")/lib.sh"

# code LAPTOP WORKSHOP NAME: the person's code there.
code() {
	on "$1" --plain young list "$2"
	grep "	$3	" out | cut -f 3
}

# rows LAPTOP SQL: of its replica.
rows() {
	unseal "$dir/$1" "$dir/rows.db"
	sqlite3 "$dir/rows.db" "$2"
}

# keep_ciphertext LAPTOP: the ops in which the person lies now, as hex, into $1.ops.
keep_ciphertext() {
	rows "$1" "SELECT hex(o.wire) FROM r_op o JOIN r_record r ON r.id = o.record
	  WHERE hex(r.person) = '$person' OR r.kind IN (11, 12)" >"$dir/$1.ops"
	rows "$1" "SELECT hex(o.wire) FROM r_op o JOIN r_record r ON r.id = o.record
	  WHERE hex(r.person) = '$person'" >"$dir/$1.own"
	[ -s "$dir/$1.ops" ] || fail "$1 holds nothing of the person"
}

# absent FILE...: neither the name nor any of the kept ciphertext is in these files.
absent() {
	# The sealed bodies, without what is in the clear before them.
	LC_ALL=C sed -E 's/.*(.{119})$/\1/' "$dir/ops" | tr A-F a-f >"$dir/bodies"
	for file; do
		[ -f "$file" ] || continue
		! grep -qaF "$name" "$file" || fail "the name is in $file"
		xxd -p "$file" | tr -d '\n' >"$dir/file.hex"
		! LC_ALL=C grep -qFf "$dir/bodies" "$dir/file.hex" ||
			fail "ciphertext of the person is in $file"
	done
}

# clean_everywhere LAPTOP...: at the server and on these laptops.
clean_everywhere() {
	absent "$dir/SRV"/* "$dir/SRV"/*/* "$dir/server.log"
	for each; do
		unseal "$dir/$each" "$dir/plain.db"
		absent "$dir/$each"/* "$dir/plain.db" "$dir/plain.db-wal"
		is "dump of $each" "" "$(rows "$each" .dump | grep -F "$name" || true)"
	done
}

part "a workshop with marks and notes, synced everywhere"
at "2027-04-12 09:00:00"
found DE SK
workshop
joins A DE-N1 DE-T3 trainer
on DE-N1 sync
on SK-N1 activity team SK-W9 add DE-T3 --experienced --until 2027-05-14
on SK-N1 sync
joins N2 SK-N1 SK-N2 coordinator
on SK-N1 sync
on N2 sync
on A sync
name=Hrčka
y=$(code SK-N1 SK-W9 "Ondrej Hrčka")
for day in 1 2 3 4 5; do
	on B attend SK-W9 $day --rest present
done
on B sync
on SK-N1 sync
on B attend SK-W9 2 --set "$y=late"
on B attend SK-W9 2 --note "$y=needs a lift home"
on B sync
on SK-N1 sync
on SK-N1 print sheet SK-W9 --yes
on SK-N1 close SK-W9
on SK-N1 sync
on A sync
on N2 sync
on OF sync
on SK-N1 tally SK-W9
cp out tally.before
person=$(rows SK-N1 "SELECT hex(substr(pid, 1, 8)) FROM young_person WHERE family_name = 'Hrčka'")
for each in SK-N1 A B N2; do
	keep_ciphertext $each
done
cat ./*.ops | sort -u >ops
cat ./*.own | sort -u >own
cp -r B B.copy
cp -r N2 N2.away
cp -r SRV SRV.before

if (absent "$dir/SRV.before"/*) 2>/dev/null; then
	fail "the search does not find what is there"
fi

part "sec_45: only a coordinator of the country"
on_exit 77 B erase "$y" --reason request --confirm "$y"
on_exit 77 A erase "$y" --reason request --confirm "$y"
on_exit 66 DE-N1 erase "$y" --reason request --confirm "$y"

part "all that is held, into a file of one's own"
: >held.md
chmod 644 held.md
on SK-N1 disclose "$y" -o held.md
is "rights of the file" 600 "$(stat -c %a held.md)"
for words in "# Everything held on Ondrej Hrčka ($y)" "mark, day 2: late (written by" \
	"mark, day 2: present (replaced since; written by" "needs a lift home" "consent: "; do
	grep -qF -- "$words" held.md || fail "held.md does not say: $words"
done
! grep -q "Mráz" held.md || fail "held.md names somebody else"
on SK-N1 --csv disclose "$y" -o held.csv
grep -q '^SK-W9,sheet,mark,2,late,stands,' held.csv || fail "held.csv has no mark"
on SK-N1 --json disclose "$y" -o held.json
grep -q '"schema":"pnet.disclosure/1"' held.json || fail "held.json has no schema"
on_exit 77 B disclose "$y" -o no.md
on_exit 64 SK-N1 disclose "$y"

part "meanwhile two laptops write about the person, without a network"
on A attend SK-W9 3 --set "$y=excused" --set "Mráz=late"
on A attend SK-W9 3 --note "$y=left with an aunt"
on A young edit SK-W9 "$y" --set needs=none
on B.copy attend SK-W9 4 --set "$y=absent" --set "Mráz=excused"
on B.copy attend SK-W9 4 --note "$y=was not there"

part "a preview, a wrong code, a reason"
on SK-N1 -n erase "$y" --reason request
has "Ondrej Hrčka ($y): name, consent"
has "1 enrolment, 5 marks, 1 note; in SK-W9. Tallies already signed keep their numbers."
has "1 sheet of SK-W9 printed, the last on 2027-04-12."
on_exit 64 SK-N1 erase "$y" --reason request
has "nothing was erased"
on_exit 64 SK-N1 erase "$y" --reason request --confirm Y-00000
on_exit 64 SK-N1 erase "$y" --reason boredom --confirm "$y"
on SK-N1 young find Hrčka

part "the erasure"
on SK-N1 erase "$y" --reason request --confirm "$y"
has "gone on this laptop and at the server"
receipt=$(sed -n 's/^receipt: pnet print receipt //p' out)
on_exit 66 SK-N1 young find Hrčka
on_exit 3 SK-N1 undo
on SK-N1 history SK-W9
has_not "Hrčka"
on SK-N1 erase --status
has "server done"
has "0 sheets to compact"

part "sec_46: the laptops that have not confirmed, with their last contact"
for member in SK-T2 DE-T3 SK-N2; do
	has "$member not yet, seen 12 Apr 09:00"
done
on SK-N1 --csv erase --status "$receipt"
is "lines for three laptops" 4 "$(wc -l <out)"
on B sync
at "2027-04-22 09:00:00"
on N2 sync
on SK-N1 sync
on SK-N1 erase --status "$y"
has "SK-T2 done"
has "SK-N2 done"
has "DE-T3 not seen for 10 days: its copy goes when it syncs or with  pnet activity team SK-W9 remove DE-T3"

part "sec_43: server and synced laptops hold nothing of it"
server_end
clean_everywhere SK-N1 B N2 OF
server_up
line_up

part "sec_43: a laptop that was away pushes details, a note and a sheet"
on A sync
on_exit 66 A young find Hrčka
on A attend SK-W9 3
has_not "Hrčka"
on B sync
is "sheets to compact, as a trainer knows" 1 "$(rows B "SELECT count(*) FROM r_sweep")"
rows B "SELECT hex(o.wire) FROM r_op o JOIN r_sweep s ON s.record = o.record" >>ops

part "sec_43a: the next coordinator's laptop compacts it"
on N2 sync
on N2 erase --status
has "0 sheets to compact"
for each in B A SK-N1 B; do
	on $each sync
done
is "sheets to compact" 0 "$(rows B "SELECT count(*) FROM r_sweep")"
server_end
clean_everywhere SK-N1 A B N2 OF
server_up
line_up
on A attend SK-W9 3
has "10 present, 1 late"
same_state SK-N1 N2

part "a copied folder"
at "2027-04-22 10:00:00"
try B.copy sync
try B.copy sync
on_exit 66 B.copy young find Hrčka

part "sec_43b: who writes the sheet with the grave known does not carry the mark on"
on A sync
is "sheets to compact" 1 "$(rows A "SELECT count(*) FROM r_sweep")"
rows A "SELECT hex(o.wire) FROM r_op o JOIN r_sweep s ON s.record = o.record ORDER BY lsn DESC LIMIT 1" >>ops
on A attend SK-W9 4 --set "Mráz=late"
on A sync
is "sheets to compact" 0 "$(rows A "SELECT count(*) FROM r_sweep")"
on N2 sync
for each in SK-N1 A B B.copy; do
	try $each sync
done
on N2 erase --status
has "0 sheets to compact"
on SK-N1 attend SK-W9 4
has "10 present, 1 late"
server_end
clean_everywhere SK-N1 A B B.copy N2 OF
server_up
line_up

part "sec_43c: a new laptop reads everything, and finds nothing of it"
joins C SK-N1 SK-N3 coordinator
on SK-N1 sync
on C sync
on C attend SK-W9 2
has "11 present"
has_not "somebody"
on C --csv findings SK-W9
has_not "unknown"
same_state SK-N1 C
absent C/*

part "sec_47: the signed tally keeps its figures"
on SK-N1 tally SK-W9
cmp -s out tally.before || fail "the tally is another one"

part "the receipt names nobody"
on SK-N1 print receipt "$receipt"
has "$receipt"
has "request"
has "SK-W9"
has_not "Hrčka"
on SK-N1 print receipt "$receipt" -o receipt.txt
on_exit 66 SK-N1 print receipt E-00000

part "sec_44: an older server, with the list of graves"
server_end
cp -a SRV SRV.now
rm -rf SRV
cp -a SRV.before SRV
cp SRV.now/graves SRV/graves
"$pnetd" restore SRV >out 2>err || fail "pnetd restore ended with $?: $(cat err)"
server_up
server_end
# Details and notes never come back. Sheets of the old copy are nobody's records: they lie
# there as ciphertext until a laptop that knows has come (SECURITY 10).
cp ops all
cp own ops
absent SRV/* SRV/*/*
cp all ops
if (absent SRV/*) 2>/dev/null; then
	fail "the sheets are not back: say so in the documents"
fi
sed -i '/^recovery/d' SRV/pnetd.conf
echo "recovery = yes" >>SRV/pnetd.conf
for each in SK-N1 A B N2 C; do
	cp -a $each $each.kept
done
server_up
line_up
on N2 sync
on N2 sync
on_exit 66 N2 young find Hrčka
server_end
absent SRV/* SRV/*/*
for each in SK-N1 A B N2 C; do
	rm -rf $each
	mv $each.kept $each
done

part "sec_44: without the list, until one laptop that knows of it comes"
rm -rf SRV
cp -a SRV.before SRV
"$pnetd" restore SRV >out 2>err || fail "pnetd restore ended with $?: $(cat err)"
if (absent SRV/*) 2>/dev/null; then
	fail "the old copy should hold the person"
fi
sed -i '/^recovery/d' SRV/pnetd.conf
echo "recovery = yes" >>SRV/pnetd.conf
server_up
line_up
for round in 1 2; do
	for each in B SK-N1 A N2 C; do
		try $each sync
		[ "$code" = 0 ] || [ "$code" = 75 ] || fail "sync of $each ended with $code"
	done
done
on_exit 66 SK-N1 young find Hrčka
server_end
clean_everywhere SK-N1 A B N2 C
server_up
line_up

part "the server is lost whole: who gives it back gives nothing of the person back"
server_end
mv SRV SRV.lost
mkdir -m 700 SRV
cp -p SRV.lost/server.key SRV.lost/pnetd.conf SRV/
server_up
line_up
for round in 1 2; do
	for each in OF SK-N1 A B N2 C; do
		try $each sync
		case $code in 0 | 75 | 77) ;; *) fail "sync of $each ended with $code" ;; esac
	done
done
on_exit 66 SK-N1 young find Hrčka
server_end
clean_everywhere SK-N1 A B N2 C
server_up
line_up

part "retention: closed a year ago"
at "2028-06-01 09:00:00"
on SK-N1 erase --due
has "SK-W9"
is "young people who are due" 11 "$(grep -c 'SK-W9' out)"
on_exit 77 B erase --due
on_exit 64 SK-N1 erase --due SK-W9 --reason retention --confirm SK-W8
on SK-N1 erase --due SK-W9 --reason retention --confirm SK-W9
has "11 young people of SK-W9: gone here and at the server"
on SK-N1 erase --due
has "nobody is due"
on SK-N1 --plain young list SK-W9
shows_nothing
on SK-N1 tally SK-W9
cmp -s out tally.before || fail "the tally is another one"
is "batches of one scope" 1 "$(rows SK-N1 "SELECT count(DISTINCT head) FROM r_grave WHERE at_s > 1800000000 + 40000000")"
on_exit 66 SK-N1 erase --due SK-W9 --reason retention --confirm SK-W9
