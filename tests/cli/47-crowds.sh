#!/bin/sh
# 47-crowds.sh - strangers by the hundred, over real sockets: 300 half-open peers of one
# range (sec_11) and 2,000 peers with broken lengths or a byte a second (sec_10), while a
# laptop syncs. Peers come from 127.B.C.D, each with a range of its own choice; only
# 127.0.0.1 is the machine itself.
. "$(dirname "$0")/lib.sh"

# crowd.py PORT PEERS PER_RANGE FIRST HOW: so many peers knock, all at once; the first range
# is number FIRST. `came` is written when all have. It ends when the server has left every
# one, after 25 s at the latest.
#   silent: says nothing.   slow: a byte a second of a message that could be one.
#   broken: three of four say a length of 0, 16 or 65,535, the fourth is slow.
cat >crowd.py <<'END'
import os, resource, selectors, socket, sys, time

port, n, per_range, first = map(int, sys.argv[1:5])
how = sys.argv[5]
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
if most != resource.RLIM_INFINITY and most < n + 64:
    sys.exit("%d open files are allowed, %d are needed" % (most, n + 64))
resource.setrlimit(resource.RLIMIT_NOFILE, (n + 64, most))
PREAMBLE = b"PN\1\0"
LENGTHS = [b"\0\0", b"\0\x10" + b"x" * 16, b"\xff\xff" + b"x" * 4096]
HELLO = b"\0\x30" + bytes(48)  # the length of message 1, and what does not open

begun = time.monotonic()
selector = selectors.DefaultSelector()
slow = []

def say(s, what):
    try:
        s.send(what)
    except OSError:
        pass  # it was left already

for i in range(n):
    place = first + i // per_range
    s = socket.socket()
    s.bind(("127.%d.%d.%d" % (1 + place // 256, place % 256, 1 + i % per_range % 250), 0))
    s.settimeout(5)
    try:
        s.connect(("127.0.0.1", port))
    except ConnectionError:
        continue  # reset at once
    s.setblocking(False)
    if how != "silent":
        say(s, PREAMBLE)
    if how == "broken" and i % 4 < 3:
        say(s, LENGTHS[i % 4])
    elif how != "silent":
        slow.append(s)
    selector.register(s, selectors.EVENT_READ)
with open("came.new", "w") as f:
    f.write("%.1f s\n" % (time.monotonic() - begun))
os.rename("came.new", "came")

ticks = 0
while selector.get_map() and time.monotonic() - begun < 25:
    for key, _ in selector.select(0.2):
        try:
            if key.fileobj.recv(4096):
                continue
        except ConnectionError:
            pass
        selector.unregister(key.fileobj)
    if time.monotonic() - begun >= ticks:
        for s in slow:
            say(s, HELLO[ticks : ticks + 1])
        ticks += 1
print("%d left over, %.1f s" % (len(selector.get_map()), time.monotonic() - begun))
END
# crowd ...: it has come, and runs on as $crowd.
crowd() {
	rm -f came
	python3 crowd.py "$server_port" "$@" >crowd.out 2>&1 &
	crowd=$!
	for _ in $(seq 2000); do
		[ ! -s came ] || return 0
		kill -0 "$crowd" 2>/dev/null || fail "the crowd does not come: $(cat crowd.out)"
		sleep 0.01
	done
	fail "the crowd does not come within 20 s"
}
crowd_left() {
	wait "$crowd" || fail "the crowd: $(cat crowd.out)"
	cat crowd.out >>"$transcript"
	grep -q '^0 left over' crowd.out || fail "the server keeps peers: $(cat crowd.out)"
}
# half_open N: the server holds so many, as it says itself within 5 s.
half_open() {
	for _ in $(seq 50); do
		"$pnetd" status --data SRV >out 2>>"$transcript" || fail "pnetd status ends with $?"
		held=$(sed -n 's/^half_open_now  *//p' out)
		[ "$held" != "$1" ] || return 0
		sleep 0.1
	done
	fail "half-open peers: wanted $1, found $held"
}
# memory NAME: VmRSS or VmHWM of the server, in KiB.
memory() { sed -n "s/^$1:[^0-9]*\([0-9]*\).*/\1/p" "/proc/$server_pid/status"; }
# grew WHAT MOST KIB: sanitizers keep freed memory, so there it says nothing.
grew() {
	[ -n "${PNET_SANITIZED:-}" ] || [ "$3" -le "$2" ] || fail "$1: at most $2 KiB more, found $3"
}
# is_served: a laptop that was in sync hears so within a second, crowd or not. On a busy
# machine one of five times is enough.
is_served() {
	for _ in 1 2 3 4 5; do
		begun=$(date +%s%N)
		nothing_to_sync SK-N1
		took=$((($(date +%s%N) - begun) / 1000000))
		echo "a sync took $took ms" >>"$transcript"
		[ "$took" -ge 1000 ] || return 0
	done
	fail "no sync within a second: the last took $took ms"
}

found SK
server_end
sed -i '/_per_prefix_/d' SRV/pnetd.conf
server_up
line_up
is_served

part "sec_11: of 300 half-open peers of one range eight are held, and others are served"
crowd 300 300 2560 silent
half_open 8
is_served
ours=$crowd
crowd 6 6 2561 silent
half_open 14
is_served
kill "$crowd" "$ours"
wait "$crowd" "$ours" 2>/dev/null || true
half_open 0

part "sec_10: 2,000 peers that say a byte a second are held, and gone after the deadline"
server_end
echo 'half_open_max = 2400' >>SRV/pnetd.conf
server_up
line_up
is_served
before=$(memory VmHWM)
crowd 2000 8 0 slow
half_open 2000
is_served
crowd_left
half_open 0
first=$(memory VmHWM)
grew "memory with 2,000 peers" 8000 $((first - before))

part "sec_10: 2,000 with broken lengths are gone at once, but those that are slow; memory is flat"
crowd 2000 8 250 broken
half_open 500
is_served
crowd_left
half_open 0
second=$(memory VmHWM)
grew "memory with another 2,000" 1000 $((second - first))
is_served
echo "KiB: $before before, $first with the first 2,000, $second with the second" | tee -a "$transcript"
