#!/bin/sh
# 30-laptops.sh - laptops beyond the first: an office's second and third device, a second
# coordinator who plans at the same time, a trainer's second laptop; and what is said to
# those who ask for what they cannot have.
. "$(dirname "$0")/lib.sh"

at "2027-04-12 09:00:00"

part "a founder who has named no server yet is told how"
on OF network found OF-1
network=$(tail -n 1 out)
on_exit 4 OF sync
has "its server is not named yet"
has "pnetd init DIR --network $network"
has "pnet network server HOST:PORT KEY"
rm -r OF


found SK
workshop

part "countries: twice, not admitted, without the root key"
on_exit 65 OF network country SK
has "the country SK is admitted already"
on_exit 66 OF invite PL-N1 --role coordinator --country PL
has "the country PL is not admitted"

part "an office invites before it has heard of the country's newest records"
joins N2 SK-N1 SK-N2 coordinator
joins OF2 OF OF-2 office
on OF2 sync
on SK-N1 sync
on OF sync
on OF2 sync
on OF2 totals --csv
has "SK-W9"
on_exit 77 OF invite SK-T9 --role trainer --country SK
has "members of SK are invited by its coordinators; the office names the first one only"
on_exit 77 OF2 network country PL
has "the root key is not in"
has_not "network found"

part "an office device invited before a country was founded reads it too"
on OF invite OF-3 --role office -o invite-of3
on OF network country CZ
joins CZ-N1 OF CZ-N1 coordinator --country CZ
on CZ-N1 import organisation "$season/organisations.csv"
on CZ-N1 sync
on OF3 join --file invite-of3
on OF3 org list --csv
has "CZ-C1"
has "SK-C1"

part "two coordinators plan at the same time: both can work on both"
on SK-N1 workshop new SK-W5 --practice GP01 --org SK-C1 --start 2027-05-10
on N2 workshop new SK-W5 --practice GP01 --org SK-C1 --start 2027-05-17
on SK-N1 sync
on N2 sync
on SK-N1 sync
on_exit 66 N2 young list SK-W5
has "several activities have the code SK-W5 (V7)"
has "pnet activity show SK-W5@"
for one in $(sed -n 's/.*show \(SK-W5@[0-9a-f]*\).*/\1/p' err); do
	on N2 young add "$one" --given Jana --family Novotná --birth-year 2011
	on SK-N1 activity show "$one"
done
on N2 sync
on SK-N1 sync
same_state N2 SK-N1
on N2 invite SK-N3 --role coordinator -o invite-n3
on N3 join --file invite-n3
on N3 young find novotna --csv
is "entries that a third coordinator sees" 3 "$(wc -l <out | tr -d ' ')"

part "one of the two gets another code"
on SK-N1 activity edit "$one" --set code=SK-W6
on SK-N1 sync
on N2 sync
on N2 activity show SK-W5
on N2 activity show SK-W6

part "a trainer's second laptop: any coordinator's next sync gives it what the first reads"
on B invite SK-T2 --role trainer -o invite-b2
on B2 join --file invite-b2
on_exit 77 B2 young list SK-W9
on B2 status
has "Keys awaited     1 scope"
on N2 sync
nothing_to_sync N2
on B2 sync
on B2 young list SK-W9
on B sync
same_state B B2
on_exit 77 B invite SK-T8 --role trainer

part "who does not hold the keys plans no youth workshop, and goes on syncing"
on_exit 77 OF workshop new SK-W7 --practice GP01 --org SK-C1 --start 2027-06-07
has "planned by a coordinator of its country"
on OF activity new SS-1 --type summer_school --start 2027-07-05
on OF sync
nothing_to_sync OF

part "names that cannot be"
on_exit 64 B young add SK-W9 --given "" --family Mala --birth-year 2011
on_exit 65 B young edit SK-W9 mraz --set given_name=
has "cannot be empty (V4)"
on_exit 66 B attend SK-W9 1 --set mras=present
has "do you mean Tadeáš Mráz?"

part "a weekday that two days share is none"
on B activity day SK-W9 5 --date 2027-04-19
on_exit 66 B attend SK-W9 mon
has "more than one of them"
server_end
