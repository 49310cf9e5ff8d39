#!/bin/sh
# 45-new-server-key.sh - the server is lost with its key: one with a new key takes its place.
# Laptops refuse it until each is told its key; then the office signs who it is, and nobody
# asks for the old one again.
. "$(dirname "$0")/lib.sh"

at "2027-04-12 09:00:00"
found SK
workshop
day_of_marks B 1
on B sync
on SK-N1 sync
on OF sync
state B >held.B
day_of_marks B 2

part "a new server with another key, and nothing else"
server_end
mv SRV SRV.lost
"$pnetd" init SRV --network "$(sed -n 's/^network *= *//p' SRV.lost/pnetd.conf)" >key 2>err ||
	fail "pnetd init ended with $?: $(cat err)"
key=$(sed 's/^key //' key | tail -n 1)
[ "$key" != "$server_key" ] || fail "the new server has the old key"
printf 'recovery = yes\nnew_per_prefix_per_s = 0\nhalf_open_per_prefix_max = 0\n' >>SRV/pnetd.conf
server_up
line_up
on_exit 77 B sync
has "PN-N04"
on B --json status
is "what waits at B" 12 "$(figure unsent)"

part "the office gives the logs back and signs the new key"
on OF server "$key"
on OF sync
has "gave back what it knows of NET, SK"
on OF network server "127.0.0.1:$line_port" "$key"
has "named: from now on all laptops look for its key"
on_exit 77 SK-N1 sync # nobody has told it yet
for each in SK-N1 B; do
	on $each server "$key"
	on $each sync
	has "gave back what it knows of NET, SK"
done

part "nothing is lost, and nobody asks for the old key again"
for round in 1 2; do
	for each in OF SK-N1 B; do
		on $each sync
	done
done
for each in OF SK-N1 B; do
	nothing_to_sync $each
done
grep -F 'sheet_marks' held.B | while read -r row; do
	state B | grep -qF "$row" || fail "lost with the server: $row"
done
on SK-N1 --plain attend SK-W9 2
is "marks that waited" 12 "$(cut -f4 out | grep -c present)"

part "a new laptop is invited to the new server"
joins N2 SK-N1 SK-N2 coordinator
on SK-N1 sync
on N2 sync
same_state SK-N1 N2
server_end
