#!/bin/sh
# 33-locked.sh - a laptop under a passphrase (SECURITY 11): chosen at join on a terminal,
# locked and unlocked, wrong and forgotten, never on a command line; what its files show
# while it works and after kill -9; panic.
. "$(dirname "$0")/lib.sh"
at "2027-04-12 08:00:00"
found SK
workshop
raw=$build_dir/pnet # without a file with the passphrase
cost="--kdf-memory 64 --kdf-passes 2"
# What a command without a passphrase ends with on an unlocked laptop.
open=0
[ -z "${PNET_NO_KEYS:-}" ] || open=4

# said: what was printed, into the transcript.
said() {
	cat "$dir/out" "$dir/err" >>"$transcript"
	[ "$code" = 0 ] || echo "(exit $code)" >>"$transcript"
}
# bare LAPTOP ARGUMENTS...: without a terminal and without a passphrase. bare_exit N ...
bare() {
	laptop=$1
	shift
	printf '%s$ pnet %s\n' "$laptop" "$*" >>"$transcript"
	code=0
	clocked "$raw" --data "$dir/$laptop" "$@" >"$dir/out" 2>"$dir/err" </dev/null || code=$?
	said
}
bare_exit() {
	wanted=$1
	shift
	bare "$@"
	is "exit of pnet $*" "$wanted" "$code"
}
# asked N LAPTOP ARGUMENTS...: on a terminal, ends with N; stdin: PROMPT<TAB>TEXT.
asked() {
	wanted=$1 laptop=$2
	shift 2
	printf '%s$ pnet %s    (on a terminal)\n' "$laptop" "$*" >>"$transcript"
	code=0
	clocked /usr/bin/python3 "$source_dir/tests/cli/pty_run.py" "$raw" --data "$dir/$laptop" \
		"$@" >"$dir/out" 2>"$dir/err" || code=$?
	said
	is "exit of pnet $*" "$wanted" "$code"
}

part "a passphrase of one's own: long enough, typed twice, never shown"
on SK-N1 invite SK-T3 --role trainer -o invite
# shellcheck disable=SC2086
asked 0 T join --file invite $cost <<END_OF_INPUT
Passphrase: 	too short
Passphrase: 	motorka v dazdi
The same once more: 	motorka v dazde
Passphrase: 	motorka v dazdi
The same once more: 	motorka v dazdi
END_OF_INPUT
has "[ok] code complete    server"
has "(5 words are suggested; Enter takes them):"
has "Without the passphrase nobody can open this laptop's unsent work."
has "[!!] a passphrase has at least 12 characters, this one has 9"
has "[!!] the two were not the same"
has "[ok] keys made, local data sealed, joined SK as trainer (SK-T3)"
has_not "motorka"
is "mode of the folder" 700 "$(stat -c %a T)"
is "modes of its files" 600 "$(stat -c %a T/* | sort -u)"
bare_exit $open T activity list

part "Enter takes the five words"
on SK-N1 invite SK-T4 --role trainer -o invite
# shellcheck disable=SC2086
asked 0 E join --file invite $cost <<END_OF_INPUT
Passphrase: 	
END_OF_INPUT
has "[ok] the five words are it"
grep -Ex '     ([a-z]{5} ){4}[a-z]{5}' out | sed 's/^ *//' >words
bare_exit 0 E lock
bare_exit 0 E --passphrase-file words activity list
bare_exit 4 E activity list

part "without a person and without a file nothing is made"
on SK-N1 invite SK-T5 --role trainer -o invite
# shellcheck disable=SC2086
bare_exit 4 F join --file invite $cost
has "this laptop needs a passphrase (PN-K05)"
[ ! -e F ] || fail "a join that failed left the folder F"
for bad in "--kdf-memory 63" "--kdf-memory 2048" "--kdf-passes 1" "--kdf-passes 11"; do
	# shellcheck disable=SC2086
	bare_exit 64 F join --file invite $bad
done

part "locked: the counts, and nothing else"
on B attend SK-W9 1 --rest present
bare_exit 0 B lock
shows <<END_OF_OUTPUT
[ok] locked$([ $open = 0 ] || echo ", as it was before")
END_OF_OUTPUT
bare_exit 0 B status
shows <<END_OF_OUTPUT
On this laptop   12 changes not yet stored by the server
Last sync        Mon 12 Apr 08:00
Locked           the rest after: pnet unlock
END_OF_OUTPUT
bare_exit 0 B --json status
has '"unsent":12,'
has '"locked":true'
bare_exit 1 B status --exit-code
bare_exit 4 B young list SK-W9
bare_exit 4 B attend SK-W9 1 --set 1=late
complains <<END_OF_OUTPUT
pnet: this laptop is locked (PN-K05)
  why   the data in DIR/B is sealed, and this session does not have its key
  data  nothing is lost: 12 changes wait here to be sent
  next  pnet unlock    asks for the passphrase, once for 15 minutes
        pnet status --passphrase-file FILE    where nobody can be asked
END_OF_OUTPUT
bare_exit 4 B --json young list SK-W9
has '"code":"PN-K05"'
bare_exit 4 B completion codes

part "locked: never fewer changes than there are, killed before any sync of the disk"
cp -r B counted
for nth in 1 2 3 4 5; do
	clocked strace -f -qq -o /dev/null -e trace=fsync,fdatasync \
		-e inject=fsync,fdatasync:signal=KILL:when=$nth "$build_dir/pnet" \
		--data "$dir/counted" --passphrase-file "$phrase" attend SK-W9 2 --set $nth=late \
		>out 2>err </dev/null || true
	bare_exit 0 counted --json status
	has '"locked":true'
	told=$(figure unsent)
	bare_exit 0 counted --passphrase-file "$phrase" --json status
	[ "$told" -ge "$(figure unsent)" ] || fail "locked: $told wait; there are $(figure unsent)"
done
[ "$(figure unsent)" -gt 12 ] || fail "no change was saved: it proves little"

part "sec_54: three tries on a terminal; the right one unlocks"
asked 4 B young list SK-W9 <<END_OF_INPUT
Passphrase of this laptop: 	wrong
Passphrase of this laptop: 	KOLAR MIDES HAPEN TIVOL
Passphrase of this laptop: 	wrong
END_OF_INPUT
has "[!!] wrong passphrase, 1 of 3 tries"
has "2 of 3 tries; all in capitals: is Caps Lock on?"
has "wrong passphrase (PN-K01)"
has "(3 tries): Caps Lock or another keyboard layout"
bare_exit 4 B young list SK-W9
asked 0 B young list SK-W9 <<END_OF_INPUT
Passphrase of this laptop: 	wrong
Passphrase of this laptop: 	$(cat "$phrase")
END_OF_INPUT
has "Tadeáš Mráz"
if [ -z "${PNET_NO_KEYS:-}" ]; then
	bare_exit 0 B young list SK-W9

	part "sec_56: a time-out locks, however much is done meanwhile"
	bare_exit 0 B --passphrase-file "$phrase" unlock --for 2s
	has "[ok] unlocked in this session until 08:00"
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
		bare B activity list
		[ "$code" = 0 ] || break
		sleep 0.3
	done
	is "exit once the time is over" 4 "$code"
	bare_exit 64 B --passphrase-file "$phrase" unlock --for 2d
	bare_exit 0 B --passphrase-file "$phrase" unlock

	part "another session of the same user is locked"
	code=0
	"$build_dir/tests/cli/session" "$raw" --data B young list SK-W9 >out 2>err </dev/null || code=$?
	is "exit in another session" 4 "$code"
	bare_exit 0 B young list SK-W9
else
	bare_exit 4 B young list SK-W9
	bare_exit 4 B --passphrase-file "$phrase" unlock
	has "this laptop cannot stay unlocked (PN-K05)"
fi

part "the passphrase is in no command line and no environment"
mkfifo pipe
clocked "$raw" --data B --passphrase-fd 3 unlock 3<>pipe >out 2>err &
asking=$!
: >seen
for i in $(seq 60); do
	[ "$i" != 5 ] || cat "$phrase" >pipe
	for one in $asking $(cat /proc/$asking/task/$asking/children 2>/dev/null); do
		cat "/proc/$one/cmdline" "/proc/$one/environ" >>seen 2>/dev/null || true
	done
	sleep 0.01
done
wait $asking || [ -n "${PNET_NO_KEYS:-}" ] || fail "unlock by a descriptor: $(cat err)"
grep -qa "passphrase-fd" seen || fail "the process was not seen"
! grep -qaF "$(cat "$phrase")" seen || fail "the passphrase is shown by /proc"

part "sec_52, sec_53: names in no file, while it works and after kill -9"
{
	cut -d, -f2,3 "$scenarios/roster_SK-W9.csv" | tr ',' '\n'
	cat "$phrase"
	echo Gajdošová
} | sort -u >names
# found_in FOLDER: how many of the names its files hold.
found_in() { /usr/bin/python3 "$source_dir/tests/cli/sealed.py" "$1" names 2>hits; }
unseal B plain.db
mkdir control
mv plain.db* control/
[ "$(found_in control)" -gt 5 ] || fail "the search finds nothing anywhere: it proves nothing"
mkdir wide
printf Gajdošová | iconv -t UTF-16LE >wide/file
is "names in UTF-16" 1 "$(found_in wide)"
day_of_marks B 1
for round in $(seq 12); do
	clocked "$pnet" --data "$dir/B" young add SK-W9 --given "Gajdošová$round" --family Gajdošová \
		--birth-year 2011 >out 2>err &
	writer=$!
	is "names while it works" 0 "$(found_in B)"
	sleep "0.0$((round % 5))"
	kill -KILL $writer 2>/dev/null || true
	wait $writer 2>/dev/null || true
	is "names after kill -9" 0 "$(found_in B)"
done
on B young list SK-W9
is "core files" "" "$(find . -name 'core*' ! -path './control/*')"

part "sec_50: check"
on B check
has "free; sound"
has "[ok] vault: 2 passes over 64 MiB"
cp -r B bad
printf 'damaged' | dd of=bad/replica.db bs=1 seek=50000 conv=notrunc 2>/dev/null
on_exit 65 bad check
has "local data is damaged (PN-D02)"
has "page 12 of"
has "changes wait here that the server does not have"
CLOCK="2027-03-01 09:00:00"
export CLOCK
on_exit 3 B check
has "days behind what it showed before (PN-T01)"
unset CLOCK

part "sec_58: panic"
mkdir stolen
cp B/replica.db* stolen/
bare_exit 64 B panic
has "changes that the server does not have are lost for ever"
has "pnet panic --yes"
bare_exit 0 B --passphrase-file "$phrase" activity list
asked 64 B panic <<END_OF_INPUT
destroy the key of this laptop: 	no
END_OF_INPUT
bare_exit 0 B --passphrase-file "$phrase" activity list
asked 0 B panic <<END_OF_INPUT
destroy the key of this laptop: 	panic
END_OF_INPUT
has "[ok] the key is destroyed"
is "files left" "" "$(ls B)"
bare_exit 4 B --passphrase-file "$phrase" status
has "PN-K04"
on_exit 65 stolen status
has "stolen/vault is missing"
cp SK-N1/vault stolen/
on_exit 65 stolen status
has "PN-D02"

part "with a new invite it begins again"
joins B SK-N1 SK-T2 trainer
on SK-N1 sync
on B sync
on B young list SK-W9
server_end
