#!/bin/sh
# 28-many-ends.sh - a guest's access to ten workshops ends on one day. Two coordinators sync
# at the same moment and a third is killed while it changes the keys: each scope gets one new
# epoch, no more (the server takes the first of two records that would follow each other),
# all can go on writing and reading, and the guest reads nothing that comes after.
. "$(dirname "$0")/lib.sh"

at "2027-04-08 09:00:00"
found DE SK
workshop
joins A DE-N1 DE-T3 trainer
on DE-N1 sync
joins N2 SK-N1 SK-N2 coordinator
on N2 sync
joins N3 SK-N1 SK-N3 coordinator
on N3 sync
on SK-N1 activity team SK-W9 add DE-T3 --experienced --until 2027-05-14
for n in 1 2 3 4 5 6 7 8 9; do
	on SK-N1 workshop new SK-V$n --practice GP01 --org SK-C1 --start 2027-04-12
	on SK-N1 activity team SK-V$n add DE-T3 --experienced --until 2027-05-14
	on SK-N1 activity team SK-V$n add SK-T2 --new
	on SK-N1 young add SK-V$n --given Agata --family Novotna --birth-year 2011 --gender f
done
for laptop in SK-N1 A B N2 N3; do
	on $laptop sync
done
on A --plain activity list
is "activities at the guest" 10 "$(grep -c 'SK-[WV]' out)"

# epochs LAPTOP: how many scopes of activities are at which epoch, "10x1".
epochs() {
	unseal "$1" copy.db
	sqlite3 copy.db "SELECT group_concat(n || 'x' || e, ' ') FROM (
		SELECT count(*) AS n, e FROM (SELECT max(d.epoch) AS e
			FROM r_scope s JOIN r_seed d ON d.scope = s.id
			JOIN activity a ON a.record = substr(s.name, 2, 16) GROUP BY s.id)
		GROUP BY e ORDER BY e)"
}
is "epochs before" "10x1" "$(epochs SK-N1)"

part "the day after, one is killed while it changes the keys"
at "2027-05-15 08:00:00"
on SK-N1 attend SK-W9 1 --set 1=present
on N2 attend SK-W9 1 --set 2=present
on N3 attend SK-W9 1 --set 3=present
on B attend SK-V3 1 --set 1=present
line_up --latency 60
killed=0
for after in 0.3 0.5 0.7; do
	exec_clocked "$pnet" --data "$dir/N3" sync >n3.out 2>n3.err </dev/null &
	pid=$!
	sleep "$after"
	kill -KILL $pid 2>/dev/null && killed=$((killed + 1))
	wait $pid 2>/dev/null || true
done
echo "killed $killed of 3" >>"$transcript"
[ "$killed" -gt 0 ] || fail "no sync was killed while it ran"

part "two at the same moment"
exec_clocked "$pnet" --data "$dir/SK-N1" sync >n1.out 2>n1.err </dev/null &
first=$!
exec_clocked "$pnet" --data "$dir/N2" sync >n2.out 2>n2.err </dev/null &
second=$!
wait $first || is "the first's end" 75 "$?"
wait $second || is "the second's end" 75 "$?"
cat n1.out n1.err n2.out n2.err >>"$transcript"
line_up
for laptop in N3 N2 SK-N1 B N3 N2 SK-N1 B; do
	on $laptop sync
done
for laptop in SK-N1 N2 N3 B; do
	is "epochs at $laptop" "10x2" "$(epochs $laptop)"
	on $laptop attend SK-V3 1
	has "1 present"
	on $laptop attend SK-W9 1
	has "3 present, 9 unmarked"
	nothing_to_sync $laptop
done

part "the guest has nothing of it any more"
on A sync
on_exit 66 A young list SK-V3
unseal A copy.db
! cat copy.db* | grep -qaF Novotna || fail "the guest still holds a name"
server_end
