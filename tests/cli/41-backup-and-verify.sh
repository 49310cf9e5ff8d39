#!/bin/sh
# 41-backup-and-verify.sh - the operator's commands on a server that runs and on one that is
# stopped: figures, backup, verify of each kind of damage, restore beside live data, quota,
# a blocked laptop.
. "$(dirname "$0")/lib.sh"

# operate N ARGUMENTS...: pnetd there, which ends with N; leaves out and err.
operate() {
	wanted=$1
	shift
	printf 'pnetd %s\n' "$*" >>"$transcript"
	code=0
	"$pnetd" "$@" >"$dir/out" 2>"$dir/err" || code=$?
	cat "$dir/out" "$dir/err" >>"$transcript"
	[ "$code" = "$wanted" ] || fail "pnetd $* ended with $code, not $wanted"
}

at "2027-04-12 09:00:00"
found SK CZ
workshop
day_of_marks B 1
on B sync
day_of_marks B 1 late
on B sync

operate 0 backup before --data SRV
before=$(ls -d "$dir"/before/*)
on SK-N1 org edit SK-C1 --set place=Nitra
on SK-N1 sync

part "a server that runs is asked, and a stopped one looked into, alike"
operate 0 spaces --data SRV
cp out spaces.running
operate 0 devices SK --data SRV
is "laptops of SK" 2 "$(grep -c ' SK  *active  *2027-04-12T09:00Z' out)"
operate 0 verify --data SRV
has "SK   whole: 9 records"
operate 66 verify XX --data SRV
operate 64 copy --data SRV
operate 66 devices XX --data SRV
has "there is no space XX"
operate 64 quota SK many --data SRV
is "what verify leaves" "" "$(ls SRV/copy)"
is "mode of the socket" srw------- "$(ls -l SRV/admin | cut -c1-10)"
operate 0 backup backups --data SRV
first=$(ls -d "$dir"/backups/*)
operate 0 verify --backup "$first"
server_end
[ ! -e SRV/admin ] || fail "the socket stays when the server ends"
operate 0 spaces --data SRV
cmp -s out spaces.running || fail "a stopped server shows other figures"

part "every kind of damage is named"
damage() { # damage NAME SPACE SQL TEXT
	rm -rf hurt
	cp -a SRV hurt
	sqlite3 "hurt/$2.db" "$3"
	operate 65 verify --data hurt
	grep -qF "$4" err || fail "damage of $1: $(grep why err)"
}
damage "the bytes of an op" SK "UPDATE op SET wire = zeroblob(length(wire)) WHERE key =
	(SELECT max(key) FROM op WHERE class BETWEEN 1 AND 3)" "SK: batch"
damage "a signature" SK "UPDATE batch SET signature = zeroblob(64) WHERE lsn = 1" "SK: batch 1"
damage "a running hash" SK "UPDATE batch SET chain = zeroblob(32) WHERE lsn = 2" \
	"SK: batch 2: the running hash breaks there"
damage "a live count" SK "UPDATE meta SET live_ops = live_ops + 1" "figures of what lives"
damage "a missing batch" SK "DELETE FROM op WHERE key >> 8 = 2; DELETE FROM batch WHERE lsn = 2;
	UPDATE meta SET (live_ops, live_bytes) = (SELECT count(*), sum(length(wire)) FROM op
	WHERE class BETWEEN 1 AND 3)" "SK: batches are missing"
damage "a lost op" SK "DELETE FROM op WHERE key = (SELECT max(key) FROM op)" "SK: "
damage "an op under another record" SK "UPDATE op SET record = zeroblob(16) WHERE key =
	(SELECT max(key) FROM op WHERE class BETWEEN 1 AND 3)" "filed under what it is not"
damage "a key box" SK "UPDATE box SET box = zeroblob(length(box)) WHERE
	position = (SELECT max(position) FROM box WHERE position < 65535)" "SK: a key box"
damage "a box list" SK "UPDATE box_list SET list = (SELECT list FROM box_list
	ORDER BY position LIMIT 1) WHERE position = (SELECT max(position) FROM box_list)" \
	"the box list of scope"
damage "a replaced op that lives again" SK "ATTACH '$before/SK.db' AS b;
	INSERT OR REPLACE INTO op SELECT * FROM b.op WHERE key IN (SELECT key FROM op WHERE class = 0);
	DELETE FROM dead;
	UPDATE meta SET (live_ops, live_bytes) = (SELECT count(*), sum(length(wire)) FROM op
	WHERE class BETWEEN 1 AND 3)" "an op lives that its op"

part "a page that is torn"
rm -rf hurt
cp -a SRV hurt
dd if=/dev/urandom of=hurt/SK.db bs=4096 seek=7 count=1 conv=notrunc 2>/dev/null
code=0
"$pnetd" verify --data hurt >out 2>err || code=$?
[ "$code" = 65 ] || [ "$code" = 74 ] || fail "a torn page: $code, $(cat err)"

part "a changed backup is not restored, and no backup goes over live data unasked"
cp -a "$first" changed
printf x | dd of=changed/SK.db bs=1 seek=5000 conv=notrunc 2>/dev/null
operate 65 verify --backup changed
operate 65 restore changed --data NEW
has "is not what the manifest says"
operate 65 restore "$first" --data SRV
has "SRV holds 3 space files already"
operate 0 restore "$first" --data NEW
has "there is no list of graves"
has "server.key is missing"
operate 0 restore "$first" --data SRV --replace
operate 0 verify --data SRV
server_up
operate 75 restore "$first" --data SRV --replace
has "a server is running there"

part "a quota of nothing, and a laptop that is not let in"
line_up
sed -i '/^recovery/d' SRV/pnetd.conf
server_end
echo "recovery = yes" >>SRV/pnetd.conf
server_up
line_up
on SK-N1 sync
on B sync
operate 0 devices SK --data SRV
device=$(grep 'SK  *active' out | tail -n 1 | cut -d' ' -f1)
operate 0 block "$device" --data SRV
operate 66 block 00000000000000000000000000 --data SRV
try B sync
first_code=$code
try SK-N1 sync
[ "$first_code$code" = 750 ] || [ "$first_code$code" = 075 ] ||
	fail "one of the two laptops is blocked: $first_code, $code"
operate 0 block "$device" --remove --data SRV
on B sync
on SK-N1 sync

part "old backups are named, and removed when asked"
mv "$first" backups/2026-01-01T000000Z
operate 0 backup backups --data SRV
has "is older than 30 days: remove it"
sleep 1 # their names tell seconds
operate 0 backup backups --data SRV --remove-old
has "is older than 30 days: removed"
is "backups left" 2 "$(ls backups | wc -l)"
operate 64 backup backups --data SRV --keep-days 31
server_end
