#!/bin/sh
# season.sh - the programs on a generated season of a million marks: coordinators enter and
# close it through the client's commands, two countries at a time; the office syncs; then
# season_figures.py times single commands and compares the totals with the generator's.
#
# usage: sh tests/bench/season.sh BIN DIR [MARKS]
#   BIN   folder with pnet and pnetd (a Release build)
#   DIR   emptied; the network stays there, see season_figures.py for measuring it again
# Takes a quarter of an hour with a million marks: thousands of workshops are closed one by
# one, as people do it.
set -eu
bin=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
marks=${3:-1000000}
rm -rf "$2" && mkdir -p "$2"
dir=$(cd "$2" && pwd)
cd "$dir"
today=2028-01-03 # 156 weeks after the first Monday
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM

# The cheapest passphrase, and laptops that stay unlocked: neither is measured here.
echo "a phrase to measure with" >phrase
as() {
	device=$1
	shift
	cost=
	case "$1 ${2:-}" in "join "* | "network found") cost="--kdf-memory 64 --kdf-passes 2" ;; esac
	# shellcheck disable=SC2086
	"$bin/pnet" --data "$dir/$device" --today $today --passphrase-file phrase "$@" $cost \
		>"$device.out" 2>"$device.err" || {
		echo "season: $device: pnet $* ended with $?" >&2
		tail -n 5 "$device.out" "$device.err" >&2
		return 1
	}
}

/usr/bin/python3 "$here/generate.py" season --marks "$marks" >&2

# A file may hold 20,000 rows: workshops go in by hundreds, with their people.
cat >split.py <<'END'
import csv, os
AT_ONCE = 1000
def rows(name):
    with open(f"season/{name}.csv", encoding="utf-8", newline="") as f:
        reader = csv.reader(f)
        return next(reader), list(reader)
def write(folder, name, header, lines):
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/{name}.csv", "w", encoding="utf-8", newline="") as f:
        w = csv.writer(f, lineterminator="\n")
        w.writerow(header)
        w.writerows(lines)
for name, key in (("activities", 0), ("activity_days", 0), ("team", 0), ("enrolments", 1),
                  ("marks", 0)):
    header, lines = rows(name)
    at = {}
    for line in lines:
        code = line[key].rsplit("-E", 1)[0]
        country, n = code.split("-W")
        # A marks file of 200 workshops stays under the limit of rows.
        size = AT_ONCE // 5 if name in ("marks", "activity_days") else AT_ONCE
        at.setdefault((country, (int(n) - 1) // size), []).append(line)
    for (country, part), some in at.items():
        write(f"parts/{country}", f"{name}.{part:03}", header, some)
    if name == "enrolments":
        people_header, people = rows("young_people")
        of = {p[0]: p for p in people}
        for (country, part), some in at.items():
            refs = sorted({line[3] for line in some})
            write(f"parts/{country}", f"people.{part:03}", people_header,
                  [of[r] for r in refs])
END
/usr/bin/python3 split.py

as OF network found OF-1
tail -n 1 OF.out >network
as OF unlock --for 24h
"$bin/pnetd" init server --network "$(cat network)" >key 2>/dev/null
"$bin/pnetd" serve --data server --listen 127.0.0.1:0 --port-file port --allow-root \
	>pnetd.log 2>&1 &
server=$!
for _ in $(seq 100); do [ -s port ] && break || sleep 0.05; done
as OF network server "127.0.0.1:$(cat port)" "$(cat key)"
as OF import country season/countries.csv
as OF import practice season/practices.csv
for country in $(ls parts); do
	as OF network country "$country"
	as OF invite "$country-N1" --role coordinator --country "$country" --out invite
	as "$country-N1" join --file invite
	as "$country-N1" unlock --for 24h
	rm invite
done
as OF sync

enter() {
	country=$1
	n=$country-N1
	as "$n" sync
	as "$n" import organisation season/organisations.csv
	as "$n" import person season/persons.csv
	for file in "parts/$country"/activities.*; do as "$n" import activity "$file"; done
	for file in "parts/$country"/activity_days.*; do as "$n" import activity_day "$file"; done
	for file in "parts/$country"/team.*; do as "$n" import team "$file"; done
	for file in "parts/$country"/enrolments.*; do
		as "$n" import enrolment "$file" --people "$(echo "$file" | sed 's/enrolments/people/')"
	done
	for file in "parts/$country"/marks.*; do as "$n" import marks "$file"; done
	as "$n" sync
	awk -F, -v c="$country" '$3 == c && $9 == "closed" { print $1 }' season/activities.csv |
		while read -r workshop; do as "$n" close "$workshop"; done
	grep "^$country-" season/reopened.csv | while read -r workshop; do
		as "$n" reopen "$workshop" --reason "a late paper"
		as "$n" close "$workshop"
	done
	as "$n" sync
	as "$n" sync # what came back of its own
	echo "season: $country entered" >&2
}

ls parts | while read -r first; do
	read -r second || second=
	(enter "$first") &
	one=$!
	[ -z "$second" ] || (enter "$second")
	wait $one
done
as OF sync
/usr/bin/python3 "$here/season_figures.py" "$bin/pnet" "$dir"
