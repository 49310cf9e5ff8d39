#!/bin/sh
# 65-clock-ahead.sh - a laptop whose clock is years ahead: its edit is kept and shown, and
# whoever fetches it is told which (V8).
. "$(dirname "$0")/lib.sh"
[ -z "${PNET_SANITIZED:-}" ] || {
	echo "skipped: without faketime no clock is ahead"
	exit 0
}

at "2027-04-12 09:00:00"
found SK
on OF practice new GP01 --set title="Street art"
on OF sync
on SK-N1 sync
on SK-N1 org add SK-C1 --set kind=youth_club --set name=Klub
on SK-N1 workshop new SK-W9 --practice GP01 --org SK-C1 --start 2027-04-12
on SK-N1 sync
on SK-N1 --csv findings SK-W9
! grep -q '^V8' out || fail "V8 without a reason: $(cat out)"

part "sec_32: the coordinator's clock says 2031, and the office fetches what she wrote"
at "2031-01-01 09:00:00"
on SK-N1 activity edit SK-W9 --set title="Street-art dialogue lab"
at "2027-04-12 10:00:00"
on SK-N1 sync
on OF sync
on OF --plain activity list
has "SK-W9"
on OF --csv --today 2027-04-12 findings
has "V8,info,SK-W9,1,edit time more than 24 h ahead of the server's time"
server_end
echo "an edit from 2031 is kept, shown and listed"
