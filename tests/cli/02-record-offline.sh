#!/bin/sh
# 02-record-offline.sh - a day's work without any network: marks, a correction, a note, an
# arrival; what waits is told at every step, in people's words and as JSON alike; nothing
# tries to reach a server; the evening's sync sends it all.
. "$(dirname "$0")/lib.sh"

at "2027-04-12 09:00:00"
found SK
workshop
line_down
server_end

# waits CHANGES MARKS: status says so in all its forms.
waits() {
	on B status
	[ "$1" = 1 ] && word=change || word=changes
	[ "$2" = 1 ] && marks=mark || marks=marks
	has "On this laptop   $1 $word ($2 $marks) not yet stored by the server"
	on B --json status
	is "unsent in JSON" "$1" "$(figure unsent)"
	is "unsent marks in JSON" "$2" "$(figure unsent_marks)"
	on B --plain status
	is "unsent in plain" "$1" "$(tail -n 1 out | cut -f1)"
	try B status --exit-code
	is "exit code of status" "$([ "$1" = 0 ] && echo 0 || echo 1)" "$code"
}

part "the list before the first mark"
waits 0 0
on B --plain attend SK-W9 1
is "names on the list" 12 "$(wc -l <out)"

part "the rest is present"
on B attend SK-W9 1 --set 4=absent --set 12=L --rest present
shows <<END
[ok] SK-W9 day 1, Mon 12 Apr: 10 present, 1 late, 1 absent    saved on this laptop, 12 changes wait    undo: pnet undo
END
waits 12 12

part "a correction replaces the first mark; names work without accents"
on B attend SK-W9 1 --set mraz=late
shows <<END
[ok] SK-W9 day 1, Mon 12 Apr: 10 present, 2 late    saved on this laptop, 12 changes wait    undo: pnet undo
END
waits 12 12

part "a note and a day without accents or numbers"
on B attend SK-W9 mon --note "mraz=came by the later bus"
waits 13 12
on B --plain attend SK-W9 1
grep -q '^4	Tadeáš Mráz	Y-[^	]*	late	came by the later bus$' out || fail "line 4: $(sed -n 4p out)"

part "what nobody can mean is refused and saved nowhere"
on_exit 66 B attend SK-W9 1 --set nobody=late
on_exit 65 B attend SK-W9 1 --set 4=latte
on_exit 66 B attend SK-W99 1 --rest present
try B attend SK-W9 9 --rest present
[ "$code" != 0 ] || fail "day 9 of 5 was taken"
try B attend SK-W9 1 --set nina=late --set 99=late
[ "$code" != 0 ] || fail "row 99 was taken"
waits 13 12

part "somebody new"
on B young add SK-W9 --given Hana --family Bieliková --birth-year 2011 --gender f \
	--consent given --consent-by self --consent-on 2027-04-12 --day 1 --mark present
has "[ok] 13 Hana Bieliková (Y-"
on B young find bielik
has "Hana Bieliková"
on B --json status
is "marks with hers" 13 "$(figure unsent_marks)"

part "a dry run changes nothing"
on B -n attend SK-W9 2 --rest present
on B --json status
is "marks after a dry run" 13 "$(figure unsent_marks)"

part "nothing touched the network"
if command -v strace >/dev/null; then
	strace -f -e trace=connect,sendto -o calls "$pnet" --data B --today 2027-04-12 \
		attend SK-W9 2 --rest present >>"$transcript" 2>&1 ||
		fail "attend under strace ended with $?"
	! grep -q 'AF_INET' calls || fail "attend opened a socket: $(grep -m1 AF_INET calls)"
fi

part "the evening"
server_up
line_up
on B --json status
marks=$(figure unsent_marks)
changes=$(figure unsent)
is "marks of two days" 26 "$marks"
synced B "$changes" 26 0 0 0
nothing_to_sync B
waits 0 0
synced SK-N1 0 0 NN 26 0
on SK-N1 print sheet SK-W9
cp out sheet
on B print sheet SK-W9
cmp -s out sheet || fail "B and SK-N1 print different sheets"
has "04  Tadeáš Mráz                         L P ? ? ?  2"
has "13  Hana Bieliková                      P P ? ? ?  2"
has "    Attended                            13 13 0 0 0  26"
server_end
