#!/bin/sh
# 60-hostile.sh - rosters as they come from strangers' spreadsheets: every file of
# tests/data/hostile gives the counts of its EXPECT.md, by dry run and for real; what is
# too big to store is made here. No control character reaches the terminal, and memory
# stays under 64 MiB.
. "$(dirname "$0")/lib.sh"
. "$source_dir/tests/cli/hostile.sh"

at "2027-02-10 09:00:00"
found SK
on SK-N1 org add SK-C1 --set kind=youth_club --set "name=Klub" --set place=Nitra
on OF practice new HX --set "title=Any" --set age_min=10 --set age_max=20
on OF sync
on SK-N1 sync
on SK-N1 workshop new SK-H1 --practice HX --org SK-C1 --start 2026-10-12

part "the files a to q"
hostile_rosters SK-N1 SK-H1

part "each row that is not taken is named by file, line and reason"
on_exit 65 SK-N1 -n import young "$hostile/l_structure.csv" --activity SK-H1
is "rows named" 6 "$(grep -c "l_structure.csv:[0-9]*: rejected: ." err)"

part "a dry run wrote nothing; all or nothing otherwise"
on SK-N1 --plain young list SK-H1
is "people after dry runs" 0 "$(wc -l <out)"
on_exit 65 SK-N1 import young "$hostile/h_dates.csv" --activity SK-H1
on SK-N1 --plain young list SK-H1
is "people after a rejected file" 0 "$(wc -l <out)"
on_exit 3 SK-N1 import young "$hostile/h_dates.csv" --activity SK-H1 --partial
on SK-N1 --plain young list SK-H1
is "people after a partial import" 4 "$(wc -l <out)"

part "names come back as they were written, and are found without their marks"
on SK-N1 workshop new SK-H2 --practice HX --org SK-C1 --start 2026-10-12
on SK-N1 import young "$hostile/b_utf8bom_semicolon_crlf.csv" --activity SK-H2 --partial
on SK-N1 --plain young list SK-H2
is "people of b" 6 "$(wc -l <out)"
sed '1s/^\xef\xbb\xbf//' "$hostile/b_utf8bom_semicolon_crlf.csv" | tr -d '\r' | sed 1d |
	cut -d ';' -f 1 | while read -r given; do
	grep -qF "$given" out || fail "the name $given does not come back"
done

part "formulas are text here and inert in what is exported"
on SK-N1 workshop new SK-H3 --practice HX --org SK-C1 --start 2026-10-12
on SK-N1 import young "$hostile/k_formula.csv" --activity SK-H3
on SK-N1 export young -o young.csv
hostile_inert young.csv

# ---- made here ----

# within_memory EXIT ARGUMENTS...: pnet in at most 64 MiB, and within 20 s.
cat >bounded.py <<'END'
import resource, subprocess, sys
code = subprocess.run(sys.argv[2:], timeout=60, stdin=subprocess.DEVNULL).returncode
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(f"peak {peak} KiB", file=open(sys.argv[1], "w"))
sys.exit(code)
END
within_memory() {
	wanted=$1
	shift
	printf 'SK-N1$ pnet %s\n' "$*" >>"$transcript"
	code=0
	/usr/bin/python3 bounded.py peak "$pnet" --data "$dir/SK-N1" \
		--today 2027-02-10 "$@" >out 2>err ||
		code=$?
	cat out err peak >>"$transcript"
	[ "$code" = "$wanted" ] || fail "pnet $* ended with $code, not $wanted: $(head -n 1 err)"
	harmless
	# Sanitizers keep what is freed.
	[ -n "${PNET_SANITIZED:-}" ] || [ "$(sed 's/[^0-9]//g' peak)" -lt 65536 ] ||
		fail "pnet $*: $(cat peak)"
}
header=given_name,family_name,birth_year,gender

part "a line of 64 MiB, a cell of 20 MiB, 2 GiB of nothing"
{
	echo $header
	head -c 67108864 /dev/zero | tr '\0' x
} >line.csv
within_memory 65 -n import young line.csv --activity SK-H1
has "more than 16 MiB"
{
	printf '%s\nAnna,' $header
	head -c 20971520 /dev/zero | tr '\0' x
	echo ,2011,f
} >cell.csv
within_memory 65 -n import young cell.csv --activity SK-H1
has "more than 16 MiB"
truncate -s 2G sparse.csv
within_memory 65 -n import young sparse.csv --activity SK-H1
has "more than 16 MiB"

part "as large as a file may be: one cell, one line, zeros"
{
	printf '%s\nAnna,' $header
	head -c 16700000 /dev/zero | tr '\0' x
	echo ,2011,f
} >large.csv
within_memory 65 -n import young large.csv --activity SK-H1
has "rejected 1"
within_memory 65 -n import young large.csv --activity SK-H1 --encoding cp1250
has "rejected 1"
truncate -s 16M zeros.csv
within_memory 65 -n import young zeros.csv --activity SK-H1
within_memory 65 -n import young zeros.csv --activity SK-H1 --encoding latin2

part "a million rows, and as many as are allowed"
{
	echo $header
	yes 'A,B,2011,f' | head -n 1000000
} >rows.csv
within_memory 65 -n import young rows.csv --activity SK-H1
has "more than 20000 rows"
{
	echo $header
	seq 20000 | sed 's/.*/Given&,Family&,2011,f/'
} >many.csv
within_memory 0 -n import young many.csv --activity SK-H1
has "accepted 20000"

part "what is no file"
mkfifo fifo
within_memory 66 -n import young fifo --activity SK-H1
has "no regular file"
within_memory 66 -n import young "$dir" --activity SK-H1
within_memory 66 -n import young /dev/zero --activity SK-H1

part "a file that shrinks and grows while it is read"
for round in 1 2 3 4 5 6 7 8; do
	head -c 16000000 large.csv >moving.csv
	(
		for size in 12000000 3000000 15000000 1000000 14000000 200; do
			truncate -s $size moving.csv
		done
	) &
	mover=$!
	code=0
	clocked "$pnet" --data "$dir/SK-N1" -n import young moving.csv --activity SK-H1 \
		>out 2>err || code=$?
	wait $mover
	[ "$code" = 65 ] || fail "round $round of a moving file ended with $code"
	harmless
done
echo "nineteen awful files and what is too big to store"
