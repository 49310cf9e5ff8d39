#!/bin/sh
# 16-S4.sh - a day without a network (DOMAIN 9, S4): a stick goes between two laptops, one
# of which has a clock that is years ahead; it also passes a device that may not read what
# lies on it, a laptop of another network, and a hand that flips one bit.
. "$(dirname "$0")/lib.sh"
. "$source_dir/tests/cli/scenario.sh"

sample
s1_prepare
on N activity team SK-W9 add SK-T2 --new
on N young add SK-W9 --given Hana --family Bieliková --birth-year 2011 --gender f
for laptop in N A B; do
	on $laptop sync
done
mkdir usb
wrong="2031-01-01 09:00:00"
# off LAPTOP ARGUMENTS...: under the clock that is wrong.
off() {
	CLOCK=$wrong try "$@"
	[ "$code" = 0 ] || fail "pnet $* ended with $code: $(cat err)"
}
# mark LAPTOP: the mark of number 9 on day 3.
mark() {
	on "$1" --plain attend SK-W9 3
	sed -n 9p out | cut -f 4
}

part "B marks all and writes a bundle"
at "2027-04-14 09:00:00"
on B attend SK-W9 3 --rest present
on B sync --via usb
shows <<END
read 0 bundles: 0 new changes (0 marks)    wrote 1 bundle    not yet stored by the server: 13 own, 0 carried
END

part "sec_32: A takes it, under a clock that is years ahead, changes one mark and writes it on"
off A sync --via usb
shows <<END
read 1 bundle: 13 new changes (13 marks)    wrote 1 bundle    not yet stored by the server: 0 own, 13 carried
[!!] this laptop's clock is 1358 days ahead of the bundle's (PN-T01): set the date, then go on
END
is "bundles in the folder" 2 "$(ls usb/*.pnet | wc -l)"
off A attend SK-W9 3 --set 9=excused
off A sync --via usb
has "read 1 bundle: 0 new changes"
has "1 own, 13 carried"

part "B takes that back and changes it again"
on B sync --via usb
has "read 1 bundle: 1 new change (1 mark)"
has "the clock of DE-T3's laptop was 1358 days ahead of this one's (PN-T01)"
is "the mark at B" excused "$(mark B)"
on B attend SK-W9 3 --set 9=late
on B sync --via usb
has "read 1 bundle: 0 new changes"
has "1 carried"
is "bundles in the folder" 2 "$(ls usb/*.pnet | wc -l)"

part "nothing of it can be read on the stick"
for word in Gajdoš Ľubica Bielik Hrčka present late excused SK-W9 marks; do
	! grep -qaF -- "$word" usb/*.pnet || fail "the bundles hold $word"
done

part "taken again it brings nothing"
on B sync --via usb
has "0 new changes (0 marks)"

part "one flipped bit: refused whole, and the other bundle is taken all the same"
cp -r usb bad
python3 - bad/SK-T2-*.pnet <<'END'
import sys
path = sys.argv[1]
data = bytearray(open(path, "rb").read())
data[len(data) // 2] ^= 4
open(path, "wb").write(data)
END
on_exit 65 N sync --via bad
complains <<END
pnet: the bundle is damaged (PN-B01)
  why   $(basename bad/SK-T2-*.pnet) is cut or was changed
  data  nothing of that file was taken
  next  pnet sync --via DIR    on the laptop that wrote it: it writes it again
END
has "read 1 bundle: 14 new changes (14 marks)"

part "another network refuses it; a device without the scope carries it on"
mkdir alien
cp usb/SK-T2-*.pnet alien
on OTHER network found OF-1
"$pnetd" init "$dir/SRV2" --network "$(tail -n 1 out)" >key2 2>>"$transcript"
exec_clocked "$pnetd" serve --data "$dir/SRV2" --listen 127.0.0.1:0 --port-file "$dir/port2" \
	--allow-root >>"$transcript" 2>&1 &
other_pid=$!
wait_for_file "$dir/port2" "the other network's server"
on OTHER network server "127.0.0.1:$(cat port2)" "$(sed 's/^key //' key2 | tail -n 1)"
kill $other_pid
wait $other_pid || true
on_exit 77 OTHER sync --via alien
grep -qF "the bundle is not for this laptop (PN-B02)" err || fail "no PN-B02: $(cat err)"
mkdir by-cz && cp usb/*.pnet by-cz
on CZ-N1 sync --via by-cz
has "read 2 bundles: 0 new changes (0 marks)"
has "cannot be opened here and travel"
on_exit 66 CZ-N1 young list SK-W9
on CZ-N1 sync

part "sec_32: next morning all sync: one value, no conflict, no clock moved, A's edit is flagged"
at "2027-04-15 08:00:00"
for laptop in B A N B A CZ-N1 N; do
	on $laptop sync
	has "conflicts open 0"
done
for laptop in A B N; do
	is "the mark at $laptop" late "$(mark $laptop)"
	on $laptop --json status
	is "what waits at $laptop" 0 "$(figure unsent)"
	is "what is carried at $laptop" 0 "$(figure carried)"
done
for laptop in A B N; do
	on $laptop print sheet SK-W9
	cp out "sheet.$laptop"
	cmp -s sheet.A "sheet.$laptop" || fail "$laptop prints another sheet than A"
done
on CZ-N1 --json status
is "what is carried at CZ-N1" 0 "$(figure carried)"
on N findings SK-W9
has "V8"
on B attend SK-W9 4 --set 1=present
on N sync
on B sync
on N sync
on N history SK-W9 --by SK-T2
has_not "2031"
on N attend SK-W9 4
has "1 present"

part "the server holds each batch once: nothing more comes"
on A sync
for laptop in A B N CZ-N1; do
	nothing_to_sync $laptop
done
server_end
