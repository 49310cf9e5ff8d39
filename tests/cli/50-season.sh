#!/bin/sh
# 50-season.sh - the demo plays the sample season to the expected tables, a second time in
# the same folder, and another season: other countries, a title with commas and quotes, a
# workshop that no trainer of its country marked.
set -eu
cd "$PNET_SOURCE"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
PNET_BIN=$PNET_BUILD
export PNET_BIN

sh tests/demo.sh --keep "$dir/kept" >"$dir/first"
sh tests/demo.sh --keep "$dir/kept" >"$dir/second"
for run in first second; do
	[ "$(grep -c 'byte for byte' "$dir/$run")" = 4 ] || {
		cat "$dir/$run"
		exit 1
	}
done
[ -d "$dir/kept/devices/SK-N1" ] && [ -d "$dir/kept/server" ]
[ "$(ls "$dir/kept/out" | wc -l)" = 14 ]

mkdir "$dir/other"
for file in tests/data/season/*.csv; do
	sed -E -e 's/(^|[^A-Z])DE([^A-Z]|$)/\1AT\2/g' -e 's/(^|[^A-Z])DE([^A-Z]|$)/\1AT\2/g' \
		-e 's/(^|[^A-Z])SK([^A-Z]|$)/\1HR\2/g' -e 's/(^|[^A-Z])SK([^A-Z]|$)/\1HR\2/g' \
		-e 's/Living library in small towns/"Living library, ""small"" towns"/' \
		"$file" >"$dir/other/${file##*/}"
done
sed -i '/^CZ-W2,CZ-T3,/d' "$dir/other/team.csv"
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
