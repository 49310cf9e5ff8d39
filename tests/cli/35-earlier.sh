#!/bin/sh
# 35-earlier.sh - folders that the program before sealing really left (tests/data/earlier)
# are taken over, killed before each call that changes a file: the next command shows all
# that was saved, and no plain file stays. Then their passphrase is changed in the same
# way: laptop and root key always have one and the same. PNET_EVERY=1 kills before each
# fsync and write too, else before some.
. "$(dirname "$0")/lib.sh"
/usr/bin/python3 -m tarfile -e "$source_dir/tests/data/earlier/laptops.tar.xz" before
raw=$build_dir/pnet
cost="--kdf-memory 64 --kdf-passes 2"
echo "another one for later" >later
{
	echo Hviezdoslavova
	echo Sliezska
	echo roundtable
} >names

# look FOLDER PASSPHRASE-FILE ARGUMENTS...: $code, out, err.
look() {
	folder=$1 with=$2
	shift 2
	code=0
	"$raw" --data "$dir/$folder" --passphrase-file "$with" "$@" >out 2>err </dev/null || code=$?
}
# killed CALL N ARGUMENTS...: pnet in K, killed before its Nth call of that kind.
killed() {
	call=$1 nth=$2
	shift 2
	printf 'K$ pnet %s    (killed before %s %s)\n' "$*" "$call" "$nth" >>"$transcript"
	code=0
	strace -f -qq -o /dev/null -e trace="$call" -e inject="$call:signal=KILL:when=$nth" \
		"$raw" --data "$dir/K" --passphrase-file "$phrase" "$@" >out 2>err </dev/null ||
		code=$?
	struck=no
	[ "$code" != 137 ] || struck=yes
}
# tidy WHAT: no file but these, sealed and private.
tidy() {
	is "files after $1" "" "$(ls K | grep -vxE 'replica.db|replica.db-wal|vault|waiting|root.key')"
	is "names in files after $1" 0 "$(/usr/bin/python3 \
		"$source_dir/tests/cli/sealed.py" K names 2>hits)"
	is "modes after $1" 600 "$(stat -c %a K/* | sort -u)"
	[ ! -e K/root.key ] || is "root key after $1" 137 "$(stat -c %s K/root.key)"
}
# whole KIND PASSPHRASE-FILE WHAT
whole() {
	case $1 in
	OF) look K "$2" --plain network show ;;
	SK-N1) look K "$2" --plain roundtable list ;;
	esac
	is "exit after $3 ($(cat err))" 0 "$code"
	cmp -s out "$1.shows" || fail "$1 after $3 shows: $(cat out)"
	tidy "$3"
}
# each_kill STEPS FUNCTION CALL...: as in 34-sealed-anew.sh.
each_kill() {
	least=$1 function=$2 kills=0
	shift 2
	for call in "$@"; do
		nth=1
		while :; do
			"$function" "$call" "$nth"
			[ "$struck" = yes ] || break
			kills=$((kills + 1))
			case ${PNET_EVERY:-}$call in
			pwrite64) nth=$((nth * 9)) ;;
			write | fsync) nth=$((nth * 3)) ;;
			*) nth=$((nth + 1)) ;;
			esac
		done
	done
	[ "$kills" -ge "$least" ] || fail "only $kills kills struck"
	echo "$kills kills" | tee -a "$transcript"
}

part "nothing happens without a passphrase"
cp -r before K
code=0
"$raw" --data "$dir/K/SK-N1" status >out 2>err </dev/null || code=$?
is "exit without anybody to ask" 4 "$code"
diff -r before K >&2 || fail "a refused command changed the folder"
for word in Hviezdoslavova Sliezska; do
	grep -qaF $word before/SK-N1/replica.db* || fail "$word is not plain before: proves nothing"
done

part "what they show once they are taken over"
for kind in OF SK-N1; do
	rm -rf K
	cp -r before/$kind K
	look K "$phrase" unlock
	is "exit of the takeover ($(cat err))" 0 "$code"
	case $kind in
	OF) look K "$phrase" --plain network show ;;
	SK-N1) look K "$phrase" --plain roundtable list ;;
	esac
	is "exit of a look" 0 "$code"
	cp out $kind.shows
	tidy "the takeover of $kind"
done
is "both roundtables" "Rada Hviezdoslavova,Rada Sliezska" "$(cut -f3 SK-N1.shows | paste -sd,)"
look K "$phrase" --json status
has '"unsent":2,'
look K "$phrase" check
is "exit of check" 0 "$code"

part "the root key that lay there in clear works, under the passphrase"
rm -rf K
cp -r before/OF K
# The server of those days is gone; the root key is opened before it is called.
look K "$phrase" network country CZ
is "exit with the passphrase ($(cat err))" 69 "$code"
"$raw" --data "$dir/K" --passphrase-file "$phrase" unlock >/dev/null
look K later network country CZ
is "exit with another" 4 "$code"

part "killed at every step of the takeover"
take_over() {
	rm -rf K
	cp -r before/$kind K
	# shellcheck disable=SC2086
	killed "$1" "$2" unlock
	whole $kind "$phrase" "a kill before $1 $2 of the takeover of $kind"
}
kind=OF
each_kill 12 take_over link rename unlink fsync write pwrite64
kind=SK-N1
each_kill 2 take_over rename ${PNET_EVERY:+unlink fsync write pwrite64}

part "sec_55: the passphrase is changed, killed at every step"
rm -rf K
cp -r before/OF K
look K "$phrase" unlock
mv K sealed
either() {
	rm -rf K
	cp -r sealed K
	# shellcheck disable=SC2086
	killed "$1" "$2" passphrase $deep --new-passphrase-file later $cost
	"$raw" --data "$dir/K" lock >/dev/null
	look K "$phrase" unlock
	if [ "$code" = 0 ]; then
		[ "$struck" = yes ] || fail "the old passphrase opens after the change"
		holds=$phrase other=later
	else
		holds=later other=$phrase
	fi
	whole OF "$holds" "a kill before $1 $2 of passphrase $deep"
	"$raw" --data "$dir/K" lock >/dev/null
	look K "$other" unlock
	is "exit with the other passphrase" 4 "$code"
	look K "$holds" network country CZ
	is "exit with the root key under it ($(cat err))" 69 "$code"
}
deep=
each_kill 6 either link rename unlink fsync write
deep=--deep
each_kill 2 either rename ${PNET_EVERY:+link unlink fsync write pwrite64}
