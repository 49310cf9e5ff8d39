#!/bin/sh
# 34-sealed-anew.sh - a folder of an earlier version is sealed, a passphrase is changed, and
# with --deep every page: killed before each call that changes a file, either the old or the
# new holds, nothing that was saved is lost, and no plain file stays.
. "$(dirname "$0")/lib.sh"
at "2027-04-12 08:00:00"
found SK
workshop
day_of_marks B 1 late
on B --plain attend SK-W9 1
cp out marks
cut -d, -f2,3 "$scenarios/roster_SK-W9.csv" | tr ',' '\n' | sort -u >names
cost="--kdf-memory 64 --kdf-passes 2"

# killed CALL N FOLDER ARGUMENTS...: pnet there, killed before its Nth call of that kind;
# $code is 137 if it came to that.
killed() {
	call=$1 nth=$2 folder=$3
	shift 3
	printf '%s$ pnet %s    (killed before %s %s)\n' "$folder" "$*" "$call" "$nth" >>"$transcript"
	code=0
	clocked strace -f -qq -o /dev/null -e trace="$call" \
		-e inject="$call:signal=KILL:when=$nth" \
		"$build_dir/pnet" --data "$dir/$folder" "$@" >out 2>err </dev/null || code=$?
	cat out err >>"$transcript"
}
# whole FOLDER PASSPHRASE-FILE: everything that was saved is there, and sealed.
whole() {
	code=0
	clocked "$build_dir/pnet" --passphrase-file "$2" --data "$dir/$1" --plain \
		attend SK-W9 1 >out 2>err </dev/null || code=$?
	is "exit of a look into $1 ($(cat err))" 0 "$code"
	cmp -s out marks || fail "marks of $1 are lost after a kill before $call $nth"
	is "names in plain files of $1" 0 "$(/usr/bin/python3 \
		"$source_dir/tests/cli/sealed.py" "$1" names 2>hits)"
	for file in device.key replica.old replica.new vault.new; do
		[ ! -e "$1/$file" ] || fail "$file is left after a kill before $call $nth"
	done
	is "modes in $1" 600 "$(stat -c %a "$1"/replica.db* "$1/vault" | sort -u)"
}
# each_kill STEPS FUNCTION CALL...: FUNCTION CALL N for N = 1, 2, 3... of each kind of call,
# until the program comes to its end. STEPS: at least so many kills, or it proves little.
each_kill() {
	least=$1 function=$2 kills=0
	shift 2
	for call in "$@"; do
		nth=1
		while :; do
			"$function" "$call" "$nth"
			[ "$struck" = yes ] || break
			kills=$((kills + 1))
			# Pages of a copy are many and alike.
			[ "$call" = pwrite64 ] && nth=$((nth * 9)) || nth=$((nth + 1))
		done
	done
	[ "$kills" -ge "$least" ] || fail "only $kills kills struck"
	echo "$kills kills" >>"$transcript"
}
was_struck() { [ "$code" = 137 ] && struck=yes || struck=no; }

part "a folder of an earlier version: plain pages, a log of its own, device.key"
"$build_dir/tests/cli/unseal" B "$phrase" copy.db seed
mkdir -m 700 old
sqlite3 copy.db ".filectrl reserve_bytes 0" "VACUUM INTO 'old/replica.db'" >/dev/null
sqlite3 old/replica.db ".dbconfig no_ckpt_on_close on" "PRAGMA journal_mode=WAL" \
	"INSERT INTO r_meta VALUES('left_in_the_log', 1)" >/dev/null
mv seed old/device.key
chmod 600 old/*
[ -s old/replica.db-wal ] || fail "the earlier version left no log"
cp -r old before
code=0
clocked "$build_dir/pnet" --data "$dir/old" status >out 2>err </dev/null || code=$?
is "exit without anybody to ask" 4 "$code"
has "its data is of an earlier version and not sealed"
diff -r old before >&2 || fail "a refused command changed the folder"
call=none nth=0
killed rename 1000 old --passphrase-file "$phrase" unlock
has "[ok] sealed; the files of the earlier version are overwritten and gone"
whole old "$phrase"
unseal old copy.db
is "what lay in the log only" 1 \
	"$(sqlite3 copy.db "SELECT value FROM r_meta WHERE key = 'left_in_the_log'")"
same_state B old
on old sync
on old status

part "killed at every step of it"
take_over() {
	rm -rf K
	cp -r before K
	killed "$1" "$2" K --passphrase-file "$phrase" unlock
	was_struck
	whole K "$phrase"
}
each_kill 15 take_over rename unlink fsync pwrite64

part "sec_55: a passphrase is changed, killed at every step: the old or the new opens"
echo "another one for later" >later
# opens FOLDER PASSPHRASE-FILE
opens() {
	clocked "$build_dir/pnet" --data "$dir/$1" --passphrase-file "$2" unlock \
		>/dev/null 2>&1 </dev/null
}
either() {
	on B lock
	rm -rf K
	cp -r B K
	# shellcheck disable=SC2086
	killed "$1" "$2" K --passphrase-file "$phrase" passphrase --new-passphrase-file later \
		$deep $cost
	was_struck
	clocked "$build_dir/pnet" --data "$dir/K" lock >/dev/null
	if opens K "$phrase"; then
		[ "$struck" = yes ] || fail "the old passphrase opens after the change"
		! opens K later || fail "both passphrases open"
		whole K "$phrase"
	else
		opens K later || fail "neither passphrase opens after a kill before $1 $2"
		whole K later
	fi
}
deep=
each_kill 4 either rename fsync write
part "the same, and every page under another key"
deep=--deep
each_kill 10 either rename unlink fsync

part "what another process holds is not sealed anew"
cat >hold.py <<'END_OF_SCRIPT'
import fcntl, sys, time
held = open(sys.argv[1], "r+b")
fcntl.lockf(held, fcntl.LOCK_EX, 512, 0x40000000)
print("held", flush=True)
time.sleep(30)
END_OF_SCRIPT
/usr/bin/python3 hold.py B/replica.db >held &
holder=$!
wait_for_file held "the other process"
code=0
# shellcheck disable=SC2086
clocked "$build_dir/pnet" --data "$dir/B" --passphrase-file "$phrase" passphrase --deep \
	--new-passphrase-file later $cost >out 2>err </dev/null || code=$?
kill $holder
is "exit while it is held" 75 "$code"
on B unlock
on B attend SK-W9 1
on B check

part "a root key in the folder follows its passphrase"
# shellcheck disable=SC2086
on OF passphrase --new-passphrase-file later $cost
cp later "$phrase"
on OF network country CZ
server_end
