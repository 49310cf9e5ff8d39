#!/bin/sh
# 27-kit.sh - the recovery kit (SECURITY 12): all laptops of a country are lost, what lies on
# paper opens it again; a kit of another country opens nothing of it, a revoked one nothing.
. "$(dirname "$0")/lib.sh"

at "2027-04-12 09:00:00"
found CZ SK
workshop

part "a coordinator prints it; what he typed back is checked"
on_exit 77 B kit print
has "a recovery kit is made by a coordinator of the country"
on SK-N1 kit print
cp out kit.txt
has "Recovery kit of SK"
is "code" 1 "$(grep -Ec '^([0-9A-Z]{4} ){13}[0-9A-Z]{4}$' kit.txt)"
on SK-N1 kit check --file kit.txt
has "[ok] typed right, and in force"
sed -E 's/^([0-9A-Z]{4}) ([0-9A-Z])(.*)$/\1 X\3/; t; d' kit.txt | head -n 1 >typo.txt
on_exit 65 SK-N1 kit check --file typo.txt
has "the recovery kit is mistyped"
on SK-N1 member list
has "SK-KIT"

part "two sheets: each alone opens nothing"
on CZ-N1 kit print --sheets 2
tr '\f' '\n' <out >cz.txt
grep -E '^([0-9A-Z]{4} ){13}[0-9A-Z]{4}$' cz.txt >halves.txt
head -n 1 halves.txt >half.txt
on CZ-N1 kit check --file half.txt
has "one of two sheets"
on CZ-N1 kit check --file halves.txt
has "[ok] typed right, and in force"

# recovers LAPTOP KIT MEMBER: with the last line of a sheet.
recovers() {
	# shellcheck disable=SC2046
	set -- "$1" "$2" "$3" $(grep '^pnet recover' "$2" | head -n 1 | cut -d ' ' -f 3-5)
	try "$1" recover "$4" "$5" "$6" --member "$3" --file "$2"
}

part "keys change after it was printed: the kit gets each new one"
joins T4 SK-N1 SK-T4 trainer
on SK-N1 activity team SK-W9 add SK-T4 --new
on SK-N1 sync
on T4 sync
on B attend SK-W9 1 --rest present
on B sync
on SK-N1 device revoke SK-T4 --yes
on OF sync
on SK-N1 sync
on B sync
on B attend SK-W9 2 --rest late
on B sync
on SK-N1 sync
state SK-N1 >state.before

part "sec_66: all laptops of the country are lost"
mkdir lost
mv SK-N1 B T4 lost
on_exit 65 N2 recover "127.0.0.1:$line_port" NETWORK KEY --member SK-N1 --file kit.txt
has "are not those of the sheet's last line"
part "sec_67: a kit of another country opens nothing of this one"
recovers N2 cz.txt SK-N1
[ "$code" = 0 ] || fail "the kit of CZ does not work for CZ"
has "coordinator of CZ"
on_exit 66 N2 young list SK-W9
rm -r N2

part "sec_66: the kit makes a new laptop, which reads everything"
recovers N1 kit.txt SK-N1
[ "$code" = 0 ] || fail "recover ended with $code: $(head -n 3 err)"
has "[ok] this laptop is SK-N1's now, a coordinator of SK, invited by the recovery kit"
state N1 >state.after
cmp -s state.before state.after || {
	diff state.before state.after | head -n 10 >&2
	fail "the country is not what it was"
}
on N1 attend SK-W9 2
has "12 late"

part "what was lost is revoked, and work goes on"
for device in $(sed -n 's/^SK.*yes  *\([0-9a-f]\{8\}\) .*/\1/p' <<DEVICES
$("$pnet" --data "$dir/N1" --plain device list 2>/dev/null | awk -F'\t' \
	'$1 == "SK" && $2 != "SK-KIT" && $4 == "yes" && $6 != "this one" {
		print "SK x yes " $5 " x" }')
DEVICES
); do
	on N1 device revoke "$device" --yes
done
mv lost/SK-N1 lost/B .
on_exit 77 SK-N1 sync
on_exit 77 B sync
on N1 attend SK-W9 3 --rest present
on N1 sync
nothing_to_sync N1

part "a kit that was revoked opens nothing any more"
on N1 kit print
cp out kit2.txt
kit=$("$pnet" --data "$dir/N1" --plain device list | awk -F'\t' '$2 == "SK-KIT" { print $5; exit }')
on N1 device revoke "$kit" --yes
on_exit 1 N1 kit check --file kit.txt
has "typed right, but revoked"
recovers N3 kit.txt SK-N3
is "exit of a revoked kit" 77 "$code"
has "this recovery kit opens nothing here (PN-I02)"
[ ! -e N3 ] || fail "something was kept of it"
recovers N3 kit2.txt SK-N3
[ "$code" = 0 ] || fail "the second kit ended with $code"
server_end
