#!/bin/sh
# 01-join.sh - a trainer joins with a code while the inviter is away, and everything that
# can be wrong with a code ends with a clear error and leaves nothing behind.
. "$(dirname "$0")/lib.sh"

at "2027-04-01 09:00:00"
found SK

part "sec_20: the inviter is offline"
on SK-N1 invite SK-T2 --role trainer -o invite-sk-t2.txt
shows_nothing
is "mode of the file with the code" 600 "$(stat -c %a invite-sk-t2.txt)"
[ "$(tr -d '\n' <invite-sk-t2.txt | wc -m)" -le 140 ] || fail "the code is over 140 characters"
on B join --file invite-sk-t2.txt
shows <<END
[ok] code complete    server SERVER is the one the invite names
[ok] keys made, local data sealed, joined SK as trainer (SK-T2), key boxes opened: ready    invited by SK-N1
[ok] fetched 0 changes
next: pnet activity list    pnet status
END
is "mode of the folder" 700 "$(stat -c %a B)"
on B activity list
on B status
shows <<END
On this laptop   0 changes (0 marks) not yet stored by the server
Last sync        Thu 01 Apr 09:00
Needs you        nothing
END
nothing_to_sync B

part "sec_21: a code works once"
on_exit 77 C join --file invite-sk-t2.txt
complains <<END
pnet: the invite cannot be used any more (PN-I02)
  why   it was used already: each code works once
  data  nothing was kept of this join
  next  pnet join CODE    with a new code of your coordinator
END
[ ! -e C ] || fail "a join that failed left the folder C"

part "sec_22: one wrong character: no packet leaves"
on SK-N1 invite SK-T3 --role trainer -o invite-sk-t3.txt
line_down
code_text=$(cat invite-sk-t3.txt)
head=${code_text%%/*}
body=${code_text#*/}
first=$(printf %s "$body" | cut -c1)
[ "$first" = 7 ] && other=8 || other=7
printf '%s/%s%s\n' "$head" "$other" "$(printf %s "$body" | cut -c2-)" >mistyped.txt
on_exit 65 C join --file mistyped.txt
complains <<END
pnet: the invite is mistyped (PN-I01)
  why   the checksum fails; most likely the character at place NN (group 1)
  data  nothing was sent; nothing was changed
  next  pnet join CODE    with the code as it was given
END
printf '%s\n' "${code_text%?????}" >short.txt
on_exit 65 C join --file short.txt
has "characters"
on_exit 65 C join nonsense
complains <<END
pnet: the invite is mistyped (PN-I01)
  why   in front of the code HOST:PORT/ is missing or mistyped
  data  nothing was sent; nothing was changed
  next  pnet join CODE    with the code as it was given
END
on_exit 66 C join --file nowhere.txt
[ ! -e C ] || fail "a join that failed left the folder C"

part "no network"
on_exit 69 C join --file invite-sk-t3.txt
complains <<END
pnet: could not reach the server (PN-N01)
  why   no answer from SERVER: connection refused
  data  nothing was kept of this join
  next  pnet join CODE    when there is a network
END
[ ! -e C ] || fail "a join that failed left the folder C"

part "sec_23: another server answers at that address"
on OF2 network found OF-9
"$pnetd" init SRV2 --network "$(tail -n 1 out)" >key2 2>>"$transcript"
own=$dir/SRV
mv SRV SRV1
mv SRV2 SRV
own_pid=$server_pid own_port=$server_port
server_port=
server_up
line_up
on_exit 77 C join --file invite-sk-t3.txt
complains <<END
pnet: the line broke, or the server's key is not the invite's (PN-N04)
  why   closed without an answer to the first message: a server with another key or network does so (SERVER)
  data  nothing was kept of this join
  next  pnet join CODE    once more; if it stays so, ask your coordinator
END
[ ! -e C ] || fail "a join that failed left the folder C"
server_kill
mv SRV SRV2
mv SRV1 SRV
server_pid=$own_pid server_port=$own_port

part "a login page answers at that address"
printf 'HTTP/1.1 200 OK\r\n\r\n<html>Welcome to Hotel Wi-Fi, please log in</html>\n' >page.html
line_up --answer page.html
on_exit 77 C join --file invite-sk-t3.txt
complains <<END
pnet: this is not our server (PN-N02)
  why   something else than a server of ours answered (SERVER)
  data  nothing was kept of this join
  next  pnet join CODE    after a browser has shown the network's login page
END
[ ! -e C ] || fail "a join that failed left the folder C"

part "sec_21: two weeks later the code has expired"
line_up
at "2027-04-15 09:00:01"
on_exit 77 C join --file invite-sk-t3.txt
complains <<END
pnet: the invite cannot be used any more (PN-I02)
  why   it has expired
  data  nothing was kept of this join
  next  pnet join CODE    with a new code of your coordinator
END
[ ! -e C ] || fail "a join that failed left the folder C"

part "with a new code all is well, and a laptop joins once"
joins C SK-N1 SK-T3 trainer
on C status
on SK-N1 invite SK-T1 --role trainer -o again.txt
on_exit 77 C join --file again.txt
has "this laptop has joined already, as SK-T3"
on SK-N1 sync
on SK-N1 --plain member list
shows <<END
NET	OF-1	office	yes	1
SK	SK-N1	coordinator	yes	1
SK	SK-T2	trainer	yes	1
SK	SK-T3	trainer	yes	1
END
server_end
