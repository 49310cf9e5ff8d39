#!/bin/sh
# 22-home.sh - fresh eyes: `pnet` alone on a terminal, before and after joining; undo and
# history on the real program; completion in a real bash (UX 1.1, 1.5, 1.7, G19).
. "$(dirname "$0")/lib.sh"
at "2027-04-12 08:00:00"
found SK
workshop

# typed LAPTOP: pnet alone on a terminal; stdin: PROMPT<TAB>TEXT.
typed() {
	code=0
	ACCESSIBLE=1 clocked /usr/bin/python3 "$source_dir/tests/cli/pty_run.py" "$pnet" \
		--data "$dir/$1" >"$dir/out" 2>"$dir/err" || code=$?
	cat "$dir/out" "$dir/err" >>"$transcript"
	[ ! -s "$dir/err" ] || fail "$(cat "$dir/err")"
}

part "before joining: the invite is asked for, and nothing before it"
typed C <<END
Invite code or file (Enter to leave): 	
END
is "exit without an invite" 4 "$code"
on SK-N1 invite SK-T3 --role trainer -o "$dir/invite"
typed C <<END
Invite code or file (Enter to leave): 	$dir/invite
or type a command: 	q
END
has "SK-T3    0 changes wait"
is "exit after joining" 0 "$code"
on SK-N1 sync

part "the menu: today's workshop, undo, a typed command, leaving"
at "2027-04-13 09:40:00"
typed B <<END
or type a command: 	attend SK-W9 2 --set 4=absent --rest present
or type a command: 	5
or type a command: 	attend SK-W9 2 --set 4=late
or type a command: 	99
or type a command: 	atend SK-W9
or type a command: 	q
END
has "SK-T2    0 changes wait"
has "attendance of SK-W9, day 2: today"
has "pnet attend SK-W9 2 --ask"
has "[ok] undone: 12 marks of SK-W9 day 2 (Tue 13 Apr)"
has "1 to 8, q to leave, or a command"
has "; do you mean attend?"
on B attend SK-W9 2
has "SK-W9 day 2, Tue 13 Apr: 1 late, 11 unmarked"

part "without a terminal it is the status"
on B
has "On this laptop   1 change (1 mark) not yet stored by the server"

part "undo after a sync is a change like any other; what another changed since stays"
on B attend SK-W9 2 --rest present
on B sync
on SK-N1 sync
on SK-N1 attend SK-W9 2 --set 5=excused
on SK-N1 sync
on B sync
on_exit 3 B undo
has "[!!] stays: SK-W9, 5"
has "is excused since 13 Apr 09:40, by"
on B attend SK-W9 2
has "SK-W9 day 2, Tue 13 Apr: 1 late, 1 excused, 10 unmarked"
on B sync
on SK-N1 sync
same_state B B
on SK-N1 attend SK-W9 2
has "SK-W9 day 2, Tue 13 Apr: 1 late, 1 excused, 10 unmarked"
on B redo
on B attend SK-W9 2
has "SK-W9 day 2, Tue 13 Apr: 10 present, 1 late, 1 excused"

part "history"
on B history SK-W9 --by SK-T2 --since 2027-04-13
has "SK-T2 marked 4 Tadeáš Mráz late on day 2 (Tue 13 Apr), 09:40"
on B --json history mraz
/usr/bin/python3 - out <<'END' || fail "the history as JSON"
import json, sys
rows = json.load(open(sys.argv[1]))["rows"]
assert [(r["value"], r["by"], r["day"]) for r in rows if r["field"] == "marks"][-1] == ("late", "SK-T2", 2), rows
END

part "completion in bash"
# completed WORDS...: what bash offers for the last of them.
completed() {
	bash -c '
	PATH=$1:$PATH
	eval "$(pnet completion bash)"
	shift 2
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	_pnet
	printf "%s\n" "${COMPREPLY[@]}" | sort | tr "\n" " "' bash "$build_dir" x "$@"
}
is "commands" "attend " "$(completed pnet att)"
is "second words" "tally " "$(completed pnet tall)"
is "options" "--reason " "$(completed pnet activity day SK-W9 2 --rea)"
is "values" "no yes " "$(completed pnet activity day SK-W9 2 --held '')"
is "codes" "SK-W9 " "$(completed pnet --data "$dir/B" attend SK-W)"
is "a group" "show " "$(completed pnet young sh)"
for shell in bash zsh fish; do
	on B completion $shell
	has "attend"
	[ $shell != bash ] || bash -n out || fail "bash does not read its completion"
done
on_exit 64 B completion csh

part "a pager where there is a terminal, and only there"
# paged PAGER COMMAND...: on a terminal.
paged() {
	PAGER=$1 clocked /usr/bin/python3 "$source_dir/tests/cli/pty_run.py" "$pnet" \
		--data "$dir/B" young list SK-W9 >"$dir/out" 2>"$dir/err" </dev/null
	cat "$dir/out" "$dir/err" >>"$transcript"
}
paged "sed 's/^/| /'"
has "| 1   Ľubica Gajdošová"
paged /no/such/pager
has "1   Ľubica Gajdošová"
PAGER="sed 's/^/| /'" on B young list SK-W9
has_not "| 1"
printf 'or type a command: \tyoung list SK-W9\nor type a command: \tq\n' >keys
PAGER="sed 's/^/| /'" typed B <keys
has "| 1   Ľubica Gajdošová"
is "exit of the menu" 0 "$code"
server_end
