# lib.sh - what the stories share: a network in a folder of its own, a server, a bad line
# in front of it, laptops, a clock that stands still, and `shows` for literal output.
#
# A story is a POSIX sh script that begins with
#	. "$(dirname "$0")/lib.sh"
# It stops at the first line that does not hold and prints the transcript. Everything that
# it starts ends with it.
#
# Programs: PNET_BUILD (default build/check). PNET_KEEP=1 leaves the folder.
set -eu

source_dir=${PNET_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
build_dir=${PNET_BUILD:-$source_dir/build/check}
# The keys of a story's laptops lie in a session of its own. PNET_NO_KEYS=1 plays it as in a
# container that denies such keys.
if [ -z "${PNET_STORY_SESSION:-}" ]; then
	PNET_STORY_SESSION=1 exec "$build_dir/tests/cli/session" ${PNET_NO_KEYS:+--no-keys} \
		sh "$0" "$@"
fi
pnetd=$build_dir/pnetd
ffault=$build_dir/tests/sim/ffault
season=$source_dir/tests/data/season
scenarios=$source_dir/tests/data/scenarios

dir=$(mktemp -d "${TMPDIR:-/tmp}/pnet-story.XXXXXX")
transcript=$dir/transcript
: >"$transcript"
server_pid=
line_pid=
clock_file=
today= # a day for all laptops, without touching the clock
code=0
cd "$dir"
# All laptops have one passphrase, the cheapest that is accepted; `join` leaves them
# unlocked. Where the kernel keeps no keys, each command reads it from the file.
phrase=$dir/phrase
echo "kolar mides hapen tivol" >"$phrase"
# with_phrase PROGRAM FILE: the program as FILE, with that passphrase.
with_phrase() {
	cat >"$2" <<END
#!/bin/sh
case " \$* " in *" help "*) ;; *" join "* | *" network found "* | *" recover "*) set -- "\$@" --kdf-memory 64 --kdf-passes 2 ;; esac
exec "$1" --passphrase-file "$phrase" "\$@"
END
	chmod +x "$2"
}
pnet=$dir/pnet
with_phrase "$build_dir/pnet" "$pnet"
export TZ=UTC LC_ALL=C.UTF-8 NO_COLOR=1
unset PNET_DATA XDG_DATA_HOME || true
export HOME="$dir/home"

# The library behind faketime leaves two files in /dev/shm for each process that it was
# loaded into: those of processes that are no more go.
sweep_clock() {
	for left in /dev/shm/faketime_shm_*; do
		owner=${left##*_}
		[ -e "/proc/$owner" ] || [ ! -O "$left" ] ||
			rm -f "$left" "/dev/shm/sem.faketime_sem_$owner"
	done
}

story_end() {
	status=$?
	server_kill
	line_down
	[ -z "$clock_file" ] || sweep_clock
	if [ "$status" != 0 ]; then
		echo "---- transcript of $(basename "$0")"
		tail -n "${PNET_TRANSCRIPT_LINES:-80}" "$transcript"
		echo
		cat "$dir/line.log" 2>/dev/null
	fi
	[ -n "${PNET_KEEP:-}" ] && echo "left in $dir" || rm -rf "$dir"
	exit "$status"
}
trap story_end EXIT
trap 'exit 130' INT TERM

# fail WHY...: ends the story.
fail() {
	echo "$(basename "$0"): $*" >&2
	exit 1
}

# part TEXT: a heading of the transcript.
part() { printf '\n== %s\n' "$*" >>"$transcript"; }

# ---- the clock ----

# at "2027-04-12 08:00:00": from now on every program reads this time, server and laptops
# alike; it stands still until the next call. Deadlines run on. Under PNET_SANITIZED only
# the laptops' day is set.
at() {
	# The library behind faketime and the sanitizers' do not bear each other.
	if [ -n "${PNET_SANITIZED:-}" ]; then
		today=${1%% *}
		return
	fi
	if [ -z "$clock_file" ]; then
		clock_lib=$(ls /usr/lib/*/faketime/libfaketime.so.1 2>/dev/null) ||
			fail "faketime is not installed"
		clock_file=$dir/clock
	fi
	printf '%s\n' "$1" >"$clock_file.new"
	mv "$clock_file.new" "$clock_file"
}

# clocked COMMAND...: runs it with that clock, if there is one. With its own clock:
# CLOCK="2031-01-01 09:00:00" clocked ...
clocked() { (exec_clocked "$@"); }

# The same in place of this shell, so that $! is the program's id.
exec_clocked() {
	if [ -z "$clock_file" ]; then
		exec "$@"
	elif [ -n "${CLOCK:-}" ]; then
		exec env LD_PRELOAD="$clock_lib" FAKETIME="$CLOCK" FAKETIME_NO_CACHE=1 \
			FAKETIME_DONT_FAKE_MONOTONIC=1 "$@"
	else
		exec env LD_PRELOAD="$clock_lib" FAKETIME_TIMESTAMP_FILE="$clock_file" \
			FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 "$@"
	fi
}

# ---- laptops ----

# try LAPTOP ARGUMENTS...: runs pnet there; leaves $code, the files out and err, and lines
# in the transcript. Never fails by itself.
try() {
	laptop=$1
	shift
	printf '%s$ pnet %s\n' "$laptop" "$*" >>"$transcript"
	code=0
	# shellcheck disable=SC2086
	clocked "$pnet" --data "$dir/$laptop" ${today:+--today $today} "$@" >"$dir/out" 2>"$dir/err" </dev/null ||
		code=$?
	cat "$dir/out" "$dir/err" >>"$transcript"
	[ "$code" = 0 ] || echo "(exit $code)" >>"$transcript"
	[ "$code" -lt 126 ] || fail "pnet $* ended with $code"
}

# on LAPTOP ARGUMENTS...: the same, and it must end with 0.
on() {
	try "$@"
	[ "$code" = 0 ] || {
		shift
		fail "pnet $* ended with $code: $(tail -n 1 "$dir/err")"
	}
}

# on_exit N LAPTOP ARGUMENTS...: the same, and it must end with N.
on_exit() {
	wanted=$1
	shift
	try "$@"
	[ "$code" = "$wanted" ] || {
		shift
		fail "pnet $* ended with $code, not $wanted: $(head -n 1 "$dir/err")"
	}
}

# ---- what they print ----

# Times, ports, codes of people and the folder are not the story's business.
mask() {
	sed -E -e "s#$dir#DIR#g" \
		-e 's/127\.0\.0\.1:[0-9]{4,5}/SERVER/g' \
		-e 's/Y-[0-9A-Z*~$=]{5,}/Y-...../g' \
		-e 's/in sync [0-9]{2}:[0-9]{2}/in sync HH:MM/' \
		-e 's/[0-9]+ bytes/NN bytes/g' "$@"
}

# compare FILE WHAT: it must hold exactly the lines of stdin; NN stands for a number.
compare() {
	cat >"$dir/wanted"
	mask "$1" >"$dir/masked"
	awk '
	NR == FNR { wanted[FNR] = $0; n = FNR; next }
	{
		pattern = wanted[FNR]
		gsub(/[][\\.^$*+?(){}|]/, "\\\\&", pattern)
		gsub(/NN/, "[0-9]+", pattern)
		if (FNR > n || $0 !~ ("^" pattern "$")) bad = 1
		m = FNR
	}
	END { exit bad || m != n }' "$dir/wanted" "$dir/masked" && return
	diff -u --label "expected $2" --label "found" "$dir/wanted" "$dir/masked" >&2 || true
	fail "$2 is not what was expected"
}

# shows <<END, complains <<END: stdout, stderr of the last call.
shows() { compare "$dir/out" "standard output"; }
complains() { compare "$dir/err" "standard error"; }
shows_nothing() { shows </dev/null; }

# has TEXT: a line of stdout or stderr holds it. has_not TEXT: none does.
has() {
	grep -qF -- "$1" "$dir/out" "$dir/err" || fail "nothing says: $1"
}
has_not() {
	! grep -qF -- "$1" "$dir/out" "$dir/err" || fail "something says: $1"
}

# is WHAT WANTED FOUND
is() { [ "$2" = "$3" ] || fail "$1: wanted $2, found $3"; }

# figure NAME: a number of the last JSON object that stdout holds.
figure() { sed -n "s/.*\"$1\":\\([0-9-]*\\).*/\\1/p" "$dir/out" | tail -n 1; }

# synced LAPTOP SENT MARKS RECEIVED MARKS CONFLICTS: a sync with exactly these figures,
# all stored; NN is any number.
synced() {
	try "$1" sync
	[ "$code" = 0 ] || fail "pnet sync of $1 ended with $code: $(head -n 2 "$dir/err")"
	line=$(head -n 1 "$dir/out")
	pattern="^sent $2 changes? \($3 marks?\), stored by server $2    received $4 \($5 marks?\)    conflicts open $6$"
	echo "$line" | grep -Eq "$(echo "$pattern" | sed 's/NN/[0-9]+/g')" ||
		fail "sync of $1: wanted '$pattern', found '$line'"
}

# nothing_to_sync LAPTOP [CONFLICTS]: a second sync at once prints zeros.
nothing_to_sync() { synced "$1" 0 0 0 0 "${2:-0}"; }

# ---- the server and the line before it ----

wait_for_file() {
	for _ in $(seq 500); do
		[ -s "$1" ] && return
		sleep 0.01
	done
	fail "$2 does not come up"
}

# server_up: starts it, on the port that it had.
server_up() {
	rm -f "$dir/server.port"
	exec_clocked "$pnetd" serve --data "$dir/SRV" --listen "127.0.0.1:${server_port:-0}" \
		--port-file "$dir/server.port" --allow-root >>"$dir/server.log" 2>&1 &
	server_pid=$!
	wait_for_file "$dir/server.port" "the server ($(tail -n 1 "$dir/server.log" 2>/dev/null))"
	server_port=$(cat "$dir/server.port")
}

# server_end: an orderly stop, which must succeed. server_kill: none.
server_end() {
	kill -TERM "$server_pid"
	wait "$server_pid" || fail "the server ended with $?"
	server_pid=
}
server_kill() {
	[ -z "$server_pid" ] || {
		kill -KILL "$server_pid" 2>/dev/null || true
		wait "$server_pid" 2>/dev/null || true
	}
	server_pid=
}

# line_up [FFAULT OPTIONS...]: the address that the laptops know leads to the server
# again, through whatever the options say.
line_up() {
	line_down
	rm -f "$dir/line.port"
	target="--to ${line_to:-$server_port}"
	case " $* " in *" --answer "*) target= ;; esac
	# shellcheck disable=SC2086
	"$ffault" --listen "${line_port:-0}" $target --seconds 600 \
		--port-file "$dir/line.port" "$@" >"$dir/line.log" 2>&1 &
	line_pid=$!
	wait_for_file "$dir/line.port" "the line"
	line_port=$(cat "$dir/line.port")
}

# line_down: nobody answers there any more. What the line saw is in line.log.
line_down() {
	[ -z "$line_pid" ] || {
		kill -TERM "$line_pid" 2>/dev/null || true
		wait "$line_pid" 2>/dev/null || true
	}
	line_pid=
}

# line_sum up|down|trips: of all connections since line_up, which must be down again.
line_sum() { sed -n "s/^sum .*\<$1 \([0-9]*\).*/\1/p" "$dir/line.log"; }

# ---- a network ----

# found [CC...]: OF founds it, with server and line; each country gets its coordinator
# CC-N1 on the laptop CC-N1.
found() {
	part "a network"
	on OF network found OF-1
	"$pnetd" init "$dir/SRV" --network "$(tail -n 1 "$dir/out")" >"$dir/key" 2>>"$transcript" ||
		fail "pnetd init ended with $?"
	server_key=$(sed 's/^key //' "$dir/key" | tail -n 1)
	# All laptops of a story come from one address.
	printf 'new_per_prefix_per_s = 0\nhalf_open_per_prefix_max = 0\n' >>"$dir/SRV/pnetd.conf"
	server_up
	line_up
	on OF network server "127.0.0.1:$line_port" "$server_key"
	for country in "$@"; do
		on OF network country "$country"
	done
	for country in "$@"; do
		joins "$country-N1" OF "$country-N1" coordinator --country "$country"
		on "$country-N1" sync
	done
}

# joins LAPTOP INVITER MEMBER ROLE [OPTIONS...]
joins() {
	laptop_new=$1 inviter=$2 member=$3 role=$4
	shift 4
	on "$inviter" invite "$member" --role "$role" "$@" -o "$dir/invite"
	on "$laptop_new" join --file "$dir/invite"
}

# workshop: SK-W9 at SK-C1 with twelve young people, planned by SK-N1 and synced; B is its
# new trainer SK-T2, in sync too. After found SK.
workshop() {
	part "the workshop SK-W9"
	on OF import practice "$season/practices.csv"
	on OF sync
	joins B SK-N1 SK-T2 trainer
	on SK-N1 sync
	on SK-N1 import organisation "$season/organisations.csv"
	on SK-N1 workshop new SK-W9 --practice GP01 --org SK-C1 --start 2027-04-12
	on SK-N1 activity team SK-W9 add SK-T2 --new
	on SK-N1 import young "$scenarios/roster_SK-W9.csv" --activity SK-W9
	on SK-N1 sync
	on B sync
}

# day_of_marks LAPTOP DAY [MARK]: the twelve of SK-W9 on that day, 12 changes.
day_of_marks() {
	{
		echo enrolment,day,status
		for number in 01 02 03 04 05 06 07 08 09 10 11 12; do
			echo "SK-W9-E$number,$2,${3:-present}"
		done
	} >"$dir/marks-$1.csv"
	on "$1" import marks "$dir/marks-$1.csv" --activity SK-W9
}

# season_kept LAPTOP...: what the demo leaves of the sample season, as $dir/kept, with these
# laptops unlocked. PNET_SEASON names a folder where it was played already.
season_kept() {
	if [ -n "${PNET_SEASON:-}" ]; then
		cp -r "$PNET_SEASON" "$dir/kept"
	else
		PNET_BIN=$build_dir sh "$source_dir/tests/demo.sh" --keep "$dir/kept" \
			>>"$transcript" 2>&1 || fail "the season fails"
	fi
	# Where the kernel keeps no keys, each command reads the passphrase.
	for each; do
		"$pnet" --data "$dir/kept/devices/$each" unlock >>"$transcript" 2>&1 || true
	done
}

# unseal FOLDER OUT: what the sealed replica holds, as OUT and OUT-wal that sqlite3 reads.
unseal() {
	rm -f "$2" "$2-wal" "$2-shm"
	"$build_dir/tests/cli/unseal" "$1" "$phrase" "$2"
}

# state LAPTOP: all that the laptop shows of what people entered, in a fixed order: every
# field of every record, marks, open conflicts. Two laptops with the same rights and the
# same changes give the same bytes.
state() {
	unseal "$dir/$1" "$dir/state.db"
	sqlite3 "$dir/state.db" <"$dir/state.select" >"$dir/state.sql"
	sqlite3 "$dir/state.db" <"$dir/state.sql"
}
cat >"$dir/state.select" <<'END'
SELECT 'SELECT ''' || m.name || ''', ' || CASE WHEN m.name GLOB '*_marks'
  THEN 'hex(s.record), t.person, t.value, t.siblings FROM ' || m.name || ' t JOIN ' ||
    substr(m.name, 1, length(m.name) - 6) || ' s USING (rid) ORDER BY 2, 3;'
  ELSE (SELECT group_concat('quote(t."' || p.name || '")', ', ')
    FROM pragma_table_info(m.name) p WHERE p.name NOT IN ('rid', 'scope')) ||
    ' FROM ' || m.name || ' t ORDER BY t.record;' END
FROM sqlite_master m
WHERE m.type = 'table' AND m.name <> 'stamp' AND m.name NOT GLOB 'r_*' ORDER BY m.name;
SELECT 'SELECT ''conflict'', hex(r.name), c.field, hex(c.key) FROM r_conflict c'
  || ' JOIN r_record r ON r.id = c.record ORDER BY 2, 3, 4;';
END

# same_state LAPTOP LAPTOP
same_state() {
	state "$1" >"$dir/state.1"
	state "$2" >"$dir/state.2"
	[ -s "$dir/state.1" ] || fail "$1 shows nothing at all"
	cmp -s "$dir/state.1" "$dir/state.2" && return
	diff "$dir/state.1" "$dir/state.2" | head -n 20 >&2
	fail "$1 and $2 differ"
}
