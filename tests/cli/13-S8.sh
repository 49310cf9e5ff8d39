#!/bin/sh
# 13-S8.sh - a bad line (DOMAIN 9, S8): 65 marks and 30 KB of text leave the laptop through
# cuts, a village line slower than any village, a server with a wrong clock, and a server
# that is killed the moment it has answered.
. "$(dirname "$0")/lib.sh"

at "2027-04-12 09:00:00"
found SK
workshop
on B young add SK-W9 --given Hana --family Bieliková --birth-year 2011 --gender f \
	--consent given --consent-by self --consent-on 2027-04-12
on B sync

# words N: made-up text of N words that no packer makes much smaller.
words() {
	awk -v n="$1" -v seed="$2" 'BEGIN {
		srand(seed)
		for (i = 0; i < n; i++) {
			word = ""
			for (k = 0; k < 3 + rand() * 6; k++)
				word = word sprintf("%c", 97 + rand() * 26)
			printf "%s%s", i ? " " : "", word
		}
	}'
}

part "65 marks and 30 KB of text"
for day in 1 2 3 4 5; do
	on B attend SK-W9 $day --rest present
	for person in 1 5 9; do
		on B attend SK-W9 $day --note "$person=$(words 300 $((day * 13 + person)))"
	done
done
on B --json status
is "marks" 65 "$(figure unsent_marks)"
is "changes" 80 "$(figure unsent)"

part "what it costs undisturbed, on copies of laptop and server"
server_end
cp -r B B.before
cp -r SRV SRV.before
server_up
line_up
synced B 80 65 0 0 0
line_down
undisturbed=$(($(line_sum up) + $(line_sum down)))
server_end
rm -rf B SRV
mv B.before B
mv SRV.before SRV
server_up

part "cuts after 1, 2, 4, ... bytes"
total=0 cuts=0 after=1
break_line() {
	line_up --cut "$1:$after:$2"
	try B sync
	line_down
	total=$((total + $(line_sum up) + $(line_sum down)))
	cuts=$((cuts + 1))
}

while [ $after -lt $undisturbed ]; do
	break_line up fin
	break_line down rst
	after=$((after * 2))
done
line_up
on B sync
line_down
total=$((total + $(line_sum up) + $(line_sum down)))
line_up
nothing_to_sync B
echo "undisturbed $undisturbed bytes, with $cuts cuts $total bytes"
[ $total -le $((undisturbed * 12 / 10 + cuts * 65535)) ] ||
	fail "$total bytes are more than resuming costs"
synced SK-N1 0 0 NN 65 0
on SK-N1 print sheet SK-W9
has "    Attended                            13 13 13 13 13  65"
on B --plain attend SK-W9 5
cut -f5 out | grep -q "$(words 300 74)" || fail "a text is not what was written"

part "a line of 2 kbit/s with 1.5 s of delay"
on B attend SK-W9 1 --set 1=late --set 2=late
line_up --latency 750 --rate-up 2000 --rate-down 2000
synced B 2 2 NN 0 0
line_up
synced SK-N1 0 0 NN NN 0

part "a village line (35 and 120 kbit/s, 600 ms)"
on B attend SK-W9 2 --set 1=late --set 2=late
line_up --edge
start=$(date +%s%N)
synced B 2 2 NN 0 0
waited=$((($(date +%s%N) - start) / 1000000))
line_down
echo "a small sync on the village line: $waited ms, $(line_sum trips) trips"
[ $waited -le 2600 ] || fail "two marks took $waited ms on the village line"

part "the server's clock is wrong: it is said, and the sync goes on"
server_end
CLOCK="2031-01-01 09:00:00"
server_up
CLOCK=
line_up
on B attend SK-W9 3 --set 1=late
try B sync
[ "$code" = 0 ] || fail "with a wrong clock sync ended with $code: $(head -n 2 err)"
has "[!!] this laptop's clock is 1360 days behind the server's (PN-T01)"
server_end
server_up
line_up
on B sync
on SK-N1 sync
on SK-N1 --plain attend SK-W9 3
is "the mark under a wrong clock" late "$(sed -n 1p out | cut -f4)"

part "what was called stored is there after kill -9"
for day in 1 2 3 4 5; do
	on B attend SK-W9 $day --set 7=excused
	on B sync
	has "stored by server 1 "
	server_kill
	server_up
	line_up
done
on SK-N1 sync
on SK-N1 --plain young list SK-W9
is "days that 7 attended" 0 "$(sed -n 7p out | cut -f9)"
server_end
