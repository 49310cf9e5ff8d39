#!/bin/sh
# 41-lost-server.sh - the whole server is lost, and one with the same key and nothing else
# stands in its place: who it cannot know yet is told to wait, the office's laptop gives the
# logs back, and all that any laptop held is there again. And a server that takes a value
# away without a cause is found out (sec_35).
. "$(dirname "$0")/lib.sh"

at "2027-04-12 09:00:00"
found SK
workshop
day_of_marks B 1
on B sync
on SK-N1 sync
cp -a B C
day_of_marks B 2
on B sync
on SK-N1 sync
on OF sync
on B sync
state B >held.B
state SK-N1 >held.N1
day_of_marks B 3 late
on C attend SK-W9 4 --rest absent

part "a new server with the key of the old one, and nothing else"
server_end
mv SRV SRV.lost
mkdir -m 700 SRV
cp -p SRV.lost/server.key SRV.lost/pnetd.conf SRV/
echo "recovery = yes" >>SRV/pnetd.conf
server_up
line_up
on_exit 77 B sync
has "PN-S03"
has "the server's log of SK has 0 records"
has "pnet sync    after a coordinator or the office has done so"
on_exit 77 SK-N1 sync
state SK-N1 >now
cmp held.N1 now || fail "SK-N1 took something over from an empty server"
on B --json status
is "what waits at B" 12 "$(figure unsent)"

part "the office begins, then all come"
on OF sync
has "gave back what it knows of NET, SK"
on B sync
has "gave back what it knows of NET, SK"
has "sent 12 changes (12 marks), stored by server 12"
try C sync
has "PN-K03"
on SK-N1 sync
on OF sync
on_exit 75 B sync # it sees what C sent in its name
has "PN-K03"
for each in C SK-N1 B; do
	on $each sync
done
for each in SK-N1 OF B C; do
	nothing_to_sync $each NN
done
same_state B C
grep -F 'sheet_marks' held.B | while read -r row; do
	state C | grep -qF "$row" || fail "lost with the server: $row"
done
on SK-N1 --plain attend SK-W9 4
is "marks of the copy" 12 "$(cut -f4 out | grep -c absent)"
on SK-N1 --plain attend SK-W9 3
is "marks that waited" 12 "$(cut -f4 out | grep -c late)"
joins N2 SK-N1 SK-N2 coordinator
on SK-N1 sync
on N2 sync
on SK-N1 sync
same_state SK-N1 N2
for each in OF SK-N1; do # everything came: nothing is listed as lost
	on $each --json status
	has '"lost":[]'
done

part "sec_35: the server takes a sheet away and says nothing of who replaced it"
on B attend SK-W9 5 --rest excused
on B sync
server_end
lsn=$(sqlite3 SRV/SK.db "SELECT max(lsn) FROM batch")
server_up
line_up
on N2 sync
on SK-N1 young add SK-W9 --given Eva --family Neskorá --birth-year 2011
on SK-N1 sync
server_end
sqlite3 SRV/SK.db "INSERT INTO dead SELECT (SELECT max(lsn) FROM batch), key FROM op WHERE
	key / 256 = $lsn AND record IS NOT NULL; DELETE FROM op WHERE key / 256 = $lsn"
server_up
line_up
on N2 sync
has_not "without a word"
on N2 --plain attend SK-W9 5
is "marks that the server took away" 0 "$(cut -f4 out | grep -c excused)"
at "2027-04-18 09:00:00"
on N2 sync
has_not "without a word"
at "2027-04-20 09:00:00"
on N2 sync
has "[!!] values that SK-T2 wrote went without a word of who replaced them: "
has " since Mon 12 Apr 09:00; the server withholds it, or somebody dropped them    pnet history"
server_end
