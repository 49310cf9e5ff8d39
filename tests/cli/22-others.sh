#!/bin/sh
# 22-others.sh - what others did while this laptop was away: values that changed since they
# were shown, a laptop that was revoked, a server that shows another membership log. Their
# complaints, with all four parts.
. "$(dirname "$0")/lib.sh"

at "2027-04-12 09:00:00"
fails() {
	on_exit "$@"
	complains
}

found SK
workshop
joins N2 SK-N1 SK-N2 coordinator
joins T3 SK-N1 SK-T3 trainer
on SK-N1 sync
on N2 sync
on B sync

part "the values changed since they were shown"
on B attend SK-W9 1 --set 4=late
on SK-N1 attend SK-W9 1 --set 4=absent
on SK-N1 sync
on B sync
on B review --list
has "settle: pnet review 1 --take 1"
on SK-N1 attend SK-W9 1 --set 4=excused
on SK-N1 sync
on B sync
fails 3 B review 1 --take 1 <<END
pnet: the values changed since they were shown (PN-C02)
  why   SK-W9 · 4 Tadeáš Mráz · day 1, Mon 12 Apr: now it is 1 excused by SK-N1, 2 late by SK-T2
  data  nothing was changed
  next  pnet review 1 --take 1    or another of them
END
on B review 1 --take 1
on B sync
on SK-N1 sync

part "a laptop that was revoked"
on SK-N1 member revoke SK-T3 --yes
fails 77 T3 sync <<END
pnet: this laptop was revoked (PN-K02)
  why   SK-N1 took this laptop out of the network on 12 Apr 09:00
  data  nothing is lost: everything is saved here
  next  pnet status    shows what was not sent
END

part "the others go on, under keys that he does not have"
on B attend SK-W9 2 --rest present
synced B 12 12 NN 0 0
synced SK-N1 0 0 12 12 0
on N2 sync
same_state N2 SK-N1

part "sec_16: a server that shows another membership log, as long as ours"
on B sync
server_end
cp -r SRV SRV.fork
server_up
line_up
on SK-N1 invite SK-T8 --role trainer
on B sync
server_end
mv SRV SRV.true
mv SRV.fork SRV
server_up
line_up
on N2 invite SK-T9 --role trainer
on B attend SK-W9 3 --rest present
forked() {
	on_exit 77 B sync
	sed -i -E 's/[0-9a-f]{8} (at|here)/ID \1/g' err
	complains
}
forked <<END
pnet: two different membership records stand at one place (PN-S02)
  why   record NN of the log of SK is ID at the server and ID here
  data  nothing is lost: everything stays on this laptop
  next  pnet verify    and compare the digits with your coordinator by phone before anything else
END

part "and one that is longer"
on N2 invite SK-T7 --role trainer
forked <<END
pnet: two different membership records stand at one place (PN-S02)
  why   record NN of the log of SK is ID at the server and ID here
  data  nothing is lost: everything stays on this laptop
  next  pnet verify    and compare the digits with your coordinator by phone before anything else
END
on B --json status
is "what waits at B" 12 "$(figure unsent)"

part "the true one is back: B goes on"
server_end
rm -rf SRV
mv SRV.true SRV
server_up
line_up
synced B 12 12 0 0 0
synced SK-N1 0 0 12 12 0
server_end
