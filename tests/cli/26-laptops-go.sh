#!/bin/sh
# 26-laptops-go.sh - members and laptops change: somebody leaves a team, a guest's second
# laptop, another role, a revocation that was decided without a network, and the last
# coordinator, who cannot go.
. "$(dirname "$0")/lib.sh"

at "2027-04-12 09:00:00"
found DE SK
workshop
joins A DE-N1 DE-T3 trainer
on DE-N1 sync
on SK-N1 activity team SK-W9 add DE-T3 --experienced --until 2027-05-14
joins T4 SK-N1 SK-T4 trainer
on SK-N1 activity team SK-W9 add SK-T4 --new
on SK-N1 sync
on A sync
on T4 sync
on A young list SK-W9
on T4 young list SK-W9

part "a member invites himself, and nobody else in the same breath"
on_exit 64 A invite SK-T9 --self
has "--self invites yourself"
on_exit 64 A invite
has "who? name a member, or say --self"
on A invite --self -o invite-a2
on A2 join --file invite-a2
on A2 member show
is "laptops of DE-T3" 2 "$(grep -c '^DE  *DE-T3' out)"

part "a guest's second laptop gets the workshop when he is added again"
on SK-N1 activity team SK-W9 add DE-T3 --experienced --until 2027-05-14
on SK-N1 sync
on A2 sync
on A2 young list SK-W9
same_state A A2

part "a trainer leaves a team: his laptop forgets the names, the others go on"
on T4 attend SK-W9 1 --set 1=present
on T4 sync
on SK-N1 activity team SK-W9 remove SK-T4
has "SK-T4 leaves the team of SK-W9"
on_exit 66 SK-N1 activity team SK-W9 remove SK-T4
has "SK-T4 is not on the team of SK-W9"
on SK-N1 sync
on T4 sync
on_exit 77 T4 young list SK-W9
on B sync
on B attend SK-W9 1 --set 2=late
synced B 1 1 0 0 0
on SK-N1 sync
on SK-N1 attend SK-W9 1
has "1 present, 1 late, 10 unmarked"
on SK-N1 activity team SK-W9
has_not "SK-T4"

part "a guest leaves his only team: he reads nothing of the country any more"
on SK-N1 activity team SK-W9 remove DE-T3
on SK-N1 sync
for laptop in A A2; do
	on $laptop sync
	on_exit 66 $laptop young list SK-W9
done
nothing_to_sync SK-N1

part "he is asked again"
on SK-N1 activity team SK-W9 add DE-T3 --experienced --until 2027-05-14
on SK-N1 sync
on A sync
on A attend SK-W9 1
has "1 present, 1 late, 10 unmarked"

part "members compare what they see"
on B sync
on SK-N1 verify
cp out digits
is "digits" 1 "$(grep -Ec '^([0-9]{5} ){11}[0-9]{5}$' digits)"
on B verify
cmp -s digits out || fail "B sees other members or keys"

part "who may take laptops out"
on_exit 77 B device revoke SK-T4 --yes
has "laptops of SK are revoked by its coordinators"
on_exit 77 SK-N1 device revoke DE-N1 --yes
has "laptops of DE are revoked by its coordinators"
on_exit 77 SK-N1 member revoke SK-N1 --yes
has "that is the laptop you sit at"
on_exit 66 SK-N1 device revoke SK-T9 --yes
has "no laptop in use has that name or number"

part "a laptop gets a name, and is found by it"
on SK-N1 device rename SK-T4 "old Lenovo"
on SK-N1 device list
has "old Lenovo"

part "without a network: it waits, and is in force from the next sync on"
line_down
on_exit 75 SK-N1 device revoke "old Lenovo" --yes
has "the revocation waits on this laptop"
on SK-N1 status
has "1 revocation, not in force before: pnet sync"
line_up
on T4 sync
on SK-N1 sync
on SK-N1 status
has_not "revocation"
on_exit 77 T4 sync
has "SK-N1 took this laptop out of the network"

part "-n says what would be, and does nothing"
on SK-N1 -n member revoke SK-T2
has "3 scopes"
on B sync

part "another role: the old laptop goes, the member joins anew with the new one"
on B attend SK-W9 1 --set 3=present
on B sync
on SK-N1 member role SK-T2 coordinator --yes -o invite-b2
has "invite for SK-T2 as coordinator"
on_exit 77 B sync
on B2 join --file invite-b2
on B2 sync
on SK-N1 sync
on B2 sync
on B2 attend SK-W9 1
has "2 present, 1 late, 9 unmarked"
on B2 member list
grep -Eq '^SK +SK-T2 +coordinator +yes +1' out || fail "no coordinator SK-T2"

on SK-N1 verify
! cmp -s digits out || fail "the digits did not change with the members"

part "sec_18: the last coordinator cannot go"
on B2 sync
on B2 member revoke SK-N1 --yes
on_exit 77 SK-N1 sync
joins N3 B2 SK-N3 coordinator
on B2 sync
on N3 sync
on N3 device revoke SK-T2 --yes
on_exit 77 B2 sync
on_exit 77 N3 member revoke SK-N3 --yes

part "the server gets another key: nobody speaks to it before somebody says so"
server_end
network=$("$pnet" --data "$dir/N3" network show | sed -n 's/^network  //p')
"$pnetd" init "$dir/other" --network "$network" >other.key 2>>"$transcript"
cp other/server.key SRV/server.key
server_up
line_up
on_exit 77 N3 sync
has "(PN-N04)"
on_exit 65 N3 server NONSENSE
on N3 server "$(sed 's/^key //' other.key | tail -n 1)"
on N3 sync
server_end
