#!/bin/sh
# demo.sh - the main job on real input: founds a network, starts the server on loopback,
# lets an office, coordinators and trainers join by invites, enters a season offline,
# syncs, and prints the office's consolidated table.
#
# usage: sh tests/demo.sh [--keep DIR] [--season DIR]
#   --keep DIR    leave the server's data, the laptops' folders and the tables in DIR
#   --season DIR  another season of the same form; its tables are printed, not compared
set -eu
cd "$(dirname "$0")/.."
here=$(pwd)

keep=
season=$here/tests/data/season
expected=$here/tests/data/expected
today=2027-02-10
while [ $# -gt 0 ]; do
	case $1 in
	--keep) keep=$2 ;;
	--season) season=$2 expected='' today='' ;;
	*)
		sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
		exit 64
		;;
	esac
	shift 2
done
season=$(cd "$season" && pwd)

# ---- build ----

# PNET_BIN names a folder with pnet and pnetd that are built already.
build=${PNET_BIN:-}
if [ -z "$build" ]; then
	sh tests/deps.sh
	build=${PNET_BUILD_DIR:-$here/build}/demo
	cmake -S . -B "$build" -G Ninja >/dev/null
	cmake --build "$build" --target pnet pnetd >"$build/build.log" 2>&1 || {
		cat "$build/build.log"
		exit 1
	}
fi

# ---- folders, server, tidy end ----

started=$(date +%s)
if [ -n "$keep" ]; then
	mkdir -p "$keep"
	dir=$(cd "$keep" && pwd)
	rm -rf "$dir/server" "$dir/devices" "$dir/out" "$dir/scratch"
else
	dir=$(mktemp -d)
fi
mkdir -p "$dir/devices" "$dir/out" "$dir/scratch"
: >"$dir/scratch/marked"
server=

tidy() {
	status=$?
	[ -z "$server" ] || kill "$server" 2>/dev/null || true
	[ -z "$server" ] || wait "$server" 2>/dev/null || true
	rm -rf "$dir/scratch"
	[ -n "$keep" ] || rm -rf "$dir"
	[ $status = 0 ] || echo "demo: failed (exit $status)" >&2
}
trap tidy EXIT
trap 'exit 130' INT TERM

# as DEVICE COMMAND...: pnet on one laptop. Its talk goes to a log that is shown when the
# command fails.
as() {
	device=$1
	shift
	"$build/pnet" --data "$dir/devices/$device" ${today:+--today $today} "$@" \
		>"$dir/scratch/last.out" 2>"$dir/scratch/last.err" || {
		echo "demo: $device: pnet $* failed:" >&2
		cat "$dir/scratch/last.out" "$dir/scratch/last.err" >&2
		return 1
	}
}

# rows FILE OUT [COLUMN VALUE]...: column OUT of the rows where every COLUMN is VALUE.
rows() {
	awk -v out="$2" -v want="$(shift 2; printf '%s\n' "$@")" '
	function split_csv(line,   n, i, c, quoted, cell) {
		n = 1; cell = ""; quoted = 0
		for (i = 1; i <= length(line); i++) {
			c = substr(line, i, 1)
			if (c == "\"") quoted = !quoted
			else if (c == "," && !quoted) { cells[n++] = cell; cell = "" }
			else cell = cell c
		}
		cells[n] = cell
		return n
	}
	{ sub(/\r$/, "") }
	NR == 1 { n = split_csv($0); for (i = 1; i <= n; i++) at[cells[i]] = i
		pairs = split(want, w, "\n"); next }
	{ split_csv($0); fits = 1
	  for (i = 1; i + 1 <= pairs; i += 2) if (cells[at[w[i]]] != w[i + 1]) fits = 0
	  if (fits) print cells[at[out]] }' "$1"
}

say() { printf '%s\n' "$*"; }

# ---- found ----

say "1. The office founds a network; the server starts with an empty folder."
as OF-1 network found OF-1
network=$(cat "$dir/scratch/last.out")
"$build/pnetd" init "$dir/server" --network "$network" >"$dir/scratch/key" 2>/dev/null
"$build/pnetd" serve --data "$dir/server" --listen 127.0.0.1:0 \
	--port-file "$dir/scratch/port" --allow-root >"$dir/scratch/pnetd.log" 2>&1 &
server=$!
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ -s "$dir/scratch/port" ] && break
	sleep 0.1
done
port=$(cat "$dir/scratch/port")
as OF-1 network server "127.0.0.1:$port" "$(cat "$dir/scratch/key")"

countries=$(rows "$season/countries.csv" code)
for country in $countries; do
	as OF-1 network country "$country"
done
as OF-1 import country "$season/countries.csv"
as OF-1 import practice "$season/practices.csv"
as OF-1 sync

# ---- join ----

# invite INVITER MEMBER ROLE [COUNTRY]; the member joins with the code.
invite() {
	as "$1" invite "$2" --role "$3" ${4:+--country "$4"} --out "$dir/scratch/invite"
	as "$2" join --file "$dir/scratch/invite"
	rm -f "$dir/scratch/invite"
}

# Trainers of a country who are on the team of one of its workshops, then others, two at
# least.
trainers_of() {
	{
		for workshop in $(rows "$season/activities.csv" ref country "$1" \
			type youth_workshop); do
			rows "$season/team.csv" person activity "$workshop"
		done | while read -r member; do
			rows "$season/persons.csv" ref ref "$member" country "$1" role trainer
		done | awk '!seen[$0]++'
		rows "$season/persons.csv" ref country "$1" role trainer
	} | awk '!seen[$0]++' >"$dir/scratch/trainers"
	on_team=$(for workshop in $(rows "$season/activities.csv" ref country "$1" \
		type youth_workshop); do
		rows "$season/team.csv" person activity "$workshop"
	done | sort -u | grep -cxF -f "$dir/scratch/trainers" || true)
	[ "$on_team" -ge 2 ] || on_team=2
	head -n "$on_team" "$dir/scratch/trainers"
}

coordinator_of() { rows "$season/persons.csv" ref country "$1" role coordinator | head -n 1; }

say "2. Coordinators and trainers join by invites, each on a laptop of their own."
for country in $countries; do
	coordinator=$(coordinator_of "$country")
	invite OF-1 "$coordinator" coordinator "$country"
	as "$coordinator" sync
	for trainer in $(trainers_of "$country"); do
		invite "$coordinator" "$trainer" trainer
	done
done
say "   $(find "$dir/devices" -mindepth 1 -maxdepth 1 | wc -l) laptops"

# ---- enter the season, offline ----

say "3. Offline, coordinators enter organisations, staff, activities, teams, young people."
for country in $countries; do
	coordinator=$(coordinator_of "$country")
	as "$coordinator" import organisation "$season/organisations.csv"
	as "$coordinator" import person "$season/persons.csv"
	as "$coordinator" import roundtable "$season/roundtables.csv"
	as "$coordinator" import stakeholder "$season/stakeholders.csv"
	as "$coordinator" import activity "$season/activities.csv"
	as "$coordinator" import activity_day "$season/activity_days.csv"
	as "$coordinator" import team "$season/team.csv"
	as "$coordinator" import enrolment "$season/enrolments.csv" \
		--people "$season/young_people.csv"
	as "$coordinator" sync
done

say "4. Offline, each trainer marks the young people of the workshops on whose team they are."
for country in $countries; do
	for trainer in $(trainers_of "$country"); do
		as "$trainer" sync
		for workshop in $(rows "$season/team.csv" activity person "$trainer"); do
			[ -n "$(rows "$season/activities.csv" ref ref "$workshop" \
				country "$country" type youth_workshop)" ] || continue
			as "$trainer" import marks "$season/marks.csv" --activity "$workshop"
			echo "$workshop" >>"$dir/scratch/marked"
		done
		as "$trainer" sync
	done
done

say "5. Coordinators fetch the marks, close what is over, and print the sheets."
for country in $countries; do
	coordinator=$(coordinator_of "$country")
	as "$coordinator" sync
	for workshop in $(rows "$season/activities.csv" ref country "$country" \
		type youth_workshop); do
		# Where no trainer of the country is on the team, the coordinator has the list.
		grep -qxF "$workshop" "$dir/scratch/marked" ||
			as "$coordinator" import marks "$season/marks.csv" --activity "$workshop"
		as "$coordinator" --yes print sheet "$workshop" \
			--out "$dir/out/attendance_sheet_$workshop.txt"
	done
	for workshop in $(rows "$season/activities.csv" ref country "$country" \
		type youth_workshop status closed); do
		# A gate that is open (V18 to V20) is a finding of the season, not a failure here.
		as "$coordinator" close "$workshop" 2>/dev/null ||
			{ [ -z "$expected" ] && say "   $workshop stays open"; }
	done
	as "$coordinator" sync
done

# ---- consolidate ----

say "6. The office syncs all countries and consolidates."
as OF-1 sync
as OF-1 --csv totals
cp "$dir/scratch/last.out" "$dir/out/workshop_summary.csv"
cat "$dir/out/workshop_summary.csv"

as OF-1 sync
grep -q '^sent 0.*received 0' "$dir/scratch/last.out" ||
	{ say "demo: a second sync was not empty"; cat "$dir/scratch/last.out"; exit 1; }

# ---- proof ----

# hits FOLDER COLUMN: how many of the young people's values of a column occur in its
# files. Two or three letters occur by chance in any ciphertext: only longer ones count.
hits() {
	rows "$season/young_people.csv" "$2" | awk 'length($0) >= 6' | sort -u >"$dir/scratch/words"
	grep -raoFhf "$dir/scratch/words" -- "$1" 2>/dev/null | sort -u | wc -l
}
found=$(hits "$dir/server" family_name)
say "7. Family names of young people in the server's files: $found"
[ "$found" = 0 ]
found=$(hits "$dir/devices/OF-1" consent_form_no)
say "   Consent form numbers in the office's replica: $found"
[ "$found" = 0 ]
coordinator=$(coordinator_of "$(echo "$countries" | head -n 1)")
[ "$(hits "$dir/devices/$coordinator" consent_form_no)" != 0 ] ||
	{ say "demo: the search finds nothing anywhere, so it proves nothing"; exit 1; }

if [ -n "$expected" ]; then
	for table in workshop_summary.csv attendance_sheet_DE-W1.txt \
		attendance_sheet_HU-W1.txt attendance_sheet_PL-W3.txt; do
		cmp "$expected/$table" "$dir/out/$table"
		say "   $table equals tests/data/expected byte for byte"
	done
fi
[ -z "$keep" ] || say "Left in $dir: server, devices, out"
say "done in $(($(date +%s) - started)) s after the build"
