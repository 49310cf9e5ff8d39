#!/bin/sh
# 23-wait.sh - pnet sync --wait: what somebody else stores comes by itself, other commands
# write on the laptop meanwhile, and when the server is gone it says so and ends.
. "$(dirname "$0")/lib.sh"

at "2027-04-12 09:00:00"
found SK
workshop

part "B waits"
clocked "$pnet" --data B sync --wait >waits 2>waits.err &
waiter=$!
wait_for_file waits "the waiting sync"
# lines N WHAT: until that many syncs are told of.
lines() {
	for _ in $(seq 1000); do
		[ "$(grep -c '^\[ok\] in sync' waits)" -ge "$1" ] && return
		sleep 0.01
	done
	cat waits waits.err >&2
	fail "$2 did not come"
}
lines 1 "the first sync"

part "nothing holds the replica"
on B attend SK-W9 1 --rest present
on B --json status
is "what waits at B" 12 "$(figure unsent)"

part "the coordinator stores marks: B gets them, and sends its own"
on SK-N1 attend SK-W9 2 --rest late
on SK-N1 sync
lines 2 "what SK-N1 stored"
grep -q '^sent 12 changes (12 marks), stored by server 12    received 12 (12 marks)' waits ||
	fail "not both ways: $(cat waits)"
on B --json status
is "what waits at B" 0 "$(figure unsent)"

part "the line ends: so does the waiting, with a complaint"
line_down
code=0
wait $waiter || code=$?
cp waits.err err
is "exit code without a server" 69 $code
has "could not reach the server (PN-N01)"
server_end
