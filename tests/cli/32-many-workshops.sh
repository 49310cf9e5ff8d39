#!/bin/sh
# 32-many-workshops.sh - a country with more workshops than one invite carries keys of: a
# coordinator who joins late opens every one of them, and until then he is told how many
# keys he waits for.
. "$(dirname "$0")/lib.sh"

at "2027-04-12 09:00:00"
n=${PNET_WORKSHOPS:-1500}
late=$((n - 1023)) # that an invite has no room for

found SK

part "a country of $n workshops"
on OF import practice "$season/practices.csv"
on OF sync
on SK-N1 sync
on SK-N1 import organisation "$season/organisations.csv"
{
	echo ref,type,country,org,practice,title,start,days,status
	for i in $(seq $n); do
		echo "SK-W$i,youth_workshop,SK,SK-C1,GP01,Workshop $i,2027-04-12,5,planned"
	done
} >many.csv
on SK-N1 import activity many.csv
on SK-N1 sync
nothing_to_sync SK-N1
on SK-N1 young add SK-W1 --given Jana --family Novotná --birth-year 2011
on SK-N1 young add SK-W$n --given Petr --family Malý --birth-year 2010
on SK-N1 sync

part "a new coordinator has the newest at once, and is told of the others"
joins N2 SK-N1 SK-N2 coordinator
on N2 young list SK-W$n
has "Petr Malý"
on_exit 77 N2 young list SK-W1
on N2 status
has "Keys awaited     $late scopes"
on N2 sync
has "the keys of $late scopes have not come yet"
on N2 --json status
is "keys that N2 waits for" $late "$(figure keys_awaited)"

part "the next sync of another coordinator gives him the rest, all of it"
on SK-N1 sync
nothing_to_sync SK-N1
on N2 sync
has_not "have not come yet"
on N2 --json status
is "keys that N2 waits for" 0 "$(figure keys_awaited)"
on N2 young list SK-W1
has "Jana Novotná"
same_state N2 SK-N1

part "he holds every key: he can hand all of them on"
joins N3 N2 SK-N3 coordinator
on N2 sync
on N3 sync
same_state N3 SK-N1
server_end

part "sec_61: the country's room at the server is used up: the work stays here and is told so"
sed -i '/^quota_mib/d' SRV/pnetd.conf
echo 'quota_mib = 1' >>SRV/pnetd.conf
server_up
line_up
on SK-N1 young add SK-W2 --given Eva --family Malá --birth-year 2012
on_exit 75 SK-N1 sync
has "sent 0 changes (0 marks), stored by server 0"
complains <<END
pnet: the server is full or busy (PN-N06)
  why   the room that the server has for the country is used up (the quota of the space is used up)
  data  nothing is lost: 4 changes are saved here
  next  pnet sync    once the operator of the server has raised quota_mib
END
on SK-N1 --json status
is "what waits" 4 "$(figure unsent)"
server_end
sed -i '/^quota_mib/d' SRV/pnetd.conf
server_up
line_up
synced SK-N1 4 0 NN 0 0
on N2 sync
on N2 young list SK-W2
has "Eva Malá"
server_end
