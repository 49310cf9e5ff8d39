#!/bin/sh
# 19-S11.sh - the operator (S11): a backup is taken while fifty laptops sync; the server is
# lost; another machine gets the backup, the check finds no gap, the laptops go through
# recovery and nothing that was acknowledged is missing. No name, title or text is in any
# file or log. A disk that is full loses nothing, and laptops say so.
. "$(dirname "$0")/lib.sh"

n_laptops=${S11_LAPTOPS:-50}

laptops() { seq -f 'L%02.0f' 1 $n_laptops; }

# all_sync: every laptop at once, eight at a time; each must end with 0.
all_sync() {
	laptops | xargs -P 8 -I{} sh -c '
		"$0" --data "$1/{}" ${2:+--today $2} sync >"$1/{}.out" 2>"$1/{}.err" </dev/null ||
		echo {} $? >>"$1/failed"' "$pnet" "$dir" "$today" || true
	[ ! -e failed ] || fail "syncs failed: $(head -n 5 failed) $(head -n 2 "$(head -n 1 failed | cut -d' ' -f1).err")"
}

operate() {
	printf 'pnetd %s\n' "$*" >>"$transcript"
	"$pnetd" "$@" >out 2>err || fail "pnetd $* ended with $?: $(cat err)"
	cat out err >>"$transcript"
}

today=2027-04-12
found SK
workshop
part "fifty laptops"
for each in $(laptops); do
	on SK-N1 invite "SK-X${each#L}" --role coordinator -o invite
	on "$each" join --file invite
done
on SK-N1 sync

part "each writes, all sync, and meanwhile a backup is taken"
for each in $(laptops); do
	on "$each" org add "SK-C1${each#L}" --set kind=youth_club --set "name=Klub číslo ${each#L}" --set place=Nitra
done
all_sync &
syncing=$!
operate backup backups --data SRV
wait $syncing || fail "the laptops"
backup=$(ls -d "$dir"/backups/*)
operate verify --backup "$backup"
operate verify --data SRV
operate audit --data SRV
[ "$(grep -c ' session ' SRV/audit)" -ge $n_laptops ] || fail "sessions are missing in the trail"

part "more is stored after the backup; then the machine is lost"
for each in L01 L25 L50; do
	on "$each" org add "SK-C2${each#L}" --set kind=youth_club --set "name=Neskôr ${each#L}" --set place=Brno
	on "$each" sync
done
on SK-N1 sync
state SK-N1 >before
cp SRV/server.key SRV/graves . 2>/dev/null || cp SRV/server.key .
server_kill
mv SRV lost

part "another machine: restore, verify, recovery"
operate restore "$backup" --data SRV
cp server.key SRV/
[ ! -e graves ] || cp graves SRV/
echo "recovery = yes" >>SRV/pnetd.conf
server_port=0
server_up
line_up
operate verify --data SRV
rm -f failed
on SK-N1 sync
all_sync
on SK-N1 sync
operate verify --data SRV
state SK-N1 >after
cmp -s before after || {
	diff before after | head >&2
	fail "something that was acknowledged is missing"
}
joins NEW SK-N1 SK-N9 coordinator
on SK-N1 sync
on NEW sync
same_state SK-N1 NEW

part "sec_38: nothing that names anybody is in a file or log of the server"
cut -d, -f2 "$scenarios/roster_SK-W9.csv" | tail -n +2 | head -n 12 >needles
printf '%s\n' "Klub číslo" "Neskôr" "youth_club" Nitra Brno "Klub mladých" >>needles
cut -d, -f4 "$season/practices.csv" | tail -n +2 | head -n 12 | tr -d '"' >>needles
grep -v '^.\{0,3\}$' needles | sort -u >needles.long
# A needle says something only if a laptop does hold it: the same search finds it there.
state SK-N1 >/dev/null
while read -r needle; do
	grep -qaF "$needle" state.db && printf '%s\n' "$needle"
done <needles.long >held || true
[ "$(wc -l <held)" -ge 20 ] || fail "a laptop holds too few needles: $(cat held)"
for tree in SRV lost backups server.log; do
	! grep -rlaFf held "$tree" >hits || fail "a name is in $(cat hits)"
done

part "sec_38: nor in the memory of a server that has served them all"
if command -v gcore >/dev/null && gcore -o core "$server_pid" >gcore.log 2>&1; then
	core=$(ls core.*)
	# The search does find what the server holds: the name of its folder.
	grep -qaF "$dir/SRV" "$core" || fail "the dump of the server is no dump"
	! grep -aoFf held "$core" >hits || fail "its memory holds $(sort -u hits)"
	rm -f "$core"
else
	echo "SKIPPED: no gcore, or it may not look; the server's memory was not searched" |
		tee -a "$transcript"
fi

part "sec_63: a disk that is full"
server_end
mkdir small
if mount -t tmpfs -o size=3m tmpfs small 2>/dev/null; then
	trap 'was=$?; set +e; umount -l "$dir/small" 2>/dev/null; (exit $was); story_end' EXIT
	cp -a SRV/. small/
	mv SRV SRV.large
	ln -s small SRV
	server_up
	line_up
	dd if=/dev/zero of=small/ballast bs=4096 2>/dev/null || true
	on L01 org add SK-C901 --set kind=youth_club --set name=Plno --set place=Nitra
	code=0
	for i in 1 2 3 4 5 6; do
		try L01 sync
		[ "$code" = 0 ] || break
		on L01 org add "SK-C91$i" --set kind=youth_club --set "name=Plno $i" --set place=Nitra
	done
	[ "$code" != 0 ] || fail "a full disk is not noticed"
	has "PN-N06"
	on L01 --json status
	[ "$(figure unsent)" -gt 0 ] || fail "what was not stored is not waiting"
	rm small/ballast
	on L01 sync
	nothing_to_sync L01
	operate verify --data SRV
	on SK-N1 sync
	state L01 >one
	joins LAST SK-N1 SK-X99 coordinator
	on LAST sync
	same_state L01 LAST
	server_end
	umount small
else
	echo "SKIPPED: no tmpfs could be mounted (not root), the full disk was not tried" |
		tee -a "$transcript"
fi
