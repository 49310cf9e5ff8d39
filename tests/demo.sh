#!/bin/sh
# demo.sh - the whole season on real input, summer school to compendium: founds a network,
# starts the server on loopback, lets an office, coordinators and trainers join by
# invites, enters a season offline, each part by whom it is, syncs, prints what the office
# consolidates and where the outputs lie.
#
# usage: sh tests/demo.sh [--keep DIR] [--season DIR] [--today DATE]
#   --keep DIR    leave the server's data, the laptops' folders with their passphrase, and
#                 the outputs in DIR; else the outputs alone are left, in the build folder
#   --season DIR  another season of the same form; its tables are printed, not compared
#   --today DATE  the day of that season, if it is not today
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
	--today) today=$2 ;;
	*)
		sed -n '2,12s/^# \{0,1\}//p' "$0" >&2
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
	cmake -S . -B "$build" -G Ninja -DPNET_TESTS=OFF >/dev/null
	cmake --build "$build" --target pnet pnetd unseal >"$build/build.log" 2>&1 || {
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
# Every laptop has one passphrase here; people have one each, and type it.
echo "kolar mides hapen tivol" >"$dir/passphrase"
: >"$dir/scratch/marked"
server=

scratch=$dir/scratch devices=$dir/devices
. "$here/tests/season.sh"

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
# command fails; $may_exit is a code that is no failure.
may_exit=0
as() {
	device=$1
	shift
	# The cheapest passphrase that is accepted: a season takes seconds here.
	cost=
	case "$1 ${2:-}" in "join "* | "network found") cost="--kdf-memory 64 --kdf-passes 2" ;; esac
	# shellcheck disable=SC2086
	"$build/pnet" --data "$dir/devices/$device" --passphrase-file "$dir/passphrase" \
		${today:+--today $today} "$@" $cost \
		>"$dir/scratch/last.out" 2>"$dir/scratch/last.err" || {
		code=$?
		[ "$code" != "$may_exit" ] || return 0
		echo "demo: $device: pnet $* failed ($code):" >&2
		cat "$dir/scratch/last.out" "$dir/scratch/last.err" >&2
		return 1
	}
}

# load DEVICE KIND FILE [OPTION...]: imports a file of the season, or one that was made of
# its texts; a season may lack one. What was taken is counted by file.
load() {
	device=$1 kind=$2 file=$3
	shift 3
	case $file in /*) ;; *) file=$season/$file ;; esac
	[ -f "$file" ] || return 0
	as "$device" import "$kind" "$file" "$@"
	sed -n "s/^accepted \([0-9]*\).*/$kind \1/p" "$dir/scratch/last.out" >>"$dir/scratch/loaded"
}

# loaded KIND...: how many rows all laptops together took.
loaded() {
	for kind in "$@"; do
		awk -v kind="$kind" '$1 == kind { n += $2 }
			END { if (n > 0) printf "%s%d %s", "", n, kind }' "$dir/scratch/loaded"
		echo
	done | awk 'NF { line = line (line == "" ? "" : ", ") $0 } END { if (line != "") print "   " line }'
}

say() { printf '%s\n' "$*"; }

# ---- found ----

say "1. The office founds a network; the server starts with an empty folder."
as OF-1 network found OF-1
network=$(cat "$dir/scratch/last.out")
"$build/pnetd" init "$dir/server" --network "$network" >"$dir/scratch/key" 2>/dev/null
# All laptops of the demo come from one address.
printf 'new_per_prefix_per_s = 0\nhalf_open_per_prefix_max = 0\n' >>"$dir/server/pnetd.conf"
"$build/pnetd" serve --data "$dir/server" --listen 127.0.0.1:0 \
	--port-file "$dir/scratch/port" --allow-root >"$dir/scratch/pnetd.log" 2>&1 &
server=$!
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ -s "$dir/scratch/port" ] && break
	sleep 0.1
done
port=$(cat "$dir/scratch/port")
as OF-1 network server "127.0.0.1:$port" "$(cat "$dir/scratch/key")"

countries=$(rows countries.csv code)
for country in $countries; do
	as OF-1 network country "$country"
done
load OF-1 country countries.csv
as OF-1 sync

# ---- join ----

# invite INVITER MEMBER ROLE [COUNTRY]; the member joins with the code.
invite() {
	as "$1" invite "$2" --role "$3" ${4:+--country "$4"} --out "$dir/scratch/invite"
	as "$2" join --file "$dir/scratch/invite"
	rm -f "$dir/scratch/invite"
}

say "2. Coordinators and trainers join by invites, each on a laptop of their own."
for country in $countries; do
	coordinator=$(coordinator_of "$country")
	invite OF-1 "$coordinator" coordinator "$country"
	as "$coordinator" sync
	trainers_of "$country" >"$dir/scratch/trainers.$country"
	while read -r trainer; do
		invite "$coordinator" "$trainer" trainer </dev/null
	done <"$dir/scratch/trainers.$country"
done
say "   $(find "$dir/devices" -mindepth 1 -maxdepth 1 | wc -l) laptops"

# ---- enter the season, offline ----

say "3. Offline, coordinators enter organisations, people and roundtables; the office, the practices."
for country in $countries; do
	coordinator=$(coordinator_of "$country")
	load "$coordinator" organisation organisations.csv
	load "$coordinator" person persons.csv
	load "$coordinator" roundtable roundtables.csv
	load "$coordinator" stakeholder stakeholders.csv
	as "$coordinator" sync
done
as OF-1 sync
load OF-1 practice practices.csv
as OF-1 sync
loaded country organisation person roundtable stakeholder practice

say "4. Coordinators describe their practices, plan what happens in their country, and enrol."
for country in $countries; do
	coordinator=$(coordinator_of "$country")
	as "$coordinator" sync
	load "$coordinator" activity activities.csv
	load "$coordinator" activity_day activity_days.csv
	load "$coordinator" team team.csv
	load "$coordinator" enrolment enrolments.csv --people "$season/young_people.csv"
	load "$coordinator" document documents.csv
	practice_sections "$country" >"$dir/scratch/practice_section.csv"
	load "$coordinator" practice_section "$dir/scratch/practice_section.csv"
	advocacy_sections "$country" >"$dir/scratch/advocacy_section.csv"
	load "$coordinator" advocacy_section "$dir/scratch/advocacy_section.csv"
	for type in peer_coaching prevent_seminar roundtable_meeting; do
		for activity in $(rows activities.csv ref country "$country" type $type); do
			load "$coordinator" marks marks.csv --activity "$activity"
		done
	done
	as "$coordinator" sync
done

say "5. The office enters the summer school, what it decided, and its editions."
as OF-1 sync
load OF-1 activity activities.csv
load OF-1 activity_day activity_days.csv
load OF-1 team team.csv
load OF-1 session sessions.csv
load OF-1 enrolment enrolments.csv
for activity in $(rows activities.csv ref type summer_school); do
	load OF-1 marks marks.csv --activity "$activity"
done
load OF-1 document documents.csv
load OF-1 decision decisions.csv
load OF-1 publication publications.csv
as OF-1 sync
loaded activity activity_day team session enrolment document decision publication

say "6. Offline, each trainer marks the young people of the own workshops, and writes and rates."
for report in $(rows documents.csv ref kind transferability_report); do
	writer=$(writer_of "$(rows documents.csv activity ref "$report")")
	[ -z "$writer" ] || echo "$report" >>"$dir/scratch/reports.$writer"
done
for country in $countries; do
	while read -r trainer; do
		as "$trainer" sync
		for workshop in $(rows team.csv activity person "$trainer"); do
			[ -n "$(rows activities.csv ref ref "$workshop" \
				country "$country" type youth_workshop)" ] || continue
			load "$trainer" marks marks.csv --activity "$workshop"
			echo "$workshop" >>"$dir/scratch/marked"
		done
		if [ -f "$dir/scratch/reports.$trainer" ]; then
			# shellcheck disable=SC2046
			report_sections $(cat "$dir/scratch/reports.$trainer") \
				>"$dir/scratch/report_section.csv"
			load "$trainer" report_section "$dir/scratch/report_section.csv"
		fi
		load "$trainer" rating ratings.csv
		as "$trainer" sync
	done <"$dir/scratch/trainers.$country"
done
say "   Then both authors of each report sign what they read."
for country in $countries; do
	while read -r trainer; do
		[ -n "$(rows signoffs.csv by by "$trainer")" ] || continue
		as "$trainer" sync
		load "$trainer" signoff signoffs.csv
		as "$trainer" sync
	done <"$dir/scratch/trainers.$country"
done
loaded report_section rating signoff

say "7. Coordinators fetch it all, hand in documents, close what is over, print the sheets."
for country in $countries; do
	coordinator=$(coordinator_of "$country")
	as "$coordinator" sync
	load "$coordinator" submission documents.csv
	for workshop in $(rows activities.csv ref country "$country" \
		type youth_workshop); do
		# Where no trainer of the country is on the team, the coordinator has the list.
		grep -qxF "$workshop" "$dir/scratch/marked" ||
			load "$coordinator" marks marks.csv --activity "$workshop"
		as "$coordinator" --yes print sheet "$workshop" \
			--out "$dir/out/attendance_sheet_$workshop.txt"
	done
	# Whatever the gates say: a gate that is open is a finding of the season.
	load "$coordinator" closing activities.csv
	as "$coordinator" sync
done
loaded practice_section advocacy_section submission marks closing

# ---- consolidate ----

say "8. The office syncs all countries, accepts reports, and consolidates."
as OF-1 sync
load OF-1 acceptance documents.csv
loaded acceptance
as OF-1 sync

# What the office makes of it: file, and the command that prints it. (Findings end with 3
# when one of them is a gate.)
may_exit=3
while read -r table command; do
	# shellcheck disable=SC2086
	as OF-1 $command
	cp "$dir/scratch/last.out" "$dir/out/$table"
done <<END
workshop_summary.csv --csv totals
findings.csv --csv findings
practice_stages.csv --csv practice list --stages
country_indicators_internal.csv --csv indicators
funder_gender_suppressed_k5.csv --csv indicators --funder gender --k 5
funder_age_suppressed_k5.csv --csv indicators --funder age --k 5
END
may_exit=0
cat "$dir/out/workshop_summary.csv"

say "9. It publishes: editions of the compendium, and the working paper as a draft."
for edition in $(rows publications.csv ref kind compendium | sort -u); do
	as OF-1 compendium build "$edition" -o "$dir/out"
	sed -n 's/^\[ok\]/  /p' "$dir/scratch/last.out"
done
for paper in $(rows documents.csv ref kind working_paper); do
	as OF-1 paper build "$paper" --draft -o "$dir/out"
	sed -n 's/^\[ok\]/  /p' "$dir/scratch/last.out"
done

as OF-1 sync
grep -q '^sent 0.*received 0' "$dir/scratch/last.out" ||
	{ say "demo: a second sync was not empty"; cat "$dir/scratch/last.out"; exit 1; }

# ---- proof ----

# hits FOLDER FILE COLUMN: how many values of that column occur in the folder's files. Two
# or three letters occur by chance in any ciphertext: only longer ones count.
hits() {
	rows "$2" "$3" | awk 'length($0) >= 6' | sort -u >"$dir/scratch/words"
	grep -raoFhf "$dir/scratch/words" -- "$1" 2>/dev/null | sort -u | wc -l
}
# What the replicas hold for who has the key; it goes with the scratch folder.
for device in "$devices"/*; do
	mkdir -p "$scratch/plain/$(basename "$device")"
	"$build/tests/cli/unseal" "$device" "$dir/passphrase" \
		"$scratch/plain/$(basename "$device")/replica.db"
done
say "10. What is found by a raw search for"
while read -r where folder file column what; do
	found=$(hits "$dir/$folder" "$file" "$column")
	say "   $what at the $where: $found"
	[ "$found" = 0 ]
done <<END
server server young_people.csv family_name family names of young people
server server persons.csv email e-mails of staff
laptops devices young_people.csv family_name family names of young people
laptops devices persons.csv email e-mails of staff
laptops devices practices.csv title titles of practices
office scratch/plain/OF-1 young_people.csv consent_form_no numbers of consent forms
office scratch/plain/OF-1 young_people.csv guardian_contact contacts of guardians
office scratch/plain/OF-1 stakeholders.csv email e-mails of stakeholders
END
coordinator=$(coordinator_of "$(echo "$countries" | head -n 1)")
[ "$(hits "$scratch/plain/$coordinator" young_people.csv consent_form_no)" != 0 ] ||
	{ say "demo: the search finds nothing anywhere, so it proves nothing"; exit 1; }

if [ -n "$expected" ]; then
	# The state of an activity follows from its days; the season's file says what it is.
	as OF-1 --csv activity list
	rows activities.csv ref >"$dir/scratch/refs"
	rows activities.csv status | paste -d, "$dir/scratch/refs" - | sort >"$dir/scratch/wanted"
	cut -d, -f1,4 "$dir/scratch/last.out" | tail -n +2 | sort |
		diff "$dir/scratch/wanted" - ||
		{ say "demo: activities are not as the season has them"; exit 1; }
	say "   the state of $(wc -l <"$dir/scratch/wanted") activities is that of activities.csv"
	for table in $(cd "$expected" && ls); do
		[ -f "$dir/out/$table" ] || continue
		cmp "$expected/$table" "$dir/out/$table"
		say "   $table equals tests/data/expected byte for byte"
	done
fi
if [ -n "$keep" ]; then
	say "Left in $dir: server, devices, out, and the passphrase of the devices"
else
	left=${PNET_BUILD_DIR:-$here/build}/demo-out
	mkdir -p "$left"
	rm -f "$left"/*
	cp "$dir"/out/* "$left"
	say "Outputs are left in $left: $(ls "$left" | sed 's/^attendance_sheet_.*/attendance sheets/' |
		uniq | paste -sd, - | sed 's/,/, /g')"
fi
say "done in $(($(date +%s) - started)) s after the build"
