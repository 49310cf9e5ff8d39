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

# pnet_in FOLDER ARGUMENTS...: pnet there; $code, out, err.
pnet_in() {
	folder=$1
	shift
	code=0
	clocked "$build_dir/pnet" --data "$dir/$folder" "$@" >out 2>err </dev/null || code=$?
}
# stopped CALLS FOLDER ARGUMENTS...: pnet there, to its end. A folder for each of those calls
# holds what a kill before it leaves: $states. They come of one run, so most have a vault that
# is unlocked already, and no passphrase is stretched again for them.
stopped() {
	calls=$1 folder=$2
	shift 2
	printf '%s$ pnet %s    (stopped before %s)\n' "$folder" "$*" "$calls" >>"$transcript"
	rm -rf states
	mkdir states
	code=0
	clocked "$build_dir/tests/cli/stops" "$folder" states "$calls" \
		"$build_dir/pnet" --data "$dir/$folder" "$@" >out 2>err </dev/null || code=$?
	cat out err >>"$transcript"
	is "exit of pnet $*" 0 "$code"
	states=$(echo states/*)
}
# killed CALL N FOLDER ARGUMENTS...: pnet there, really killed before its Nth call of that
# kind.
killed() {
	call=$1 nth=$2 folder=$3
	shift 3
	printf '%s$ pnet %s    (killed before %s %s)\n' "$folder" "$*" "$call" "$nth" >>"$transcript"
	code=0
	clocked strace -f -qq -o /dev/null -e trace="$call" \
		-e inject="$call:signal=KILL:when=$nth" \
		"$build_dir/pnet" --data "$dir/$folder" "$@" >out 2>err </dev/null || code=$?
	cat out err >>"$transcript"
	is "exit of a killed pnet $*" 137 "$code"
}
# shape FOLDER: its files, their sizes and modes.
shape() { (cd "$1" && stat -c '%n %s %a' -- *); }
# whole FOLDER PASSPHRASE-FILE: everything that was saved is there, and sealed.
whole() {
	pnet_in "$1" --passphrase-file "$2" --plain attend SK-W9 1
	is "exit of a look into $1 ($(cat err))" 0 "$code"
	cmp -s out marks || fail "marks of $1 are lost"
	for file in device.key replica.old replica.new vault.new; do
		[ ! -e "$1/$file" ] || fail "$file is left in $1"
	done
	is "modes in $1" 600 "$(stat -c %a "$1"/replica.db* "$1/vault" | sort -u)"
}
# no_names FOLDER: in no file of it, nor of the folders in it.
no_names() {
	is "names in plain files of $1" 0 "$(/usr/bin/python3 \
		"$source_dir/tests/cli/sealed.py" "$1" names 2>hits)"
}
# enough LEAST: so many kills are played at least, or it proves little.
enough() {
	kills=$(echo "$states" | wc -w)
	[ "$kills" -ge "$1" ] || fail "only $kills kills"
	echo "$kills kills" >>"$transcript"
}

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
pnet_in old status
is "exit without anybody to ask" 4 "$code"
has "its data is of an earlier version and not sealed"
diff -r old before >&2 || fail "a refused command changed the folder"
stopped rename,unlink,link,fsync,write,pwrite64/3 old --passphrase-file "$phrase" unlock
has "[ok] sealed; the files of the earlier version are overwritten and gone"
pnet_in old --passphrase-file "$phrase" unlock
whole old "$phrase"
no_names old
unseal old copy.db
is "what lay in the log only" 1 \
	"$(sqlite3 copy.db "SELECT value FROM r_meta WHERE key = 'left_in_the_log'")"
same_state B old
on old sync
on old status

part "killed at every step of it: all is as it was before, or all is taken over"
enough 15
back=0 over=0
: >proven
for state in $states; do
	# Whoever comes next settles it, without any key. The same plain folder once is enough.
	pnet_in "$state" status
	if [ -e "$state/vault" ]; then
		over=$((over + 1))
		cmp -s old/vault "$state/vault" || fail "$state has another vault"
	else
		back=$((back + 1))
		is "exit of status in $state" 4 "$code"
		(cd "$state" && sha256sum -- *) | sha256sum >found
		if grep -qxFf found proven; then
			rm -rf "$state"
			continue
		fi
		cat found >>proven
	fi
	whole "$state" "$phrase"
done
no_names states
[ $back -ge 5 ] && [ $over -ge 5 ] || fail "$back before, $over after: it proves little"
echo "$back before, $(wc -l <proven) different ones; $over after" >>"$transcript"

part "sec_55: a passphrase is changed, killed at every step: the old or the new opens"
echo "another one for later" >later
# opens FOLDER PASSPHRASE-FILE
opens() {
	pnet_in "$1" --passphrase-file "$2" unlock
	[ "$code" = 0 ]
}
# opener FOLDER: $by is the passphrase that opens it, and the other does not. What was found
# of one vault goes for its copies.
: >vaults
opener() {
	sum=$(sha256sum <"$1/vault" | cut -d ' ' -f 1)
	by=$(sed -n "s/^$sum //p" vaults)
	[ -z "$by" ] || return 0
	if opens "$1" "$phrase"; then
		! opens "$1" later || fail "both passphrases open $1"
		by=$phrase
	else
		opens "$1" later || fail "neither passphrase opens $1"
		by=later
	fi
	echo "$sum $by" >>vaults
}
# either CALLS ARGUMENTS...: the change of B's passphrase, each state of it.
either() {
	calls=$1
	shift
	rm -rf K
	cp -r B K
	# shellcheck disable=SC2086
	stopped "$calls" K $change "$@"
	opener K
	is "what opens it in the end" later "$by"
	whole K later
	with_old=0 with_new=0
	for state in $states; do
		pnet_in "$state" status
		opener "$state"
		whole "$state" "$by"
		[ "$by" = later ] && with_new=$((with_new + 1)) || with_old=$((with_old + 1))
	done
	[ $with_old -ge 2 ] && [ $with_new -ge 2 ] ||
		fail "$with_old with the old, $with_new with the new: it proves little"
	no_names states
	echo "$with_old with the old, $with_new with the new" >>"$transcript"
}
on B lock
cp -r B K
cp -r B B.killed
change="--passphrase-file $phrase passphrase --new-passphrase-file later $cost"
# shellcheck disable=SC2086
stopped fsync K $change
# shellcheck disable=SC2086
killed fsync 3 B.killed $change
is "what a kill leaves" "$(shape B.killed)" "$(shape states/003.fsync)"
either rename,unlink,link,fsync,write
enough 4
part "the same, and every page under another key"
either rename,unlink,link,fsync,write --deep
enough 10

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
