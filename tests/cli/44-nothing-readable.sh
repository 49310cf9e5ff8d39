#!/bin/sh
# 44-nothing-readable.sh - sec_38: a whole season lies at the server and goes over the line
# to a laptop that joins; no name, text, field, kind or passphrase of it is in any file or
# log of the server, nor in what the line carried.
. "$(dirname "$0")/lib.sh"
. "$source_dir/tests/season.sh"

part "the sample season"
season_kept OF-1 SK-N1
mv kept/devices/* .
mv kept/server SRV
mv OF-1 OF
today=2027-02-10
server_up
line_up --record "$dir/wire"
for laptop in SK-N1 OF; do
	on $laptop sync --server "127.0.0.1:$line_port"
done

part "all of it goes over a line that is recorded, in both directions"
joins NEW SK-N1 SK-N9 coordinator
on SK-N1 sync
on NEW sync
on NEW org add SK-C9 --set kind=youth_club --set name="Kanárik nad Hronom"
on NEW sync
on SK-N1 sync
on SK-N1 --csv export organisation
has "Kanárik nad Hronom"

# needles FILE COLUMN...: cells of at least five bytes of a file of the season.
needles() {
	/usr/bin/python3 - "$season/$1" "$2" <<'END'
import csv, sys
for row in csv.DictReader(open(sys.argv[1], encoding="utf-8")):
    word = row[sys.argv[2]].strip()
    if len(word.encode()) >= 5:
        print(word)
END
}
part "what is looked for"
{
	needles young_people.csv given_name
	needles young_people.csv family_name
	needles persons.csv family_name
	needles persons.csv email
	needles organisations.csv name
	needles practices.csv title
	needles activities.csv title
	needles stakeholders.csv given_name
	find "$season/texts" -type f -exec cut -c 1-60 {} + | grep -E '.{20}'
	# Names of kinds and fields that no other word of a program is.
	sed -nE 's/^(KIND|FIELD)\(.*"([a-z]+_[a-z_]+)".*/\2/p' "$source_dir/common/core/schema.def"
	cat "$phrase"
	echo "Kanárik nad Hronom"
} | sort -u >words
[ "$(wc -l <words)" -ge 300 ] || fail "too few words: $(wc -l <words)"
# They are the right ones: the laptop that joined has them.
on NEW --csv export young
grep -cFf words out >hits || true
[ "$(cat hits)" -ge 10 ] || fail "the laptop's export has $(cat hits) lines with such words"

part "sec_38: none of it is in the server's files, its log, or on the line"
server_end
[ "$(wc -c <wire)" -ge 20000 ] || fail "the line carried $(wc -c <wire) bytes only"
for place in SRV server.log wire; do
	! grep -rlaiFf words "$place" >hits || fail "in the clear: $(cat hits): $(
		grep -raioFf words "$place" | sort | uniq -c | head -n 5)"
done

part "the search can find: a word that is said in the clear"
server_up
line_up --record "$dir/wire"
/usr/bin/python3 - "$line_port" <<'END'
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as s:
    s.sendall("Kanárik nad Hronom".encode())
    s.settimeout(5)
    try:
        s.recv(1)
    except OSError:
        pass
END
grep -qaiFf words wire || fail "the recording does not show what was said"
server_end
