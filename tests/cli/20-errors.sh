#!/bin/sh
# 20-errors.sh - the error lab: every complaint that can be provoked here is, with its four
# parts, its exit code and its words pinned. At the end the table of the program is
# compared with what was seen, so that a new code needs a line here.
. "$(dirname "$0")/lib.sh"

at "2027-04-12 09:00:00"
: >seen
# fails EXIT LAPTOP ARGUMENTS... <<END: the call ends so, and stderr is exactly stdin.
fails() {
	on_exit "$@"
	complains
	for name in '^pnet: .* (PN-[A-Z][0-9][0-9])$' '^  why   .' '^  data  .' '^  next  .'; do
		grep -q "$name" err || fail "a part is missing: $name"
	done
	sed -n 's/^pnet: .* (\(PN-...\))$/\1/p' err >>seen
}

found SK
server_end
cp -r SRV SRV.early
server_up
line_up
workshop

part "not joined"
fails 4 Z status <<END
pnet: this laptop has not joined a network (PN-K04)
  why   there is no joined replica in DIR/Z
  data  nothing was changed
  next  pnet join CODE    with the invite code of your coordinator
END

part "each code is explained, offline and before joining"
for pn in $(sed -n 's/.*"\(PN-[A-Z][0-9][0-9]\)".*/\1/p' "$source_dir/client/terminal/complaint.h"); do
	on NOBODY help "$pn"
	is "lines of help $pn" 3 "$(wc -l <out)"
	grep -q "^$pn    .* (exit [0-9]*)$" out || fail "help $pn: $(head -n 1 out)"
done

part "not understood"
on_exit 64 OF young ad
has "there is no command 'young ad'; do you mean young add?"
on_exit 64 OF report paint
has "there is no command 'report paint'; do you mean report new, report list,"
has_not "export"
fails 64 B staus <<END
pnet: the command is not understood (PN-U01)
  why   there is no command 'staus'; do you mean status?
  data  nothing was changed
  next  pnet status --help
        pnet help
END
fails 64 B sync --timout 3 <<END
pnet: the command is not understood (PN-U01)
  why   there is no option '--timout'; do you mean --timeout?
  data  nothing was changed
  next  pnet sync --help
        pnet help
END
fails 64 B attend SK-W9 1 --set <<END
pnet: the command is not understood (PN-U01)
  why   --set needs a value
  data  nothing was changed
  next  pnet help attend
END
fails 64 B invite SK-T9 --role king <<END
pnet: the command is not understood (PN-U01)
  why   --role is trainer, coordinator or office
  data  nothing was changed
  next  pnet invite SK-T9 --role trainer
END

part "not here"
fails 66 B young list SK-W8 <<END
pnet: no such thing here (PN-F01)
  why   no activity SK-W8 is on this laptop; do you mean SK-W9?
  data  nothing was changed
  next  pnet activity list
END

part "not in the right form"
fails 65 SK-N1 workshop new SK-W10 --practice GP01 --org SK-C1 --start 2027-02-30 <<END
pnet: the value is not in the right form (PN-V03)
  why   start '2027-02-30': start: a real date YYYY-MM-DD is expected (V2)
  data  nothing was changed
  next  pnet help    shows what is expected
END
fails 65 SK-N1 workshop new SK-W9 --practice GP01 --org SK-C1 --start 2027-04-12 <<END
pnet: the value is not in the right form (PN-V03)
  why   there is an activity SK-W9 already
  data  nothing was changed
  next  pnet help workshop new
END

part "not permitted"
fails 77 B close SK-W9 <<END
pnet: not permitted (PN-P01)
  why   SK-W9 is closed and reopened by a coordinator of its country
  data  nothing was changed
  next  pnet member list    to see who that is
END
fails 77 B invite SK-T9 --role trainer <<END
pnet: not permitted (PN-P01)
  why   a trainer invites himself alone, for another laptop of his; others are invited by a coordinator
  data  nothing was changed
  next  pnet invite SK-T2 --role trainer
END
fails 77 SK-N1 invite OF-9 --role office <<END
pnet: not permitted (PN-P01)
  why   members of the office are invited by the office
  data  nothing was changed
  next  pnet member list    to see who that is
END
fails 77 SK-N1 network country HU <<END
pnet: not permitted (PN-P01)
  why   the root key is not in DIR/SK-N1
  data  nothing was changed
  next  pnet network show    and then the same command on the laptop that holds root.key
END

part "a gate"
fails 3 SK-N1 close SK-W9 <<END
pnet: SK-W9 cannot be closed yet (PN-C01)
  why   only 0 of 5 days held, 4 are needed (V20)
  data  nothing was changed
  next  pnet activity day SK-W9 1 --held yes    if it was held
END

part "files"
printf 'enrolment,day,status\nSK-W9-E01,1,\033[31mbanana\n' >bad.csv
on_exit 65 B import marks bad.csv --activity SK-W9
! grep -q "$(printf '\033')" err out || fail "an escape sequence reached the terminal"
printf 'enrolment,day,status\nSK-W9-E01,1,banana\n' >bad.csv
fails 65 B import marks bad.csv --activity SK-W9 <<END
bad.csv:2: rejected: present, late, excused or absent is expected (V1)
pnet: the file has rows that cannot be taken (PN-V01)
  why   1 row is rejected in bad.csv, the first in line 2
  data  nothing was imported
  next  pnet import marks bad.csv --activity SK-W9 -n    after mending them
END
printf 'enrolment,day,status\n\377\376' >latin.csv
fails 65 B import marks latin.csv --activity SK-W9 <<END
pnet: the file cannot be read as text (PN-V02)
  why   latin.csv: not valid UTF-8 at byte 21
  data  nothing was imported
  next  pnet help import    with --encoding cp1250 or latin2, if it is one of these
END
fails 73 B export activity -o nowhere/activities.csv <<END
pnet: the output cannot be written (PN-O01)
  why   cannot write nowhere/activities.csv
  data  nothing was changed
  next  pnet help export
END
code=0
clocked "$pnet" --data B export activity >/dev/full 2>err || code=$?
is "exit code with a full standard output" 73 $code
has "PN-O01"

part "invites"
fails 65 Z join nonsense <<END
pnet: the invite is mistyped (PN-I01)
  why   in front of the code HOST:PORT/ is missing or mistyped
  data  nothing was sent; nothing was changed
  next  pnet join CODE    with the code as it was given
END
on SK-N1 invite SK-T3 --role trainer -o invite
on T3 join --file invite
fails 77 Z join --file invite <<END
pnet: the invite cannot be used any more (PN-I02)
  why   it was used already: each code works once
  data  nothing was kept of this join
  next  pnet join CODE    with a new code of your coordinator
END

part "two at once"
cat >hold.py <<'END'
import fcntl, sys, time
held = open(sys.argv[1], "r+b")
fcntl.lockf(held, fcntl.LOCK_EX, 512, 0x40000000) # the bytes that SQLite locks
print("held", flush=True)
time.sleep(30)
END
/usr/bin/python3 hold.py B/replica.db >held &
holder=$!
wait_for_file held "the other writer"
fails 75 B status <<END
pnet: another pnet is writing (PN-D03)
  why   DIR/B/replica.db is in use by process NN; waited 5 s
  data  nothing was changed by this call
  next  pnet status    when the other one is done
END
kill $holder
wait $holder 2>/dev/null || true

part "a disk that takes no more"
on B --json status
before=$(figure unsent)
code=0
(
	trap '' XFSZ
	ulimit -f 8
	exec_clocked "$pnet" --data B attend SK-W9 4 --rest present
) >out 2>err || code=$?
cat out err >>"$transcript"
is "exit code with a full disk" 74 $code
grep -q 'PN-D0[14]' err || fail "a full disk: $(head -n 1 err)"
has_not "saved on this laptop"
on B --json status
is "changes after a full disk" "$before" "$(figure unsent)"
on B attend SK-W9 4 --rest present
on B sync
echo PN-D04 >>seen

part "a folder that may not be written"
cp -r B readonly
chmod 500 readonly
if [ "$(id -u)" = 0 ]; then # who may write everywhere: as nobody
	chmod 755 "$dir"
	chown -R 65534:65534 readonly
	code=0
	(
		unset LD_PRELOAD
		exec setpriv --reuid=65534 --regid=65534 --clear-groups "$pnet" --data "$dir/readonly" status
	) >out 2>err || code=$?
	is "exit code in a folder that may not be written" 74 $code
else
	on_exit 74 readonly status
fi
complains <<END
pnet: the disk refused to read or write (PN-D04)
  why   the folder DIR/readonly cannot be read and written: Permission denied
  data  nothing was changed
  next  pnet status    as the user whose folder it is, or on a disk that is not read-only
END

part "a damaged replica is said to be so, and not repaired behind one's back"
mkdir damaged
cp -r B damaged/text
printf 'not a database at all' | dd of=damaged/text/replica.db conv=notrunc 2>/dev/null
rm -f damaged/text/replica.db-wal # it holds that page once more
on_exit 65 damaged/text status
has "local data is damaged (PN-D02)"
cp -r B damaged/key
rm damaged/key/vault
fails 65 damaged/key status <<END
pnet: local data is damaged (PN-D02)
  why   DIR/damaged/key/vault is missing
  data  without it nobody can open what lies here; nothing was changed
  next  pnet join CODE    in an empty folder, with a new invite to yourself
END

part "a locked laptop, and a wrong passphrase"
cat >"$dir/locked" <<END
pnet: this laptop is locked (PN-K05)
  why   the data in DIR/B is sealed, and this session does not have its key
  data  nothing is lost: NN changes wait here to be sent
  next  pnet unlock    asks for the passphrase, once for 15 minutes
        pnet status --passphrase-file FILE    where nobody can be asked
END
on B lock
code=0
clocked "$build_dir/pnet" --data "$dir/B" young list SK-W9 >out 2>err || code=$?
is "exit while locked" 4 $code
complains <"$dir/locked"
echo PN-K05 >>seen
echo "KOLAR MIDES HAPEN TIVOL" >shouted
code=0
clocked "$build_dir/pnet" --data "$dir/B" --passphrase-file shouted young list SK-W9 >out 2>err ||
	code=$?
is "exit with a wrong passphrase" 4 $code
complains <<END
pnet: wrong passphrase (PN-K01)
  why   it does not open DIR/B/vault (1 try): all in capitals, is Caps Lock on?
  data  nothing was changed; no number of tries deletes anything
  next  pnet unlock
END
echo PN-K01 >>seen
on B unlock

part "the server was set back"
day_of_marks B 1
on B sync
server_end
cp -r SRV SRV.late
rm -rf SRV
cp -r SRV.early SRV
server_up
line_up
day_of_marks B 2
fails 77 B sync <<END
pnet: the server's membership log is shorter than known (PN-S03)
  why   the server's log of SK has NN records, this laptop knows NN: it was restored from a backup and does not take the missing ones from this laptop
  data  nothing is lost: everything stays on this laptop
  next  pnet sync    once the operator of the server has set recovery = yes in pnetd.conf and started it again
        pnet sync    after a coordinator or the office has done so: they are known there for longer
END
on_exit 75 SK-N1 sync
has "the server was restored from a backup (PN-S01)"
shows_nothing
on_exit 75 OF sync
echo PN-S01 >>seen
on B --json status
is "what waits at B" 12 "$(figure unsent)"
server_end
rm -rf SRV
cp -r SRV.late SRV
rm -f SRV/SK.db*
server_up
line_up
on_exit 77 B sync
has "PN-S03"
server_end

part "and came back whole: nothing was lost"
rm -rf SRV
cp -r SRV.late SRV
server_up
line_up
synced B 12 12 0 0 0
synced SK-N1 0 0 NN 36 0
on B sync
nothing_to_sync SK-N1

part "a server that is full"
server_end
sed -i '/^connections_max/d' SRV/pnetd.conf
echo 'connections_max = 1' >>SRV/pnetd.conf
server_up
line_up --cut up:100:silence --only 1
clocked "$pnet" --data T3 sync >/dev/null 2>&1 &
holder=$!
sleep 0.3
fails 75 B sync <<END
pnet: the server is full or busy (PN-N06)
  why   the server has no room now (SERVER)
  data  nothing is lost: everything is saved here
  next  pnet sync    in some minutes
END
kill $holder 2>/dev/null
wait $holder 2>/dev/null || true
server_end
sed -i '/^connections_max/d' SRV/pnetd.conf

part "a server of another version, and a client of another version"
printf 'PN\002\000' >version
line_up --answer version
fails 76 B sync <<END
pnet: this program and the server do not fit together (PN-N05)
  why   the versions do not fit together (SERVER): it speaks version 2, this program version 1
  data  nothing is lost: everything is saved here
  next  pnet --version    and tell your coordinator
END
line_down
server_up
cat >newer.py <<'END'
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)
s.sendall(b"PN\x02\x00" + bytes(50))
said = b""
while chunk := s.recv(64):
    said += chunk
print(said.hex())
END
is "what a newer client hears" 504e0100 "$(/usr/bin/python3 newer.py "$server_port")"
server_end

part "the network (their words are pinned in 03-sync-errors.sh)"
line_down
on_exit 69 B sync
has PN-N01
echo PN-N01 >>seen
printf 'HTTP/1.1 200 OK\r\n\r\n' >page.html
line_up --answer page.html
on_exit 77 B sync
has PN-N02
line_down
printf 'PN-N02\nPN-N03\nPN-N04\n' >>seen

part "a key that was replaced, and whose box the server lost"
server_kill
server_up
line_up
joins K SK-N1 SK-T9 trainer
on SK-N1 sync
on SK-N1 member revoke SK-T9 --yes
on OF sync
server_end
sqlite3 SRV/NET.db 'DELETE FROM box WHERE epoch > 1'
server_up
fails 75 SK-N1 invite SK-T8 --role trainer <<END
pnet: a key has not come to this laptop yet (PN-K06)
  why   somebody replaced a key that has to be handed on, and the server has no key box of the new one for this laptop
  data  nothing was changed by this call
  next  pnet sync    once a day: who replaced it hands it over again every third day
        pnet invite SK-N1 --role coordinator    by somebody who has it, if it does not come: a new laptop of yours gets all keys
END
on OF sync
on_exit 75 SK-N1 invite SK-T8 --role trainer
if [ -z "${PNET_SANITIZED:-}" ]; then # their clock stands still
	at "2027-04-15 09:00:00"
	on OF sync
	on SK-N1 invite SK-T8 --role trainer
fi

part "no memory is left"
if [ -z "${PNET_SANITIZED:-}" ]; then
	{
		echo code,title
		head -c 16000000 /dev/zero | tr '\0' x
	} >large.csv
	code=0
	(ulimit -v 24000 && clocked "$pnet" --data "$dir/B" import practice large.csv >out 2>err) ||
		code=$?
	is "exit without memory" 70 "$code"
	# Where it runs out differs from machine to machine.
	has "pnet: there is not enough free memory (PN-X01)"
	has "  data  the last change is NOT saved; what was saved before is"
	has "  next  pnet status    once other programs are closed"
	on B status
fi
printf 'PN-X01\n' >>seen

part "every code of the table was seen, or it is said why not"
cat >elsewhere <<END
PN-S02 22-others.sh
PN-K02 22-others.sh
PN-B01 16-S4.sh
PN-B02 16-S4.sh
PN-K03 04-copied-laptop.sh
PN-D01 31-laptops-and-disks.sh
PN-C02 22-others.sh
END
sed -n 's/.*X(PN_..., "\(PN-...\)".*/\1/p' "$source_dir/client/terminal/complaint.h" >table
[ -s table ] || fail "the table of complaints was not found"
while read -r row; do
	grep -qx "$row" seen || grep -q "^$row " elsewhere || fail "$row was never provoked"
done <table
while read -r row _; do
	grep -qx "$row" table || fail "elsewhere names $row, which the table does not have"
done <elsewhere
