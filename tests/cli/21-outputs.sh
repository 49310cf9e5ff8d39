#!/bin/sh
# 21-outputs.sh - every listing as people read it, as lines with tabs, as CSV and as JSON;
# help for every command of the table; a typing mistake gets the right suggestion.
. "$(dirname "$0")/lib.sh"

at "2027-04-12 09:00:00"
found SK
workshop
on OF import country "$season/countries.csv"
on OF sync
on SK-N1 import person "$season/persons.csv"
on SK-N1 sync
on B sync
on B attend SK-W9 1 --set 4=absent --rest present
on B young add SK-W9 --given Hana --family Bieliková --birth-year 2011 --gender f
on B young add SK-W9 --given Hana --family Bielikova --birth-year 2011 --gender f
on B sync
on SK-N1 sync

# check.py SHAPE OUT [HEADER]: is the file what it claims to be?
cat >check.py <<'END'
import csv, io, json, sys
shape, text = sys.argv[1], open(sys.argv[2], encoding="utf-8", newline="").read()
if shape == "json":
    assert text.endswith("\n"), "no line feed at the end"
    for line in text.splitlines():
        o = json.loads(line)
        name, version = o["schema"].split("/")
        assert name.startswith("pnet.") and int(version) >= 1, o["schema"]
        for row in o.get("rows", []):
            assert list(row) == list(o["rows"][0]), "rows differ in their columns"
    assert text.strip(), "nothing at all"
elif shape == "plain":
    lines = text.split("\n")
    assert lines.pop() == "", "no line feed at the end"
    assert len({line.count("\t") for line in lines}) <= 1, "lines differ in their columns"
    assert "\x1b" not in text and "\r" not in text, "control characters"
elif shape == "csv":
    assert "\r" not in text and text.endswith("\n"), "line ends"
    rows = list(csv.reader(io.StringIO(text), strict=True))
    assert rows and len({len(row) for row in rows}) == 1, "rows differ in their columns"
    assert all(name == name.lower() and name for name in rows[0]), f"header {rows[0]}"
END

# shaped SHAPE: the last call's output has it.
shaped() {
	/usr/bin/python3 check.py "$1" out 2>check.err ||
		fail "pnet --$1 $listing: $(tail -n 1 check.err)"
}

part "listings"
while read -r listing; do
	# shellcheck disable=SC2086
	{
		on SK-N1 $listing
		[ -s out ] || fail "pnet $listing prints nothing"
		! grep -q "$(printf '\033')" out || fail "pnet $listing prints escapes to a pipe"
		on SK-N1 --json $listing
		shaped json
		on SK-N1 --plain $listing
		cp out without
		shaped plain
		on SK-N1 --plain --header $listing
		shaped plain
		sed 1d out | cmp -s - without ||
			fail "pnet --plain --header $listing is not a header and the lines"
		on SK-N1 --csv $listing
		shaped csv
		head -n 1 out | tr , '\t' >header
		on SK-N1 --plain --header $listing
		head -n 1 out | cmp -s - header || fail "pnet $listing: CSV and plain name other columns"
	}
done <<END
member list
device list
network show
activity list
workshop list
practice list
staff list
org list
totals
activity team SK-W9
young list SK-W9
young find mraz
attend SK-W9 1
END

part "answers that are one object"
for listing in "status" "sync" "young show SK-W9 mraz" "findings" "review --list"; do
	# shellcheck disable=SC2086
	try SK-N1 --json $listing
	case $code in
	0 | 3) shaped json ;;
	*) fail "pnet --json $listing ended with $code" ;;
	esac
done
on SK-N1 --json status
for name in unsent oldest_unsent carried last_sync conflicts needs locked; do
	grep -q "\"$name\":" out || fail "status lacks $name"
done
on SK-N1 --json sync
for name in sent sent_marks stored received received_marks conflicts refused complete; do
	grep -q "\"$name\":" out || fail "sync lacks $name"
done

part "a value that a spreadsheet would run is defused"
on SK-N1 org add SK-C9 --set kind=youth_club --set "name==HYPERLINK(1)" --set place=@home
on SK-N1 --csv org list
grep -q "'=HYPERLINK(1)" out || fail "the formula is alive: $(grep SK-C9 out)"
grep -q "'@home" out || fail "the formula is alive: $(grep SK-C9 out)"
on SK-N1 --csv export organisation -o organisations.csv
grep -q "'=HYPERLINK(1)" organisations.csv || fail "the formula is alive in the export"

part "a value with controls does not reach the terminal"
try SK-N1 org edit SK-C9 --set "place=$(printf 'a\033[2Jb')"
! grep -q "$(printf '\033')" out err || fail "an escape sequence came through"
try SK-N1 org list
! grep -q "$(printf '\033')" out || fail "an escape sequence came through"

part "help"
sed -n 's/^COMMAND("\([^"]*\)".*/\1/p' "$source_dir/client/commands/commands.def" >commands
[ "$(wc -l <commands)" -gt 20 ] || fail "the table of commands was not found"
on Z help
cp out overview
while read -r command; do
	grep -q "^  $command  *[a-z]" overview || fail "help does not name $command"
	# shellcheck disable=SC2086
	on Z help $command
	grep -q '^Example:$' out || fail "help $command has no example"
	grep -q "^  pnet $command" out || fail "the example of $command is one of another command"
	cp out by_topic
	# shellcheck disable=SC2086
	on Z $command --help
	[ "$command" = help ] || head -n 1 out | grep -q "^pnet $command" || fail "$command --help is of another command"
done <commands
[ ! -e Z ] || fail "help made a data folder"
on Z --version
grep -Eq '^pnet [0-9]+\.[0-9]+\.[0-9]+$' out || fail "version: $(cat out)"

part "suggestions"
right=0 wrong=
while read -r typo meant; do
	# shellcheck disable=SC2086
	on_exit 64 B $(echo "$typo" | tr + ' ')
	if grep -Eq "^(  next|       )  pnet $(echo "$meant" | tr + ' ')" err; then
		right=$((right + 1))
	else
		wrong="$wrong $typo"
	fi
done <<END
staus status
stats status
syncc sync
snyc sync
jion join
attned attend
atend attend
reveiw review
clsoe close
tottals totals
findngs findings
improt import
exprot export
invit invite
helpp help
enroll enrol
unenroll unenrol
workshp+list workshop
yuong+list young
activty+list activity
practise+list practice
young+lst young+list
activity+lsit activity+list
print+shet print+sheet
member+lst member+list
END
echo "$right of 25 typing mistakes got the right suggestion"
[ "$right" -ge 24 ] || fail "wrong or no suggestion for:$wrong"
part "a part of the records by year or month"
on SK-N1 workshop new SK-W8 --practice GP01 --org SK-C1 --start 2028-05-08
on SK-N1 export activity --period 2027
is "activities of 2027" "SK-W9" "$(sed 1d out | grep -o 'SK-W[0-9]' | sort -u | tr '\n' ' ' | sed 's/ $//')"
on SK-N1 export activity_day --period 2028-05
is "days of May 2028" 5 "$(sed 1d out | wc -l)"
on SK-N1 export sheet --period 2026
is "marks of 2026" 0 "$(sed 1d out | wc -l)"
on SK-N1 export sheet --period 2027-04
is "marks of April 2027" 12 "$(sed 1d out | wc -l)"
on_exit 64 SK-N1 export activity --period spring
has "'spring' is no period: a year or a month"
on_exit 64 SK-N1 export organisation --period 2027
has "have no date and no activity"

part "a report begins with the practice and the team of its activity"
on SK-N1 activity team SK-W9 add DE-T3 --experienced
on SK-N1 sync
on B sync
on B report new SK-W9-TR --set activity=SK-W9 --set language=en
on B report list
grep "SK-W9-TR" out | grep "GP01" | grep "SK-T2" | grep -q "DE-T3" ||
	fail "practice or authors are missing: $(grep SK-W9-TR out)"
on_exit 0 B --json young edit SK-W9 4 --set "needs==1+1"
has '"formula":"needs"'
server_end
