#!/bin/sh
# 16-S5.sh - day 4, a stolen laptop (DOMAIN 9, S5): one command takes it out; the server
# refuses it, new keys close what is written from then on, nobody else loses anything, and
# the member goes on with a new laptop.
. "$(dirname "$0")/lib.sh"
. "$source_dir/tests/cli/scenario.sh"
sample
s1_prepare
s2_day
s2_evening

# epochs LAPTOP: "name epoch" of the newest keys that it holds: `all` of NET, and of SK
# `office`, `country` and the workshops that B could read, SK-W2 besides.
epochs() {
	unseal "$1" copy.db
	sqlite3 -separator ' ' copy.db "SELECT CASE hex(substr(s.name, 1, 1))
			WHEN '01' THEN 'all' WHEN '02' THEN 'office' WHEN '03' THEN 'country'
			ELSE a.code END AS what, max(d.epoch)
		FROM r_scope s JOIN r_seed d ON d.scope = s.id JOIN r_space p ON p.pos = s.space
		LEFT JOIN activity a ON a.record = substr(s.name, 2, 16)
		WHERE p.code IN ('SK', 'NET') AND what IS NOT NULL
		GROUP BY s.id ORDER BY what"
}

part "days 2 and 3; the morning of day 4: B is in contact for the last time"
at "2027-04-14 18:00:00"
on B attend SK-W9 2 --set 4=late --rest present
on B attend SK-W9 3 --set 9=late --rest present
on A young edit SK-W9 "Hana Bieliková" --set consent=given --set consent_by=self \
	--set consent_on=2027-04-12
on A sync
at "2027-04-15 08:12:00"
synced B NN 26 NN 0 0
on A sync
epochs B >before
cat before >>"$transcript"

part "A marks 1-7 and syncs by phone; B marks 8-13 and does not"
at "2027-04-15 11:30:00"
for number in 1 2 3 4 5 6 7; do
	on A attend SK-W9 4 --set $number=present
done
synced A 7 7 0 0 0
line_down
on B attend SK-W9 4 --set 8=absent --set 9=excused --set 10=present --set 11=present \
	--set 12=present --set 13=present
mv B stolen

part "A writes on, and the line breaks while it sends: a batch under the keys of today"
on A young edit SK-W9 mraz --set needs="sits in front"
line_up --cut up:300:rst
try A sync
[ "$code" != 0 ] || fail "the line held"
line_up

part "noon: N revokes the stolen laptop"
at "2027-04-15 12:00:00"
on N sync
on N device list
has "As the server told at 15 Apr 12:00"
grep -Eq '^SK +SK-T2 +trainer +yes +[0-9a-f]{8} +15 Apr 08:12 +no +unknown' out ||
	fail "N does not see the last contact of B"
on_exit 64 N device revoke SK-T2
has "this cannot be taken back: --yes is missing"
has "last contact 15 Apr 08:12, unsent unknown"
has "5 scopes of the country get new keys, those of all countries at the office's next sync"
on N device revoke SK-T2 --yes
has "of SK-T2 is revoked: the server refuses it from now on"
has "next: pnet invite SK-T2 --role trainer"
on N member show SK-T2
grep -Eq '^SK +SK-T2 +trainer +no ' out || fail "the laptop still counts as in use"

part "every scope that it could read has a new key at once, and no other"
epochs N >after
awk 'NR == FNR { was[$1] = $2; next } $1 in was && $2 != was[$1] + ($1 != "all") { bad = 1 }
	$1 == "SK-W2" && $2 != 1 { bad = 1 } END { exit bad }' before after ||
	fail "keys after the revocation: $(cat after)"
is "workshops among them" "SK-W1 SK-W3 SK-W9" \
	"$(grep -o '^SK-W[139]' before | tr '\n' ' ' | sed 's/ $//')"
all_was=$(sed -n 's/^all //p' before)
on OF sync
epochs OF | grep -q "^all $((all_was + 1))$" || fail "the office has not replaced the key of all"
nothing_to_sync OF

part "sec_19: the server refuses the old laptop from then on, and what it has stays there"
on_exit 77 stolen sync
has "this laptop was revoked (PN-K02)"
has "SK-N1"
has "15 Apr 12:00"
on stolen status
has "6 changes (6 marks) not yet stored by the server"
on_exit 77 stolen sync

part "sec_33: what A sealed before is sealed anew and arrives"
synced A NN 0 0 0 0
nothing_to_sync A
on N sync
on N young show SK-W9 mraz
has "sits in front"

part "what is written from now on opens with no key of the stolen laptop"
epochs stolen >stolen.epochs
cmp -s before stolen.epochs || fail "the stolen laptop got a key"

part "its disk says nothing without the passphrase"
for file in stolen/*; do
	! grep -qaF 'Gajdošová' "$file" || fail "$file holds a name"
	! iconv -f UTF-16LE -t UTF-8 -c "$file" | grep -qaF 'Gajdošová' ||
		fail "$file holds a name in UTF-16"
	! iconv -f UTF-16BE -t UTF-8 -c "$file" | grep -qaF 'Gajdošová' ||
		fail "$file holds a name in UTF-16"
done

part "B2: a new laptop of the same member enters from paper what is missing"
joins B2 N SK-T2 trainer
on N sync
on B2 sync
on_exit 3 B2 --csv findings SK-W9
grep -q '^V18,gate,SK-W9,6,' out || fail "V18 does not count 6: $(grep V18 out)"
on B2 --plain attend SK-W9 4
is "unmarked" "8 9 10 11 12 13" \
	"$(awk -F'\t' '$4 == "" { printf "%s%s", s, $1; s = " " }' out)"
on B2 attend SK-W9 4 --set 8=absent --set 9=excused --set 10=present --set 11=present \
	--set 12=present --set 13=present
has "SK-W9 day 4, Thu 15 Apr: 11 present, 1 excused, 1 absent"
synced B2 6 6 0 0 0
for laptop in N A OF; do
	on $laptop sync
done
on N device list
has "[!!] 1 laptop is new since you last looked here"
on N device list
has_not "new since you last looked"
on N --csv findings SK-W9 --gate
! grep -q '^V18,' out || fail "marks are still missing"
on OF --csv totals SK-W9
has "SK-W9,SK,GP01,"
server_end
