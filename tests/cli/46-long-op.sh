#!/bin/sh
# 46-long-op.sh - a section of 48 KiB that is rewritten over and over becomes one op again,
# larger than 64 KiB: it is pushed, pulled by others, carried by stick, backed up and given
# back to a restored server, and everybody reads the same text.
. "$(dirname "$0")/lib.sh"

at "2027-04-12 09:00:00"
found SK
workshop
on B report new SK-W9-TR --set activity=SK-W9 --set language=en
on SK-N1 sync

# A text of random words; each edit takes two hundred of them for others, so that nothing of it
# packs well and thousands of runs remember what was there.
cat >make.py <<'END'
import random, sys
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
def word(r):
    return "".join(r.choice(LETTERS) for _ in range(6))
r = random.Random(1)
words = [word(r) for _ in range(6800)]
for edit in range(1, int(sys.argv[1]) + 1):
    r = random.Random(100 + edit)
    for i in range(edit % 34, len(words), 34):
        words[i] = word(r)
print("\n".join(" ".join(words[i:i + 12]) for i in range(0, len(words), 12)))
END

# lengths: of the live ops of NET at the server, the longest first.
lengths() {
	rm -f look.db look.db-wal
	cp SRV/NET.db look.db
	[ ! -e SRV/NET.db-wal ] || cp SRV/NET.db-wal look.db-wal
	sqlite3 look.db "SELECT length(wire) FROM op ORDER BY 1 DESC"
}
# text LAPTOP: of the section.
text() {
	on "$1" --json report show SK-W9-TR
	cp out "text.$1"
}

part "edit after edit, each sent"
/usr/bin/python3 make.py 0 >words
{ echo "# Context"; echo; cat words; } >whole
on B report edit SK-W9-TR --file "$dir/whole"
on B sync
most=0
edit=0
longest=0
while [ "$longest" -le 65536 ] && [ $edit -lt 80 ]; do
	edit=$((edit + 1))
	/usr/bin/python3 make.py $edit >words
	on B report edit SK-W9-TR --section Context --file "$dir/words"
	on B sync
	longest=$(lengths | head -n 1)
	count=$(lengths | wc -l)
	[ "$count" -le $most ] || most=$count
	echo "edit $edit: $count live ops, the longest $longest" >>"$transcript"
done
[ "$longest" -gt 65536 ] || fail "no op became longer than 64 KiB, but $longest"
[ "$most" -le $((15 + 65)) ] || fail "$most live ops stood there while it grew"
[ "$(lengths | wc -l)" -le 17 ] || fail "$(lengths | wc -l) live ops are left"

part "everybody reads the same: by the server, by stick, from a restored server"
on SK-N1 sync
text B
text SK-N1
cmp -s text.B text.SK-N1 || fail "B and SK-N1 read different texts"
on B report edit SK-W9-TR --section Context --file "$dir/words"
/usr/bin/python3 make.py $((edit + 1)) >words
on B report edit SK-W9-TR --section Context --file "$dir/words"
mkdir usb
on B sync --via usb
on SK-N1 sync --via usb
text B
text SK-N1
cmp -s text.B text.SK-N1 || fail "the stick brought another text"
on B sync
on SK-N1 sync
"$pnetd" verify --data "$dir/SRV" >out 2>&1 || fail "pnetd verify: $(cat out)"
"$pnetd" backup "$dir/kept" --data "$dir/SRV" >out 2>&1 || fail "pnetd backup: $(cat out)"
joins C SK-N1 SK-T3 trainer
on C sync
text C
cmp -s text.B text.C || fail "a new laptop reads another text"
server_end
