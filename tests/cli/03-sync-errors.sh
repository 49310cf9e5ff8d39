#!/bin/sh
# 03-sync-errors.sh - nobody answers, somebody else answers, the line breaks, the server is
# too new or dies: each says what it was, nothing is lost, and the next good sync ends it.
. "$(dirname "$0")/lib.sh"

at "2027-04-12 09:00:00"
found SK
workshop
day_of_marks B 1

# still_waiting: the twelve marks are where they were.
still_waiting() {
	on B --json status
	is "changes that wait" 12 "$(figure unsent)"
}

part "no network"
line_down
on_exit 69 B sync
shows_nothing
complains <<END
pnet: could not reach the server (PN-N01)
  why   no answer from SERVER: connection refused
  data  nothing is lost: 12 changes are saved here
  next  pnet sync    when there is a network
END
still_waiting
on_exit 1 B status --exit-code

part "the same as JSON"
on_exit 69 B --json sync
/usr/bin/python3 - out <<'END' || fail "the error is not one JSON object with its four parts"
import json, sys
e = json.loads(open(sys.argv[1]).read())
assert e["schema"] == "pnet.error/1" and e["code"] == "PN-N01" and e["exit"] == 69, e
assert all(e[part] for part in ("what", "why", "data", "next")), e
END

part "a login page"
printf 'HTTP/1.1 302 Found\r\nLocation: http://login.invalid/\r\n\r\n' >page.html
line_up --answer page.html
on_exit 77 B sync
complains <<END
pnet: this is not our server (PN-N02)
  why   something else than a server of ours answered (SERVER)
  data  nothing is lost: 12 changes are saved here
  next  pnet sync    after a browser has shown the network's login page
END
still_waiting

part "sec_23: another server of the same kind, with another key"
on OF2 network found OF-9
"$pnetd" init OTHER --network "$(tail -n 1 out)" >key2 2>>"$transcript"
mkdir aside
mv SRV aside/SRV
mv OTHER SRV
own_pid=$server_pid own_port=$server_port server_port=
server_up
line_up
on_exit 77 B sync
complains <<END
pnet: the line broke, or the server's key is not the invite's (PN-N04)
  why   closed without an answer to the first message: a server with another key or network does so (SERVER)
  data  nothing is lost: 12 changes are saved here
  next  pnet sync    once more; if it stays so, ask your coordinator
END
still_waiting
server_kill
mv SRV aside/OTHER
mv aside/SRV SRV
server_pid=$own_pid server_port=$own_port

part "the line breaks in mid-sync"
line_up --cut up:300:rst
on_exit 75 B sync
complains <<END
pnet: the link was lost (PN-N03)
  why   the connection ended in mid-exchange (SERVER)
  data  nothing is lost: 12 changes are saved here
  next  pnet sync    goes on where it stopped; nothing counts twice
END
still_waiting

part "sec_08: the server stores everything, its answer is lost"
line_up --cut down:96:fin
on_exit 75 B sync
has "PN-N03"
still_waiting

part "a good line: all is sent once, then nothing is left"
line_up
synced B 12 12 0 0 0
nothing_to_sync B
on B status --exit-code
synced SK-N1 0 0 12 12 0

part "the server dies, comes back, and has what it had acknowledged"
day_of_marks B 2 late
server_kill
try B sync
[ "$code" = 69 ] || [ "$code" = 75 ] || fail "without a server sync ended with $code"
has "nothing is lost: 12 changes are saved here"
server_up
synced B 12 12 0 0 0
nothing_to_sync B
synced SK-N1 0 0 12 12 0
nothing_to_sync SK-N1
on B sync
part "a new laptop reads the same"
joins N2 SK-N1 SK-N2 coordinator
on SK-N1 sync
on N2 sync
same_state SK-N1 N2
server_end
