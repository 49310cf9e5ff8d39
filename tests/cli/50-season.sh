#!/bin/sh
# 50-season.sh - the demo plays the sample season to the expected tables, a second time in
# the same folder, and another season: other countries, a title with commas and quotes, a
# workshop that no trainer of its country marked, no documents, sessions and publications
# yet. How many rows of each file were taken is what the season's README says; a file that
# is loaded again changes nothing.
set -eu
cd "$PNET_SOURCE"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
PNET_BIN=$PNET_BUILD
export PNET_BIN

# PNET_SEASON names a folder where it was played once already.
if [ -n "${PNET_SEASON:-}" ]; then
	cp -r "$PNET_SEASON" "$dir/kept"
	cp "$PNET_SEASON.said" "$dir/first"
else
	sh tests/demo.sh --keep "$dir/kept" >"$dir/first"
fi
sh tests/demo.sh --keep "$dir/kept" >"$dir/second"
for run in first second; do
	[ "$(grep -c 'byte for byte' "$dir/$run")" = 9 ] || {
		cat "$dir/$run"
		exit 1
	}
done
while read -r count; do
	grep -qE "(^|[ ,])$count(,|\$)" "$dir/first" || {
		echo "not $count:"
		cat "$dir/first"
		exit 1
	}
done <<END
5 country
19 organisation
47 person
14 practice
5 roundtable
35 stakeholder
42 activity
121 activity_day
64 team
8 session
280 enrolment
982 marks
29 closing
16 document
14 submission
12 acceptance
32 decision
171 rating
17 signoff
5 publication
126 practice_section
70 report_section
15 advocacy_section
END

# What the office holds of it, counted in its replica.
count() {
	"$PNET_BUILD/pnet" --passphrase-file "$dir/kept/passphrase" --data "$dir/kept/devices/OF-1" --csv export "$1" | grep -cE '^[0-9a-f]{32},' || true
}
while read -r kind wanted; do
	[ "$(count "$kind")" = "$wanted" ] || { echo "$kind: $(count "$kind"), not $wanted"; exit 1; }
done <<END
activity 42
team 64
participation 117
stakeholder 35
stakeholder_contact 0
stakeholder_view 0
person_contact 0
roundtable 5
practice_section 126
report 10
report_section 70
rating 19
signoff 17
submission 5
acceptance 4
decision 40
publication 2
publication_item 5
paper 1
END

# again DEVICE KIND FILE [OPTION...]: every row stands there already.
again() {
	device=$1 kind=$2 file=tests/data/season/$3
	shift 3
	"$PNET_BUILD/pnet" --passphrase-file "$dir/kept/passphrase" --data "$dir/kept/devices/$device" --today 2027-02-10 --json \
		import "$kind" "$file" "$@" >"$dir/again"
	grep -q '"rejected":0.*"changes":0' "$dir/again" &&
		[ "$(sed 's/.*"accepted":\([0-9]*\).*/\1/' "$dir/again")" = \
			"$(sed 's/.*"here_already":\([0-9]*\).*/\1/' "$dir/again")" ] || {
		echo "$device $kind a second time:"
		cat "$dir/again"
		exit 1
	}
}
for kind in organisation:organisations person:persons roundtable:roundtables \
	stakeholder:stakeholders activity:activities activity_day:activity_days team:team \
	document:documents submission:documents closing:activities; do
	again SK-N1 "${kind%:*}" "${kind#*:}.csv"
done
again SK-N1 enrolment enrolments.csv --people tests/data/season/young_people.csv
again SK-T2 rating ratings.csv
again SK-T2 signoff signoffs.csv
for kind in country:countries practice:practices activity:activities session:sessions \
	enrolment:enrolments decision:decisions publication:publications \
	document:documents acceptance:documents; do
	again OF-1 "${kind%:*}" "${kind#*:}.csv"
done
[ -d "$dir/kept/devices/SK-N1" ] && [ -d "$dir/kept/server" ]
[ "$(ls "$dir/kept/out" | wc -l)" = 25 ]

mkdir "$dir/other"
for file in tests/data/season/*.csv; do
	sed -E -e 's/(^|[^A-Z])DE([^A-Z]|$)/\1AT\2/g' -e 's/(^|[^A-Z])DE([^A-Z]|$)/\1AT\2/g' \
		-e 's/(^|[^A-Z])SK([^A-Z]|$)/\1HR\2/g' -e 's/(^|[^A-Z])SK([^A-Z]|$)/\1HR\2/g' \
		-e 's/Living library in small towns/"Living library, ""small"" towns"/' \
		"$file" >"$dir/other/${file##*/}"
done
sed -i '/^CZ-W2,CZ-T3,/d' "$dir/other/team.csv"
for file in publications sessions documents ratings signoffs; do
	rm "$dir/other/$file.csv"
done
sh tests/demo.sh --season "$dir/other" --keep "$dir/kept2" >"$dir/third" 2>&1 || {
	cat "$dir/third"
	exit 1
}
# The figures are those of the sample under other names; CZ-W2 lost its new facilitator.
sed -e 's/AT/DE/g' -e 's/HR/SK/g' "$dir/kept2/out/workshop_summary.csv" >"$dir/got"
sed '/^CZ-W2/s/yes$/no/' tests/data/expected/workshop_summary.csv | diff - "$dir/got"
grep -q 'AT-W2  Living library, "small" towns (GP05)' \
	"$dir/kept2/out/attendance_sheet_AT-W2.txt"
echo "the sample season twice, another season once"
