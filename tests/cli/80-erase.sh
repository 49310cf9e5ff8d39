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
	rm -f "$dir/rows.db" "$dir/rows.db-wal"
	cp "$dir/$1/replica.db" "$dir/rows.db"
	[ ! -e "$dir/$1/replica.db-wal" ] || cp "$dir/$1/replica.db-wal" "$dir/rows.db-wal"
	sqlite3 "$dir/rows.db" "$2"
}

# keep_ciphertext LAPTOP: the ops in which the person lies now, as hex, into $1.ops.
keep_ciphertext() {
	rows "$1" "SELECT hex(o.wire) FROM r_op o JOIN r_record r ON r.id = o.record
	  WHERE hex(r.person) = '$person' OR r.kind IN (11, 12)" >"$dir/$1.ops"
	[ -s "$dir/$1.ops" ] || fail "$1 holds nothing of the person"
}

# absent FILE...: neither the name nor any of the kept ciphertext is in these files.
absent() {
	for file; do
		[ -f "$file" ] || continue
		! grep -qaF "$name" "$file" || fail "the name is in $file"
		xxd -p "$file" | tr -d '\n' >"$dir/file.hex"
		while read -r op; do
			# The sealed body, without what is in the clear before it.
			body=$(echo "$op" | tail -c 120 | tr A-F a-f)
			! grep -qF "$body" "$dir/file.hex" ||
				fail "ciphertext of the person is in $file"
		done <"$dir/ops"
	done
}

# clean_everywhere LAPTOP...: at the server and on these laptops.
clean_everywhere() {
	absent "$dir/SRV"/* "$dir/SRV"/*/* "$dir/server.log"
	for each; do
		absent "$dir/$each"/*
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
cp -r B B.offline
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

part "sec_43: server and synced laptops hold nothing of it"
on B sync
on A sync
on N2 sync
on SK-N1 sync
server_end
clean_everywhere SK-N1 A B N2 OF
server_up
