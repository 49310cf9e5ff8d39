#!/bin/sh
# 37-adopt.sh - a lost laptop had written a bundle before it was revoked. The server takes
# it from nobody, since a thief could have written it; it is kept by who has the stick, goes
# from stick to stick, and a coordinator takes what is recognised and drops the rest.
. "$(dirname "$0")/lib.sh"

at "2027-04-12 09:00:00"
found SK
workshop
joins A SK-N1 SK-T4 trainer
on SK-N1 activity team SK-W9 add SK-T4 --new
for laptop in SK-N1 A B; do
	on $laptop sync
done
mkdir stick passed evil

# states LAPTOP: "state ops-in-the-bytes" of each batch that it carries for others.
states() {
	unseal "$1" copy.db
	sqlite3 -separator ' ' copy.db \
		"SELECT state, length(wire) FROM r_pending WHERE is_carried = 1"
}

part "B writes without a network, then the laptop is gone; the stick is in A's bag"
line_down
on B attend SK-W9 1 --set 4=absent --rest present
on B young add SK-W9 --given Hana --family Bieliková --birth-year 2011 --gender f
on B young edit SK-W9 Gajdošová --set birth_year=2009
on B sync --via stick
cp -r B stolen
rm -r B
line_up
on SK-N1 device revoke SK-T2 --yes
on SK-N1 attend SK-W9 1 --set 4=late
on SK-N1 sync

part "A, who has not heard of it, sees it and writes over it until the server says no"
on A sync --via stick
has "18 new changes (12 marks)"
on A attend SK-W9 1
has "11 present, 1 absent"
on A young edit SK-W9 Gajdošová --set birth_year=2008
try A sync
has "[x] refused by the server: its device was revoked"
on A attend SK-W9 1
has "1 late, 11 unmarked"
on A status
has "Lost laptop      1 part of it brought here wait for a coordinator: pnet device adopt"
on_exit 77 A device adopt SK-T2 --yes
has "only a coordinator of SK"
has "nothing is lost: it stays on this laptop, sealed, and travels on"

part "by A's stick it comes to N, who knows: it is kept, and shown to nobody"
on A sync --via passed
on SK-N1 sync --via passed
has "[!!] 1 part came from a laptop that was revoked since: kept here, sealed, not counted"
on SK-N1 sync
on SK-N1 attend SK-W9 1
has "1 late, 11 unmarked"
on SK-N1 --plain device adopt
is "what was brought" "SK SK-T2 SK-W9" "$(cut -f1-3 out | tr '\t' ' ' | sort -u)"
on SK-N1 device adopt SK-T2 -n
has "A laptop of SK-T2 sealed 17 changes (12 marks) that the server never had"
on_exit 64 SK-N1 device adopt SK-T2
on SK-N1 attend SK-W9 1
has "1 late, 11 unmarked"

part "what SK-T2 recognises is taken: a mark of today stands beside the one of the stick"
on SK-N1 device adopt SK-T2 --yes
has "[ok] 17 changes (12 marks) of SK-T2 adopted"
on SK-N1 attend SK-W9 1
has "11 present, 1 unmarked, 1 in conflict"
on SK-N1 review --list
has "absent"
has "SK-T2"
# What A wrote over it stays.
on SK-N1 young show SK-W9 Gajdošová
has "2008"
has_not "2009"
synced SK-N1 17 12 0 0 1
on A sync
on A attend SK-W9 1
has "11 present, 1 unmarked, 1 in conflict"
on A young list SK-W9
has "Hana"

part "the same stick once more brings nothing, and A's copy goes at a word"
on SK-N1 sync --via passed
has "0 new changes (0 marks)"
has_not "revoked since"
on SK-N1 device adopt
has "nothing of a lost laptop was brought here"

part "an erased person leaves what is carried too"
states A >before
is "batches that A carries" "2" "$(cut -d' ' -f1 before | tr '\n' ' ' | sed 's/ $//')"
on SK-N1 --plain young list SK-W9
y=$(awk -F'\t' '$2 == "Hana Bieliková" { print $3 }' out)
on SK-N1 erase "$y" --reason consent --confirm "$y"
on SK-N1 sync
on A sync
states A >after
cat after >>"$transcript"
is "state of what A carries" "3" "$(cut -d' ' -f1 after)"
mkdir later
on A sync --via later
on SK-N1 sync --via later
has_not "revoked since"
on A device adopt SK-T2 --drop --yes
on A device adopt
has "nothing of a lost laptop was brought here"

part "sec_19: what the thief writes comes no further: dropped, it does not come again"
on stolen attend SK-W9 2 --set 1=absent
on stolen sync --via evil
on SK-N1 sync --via evil
has "revoked since: kept here, sealed, not counted"
on SK-N1 attend SK-W9 2
has "12 unmarked"
on SK-N1 device adopt SK-T2 --drop --yes
on SK-N1 sync --via evil
on SK-N1 device adopt
has "nothing of a lost laptop was brought here"
on SK-N1 attend SK-W9 2
has "12 unmarked"

part "what was cut of an erased person stays away when the rest is adopted"
mkdir cut
on SK-N1 --plain young list SK-W9
y=$(sed -n 1p out | cut -f 3)
on stolen young edit SK-W9 "$y" --set birth_year=2010
on stolen attend SK-W9 3 --rest late
on stolen sync --via cut
on SK-N1 sync --via cut
has "revoked since: kept here, sealed, not counted"
on SK-N1 erase "$y" --reason consent --confirm "$y"
on SK-N1 device adopt SK-T2 --yes
on SK-N1 attend SK-W9 3
has "11 late"
try SK-N1 sync
is "exit of the sync" 0 "$code"
on A sync
on A attend SK-W9 3
has "11 late"
on A --plain young list SK-W9
has_not "$y"
server_end
