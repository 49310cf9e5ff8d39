#!/bin/sh
# 42-metrics.sh - health and figures for a collector: on loopback only, Prometheus text,
# bounded requests, and not one name in it.
. "$(dirname "$0")/lib.sh"

# ask PATH: leaves the answer in page. slow: a client that never ends its header.
cat >ask.py <<'END'
import re, socket, sys, time
port, what = int(sys.argv[1]), sys.argv[2]
s = socket.create_connection(("127.0.0.1", port), 20)
if what == "slow":
    begun = time.time()
    s.sendall(b"GET /metrics HTTP/1.0\r\n")
    left = s.recv(1)
    assert left == b"" and time.time() - begun < 8, "a slow reader is kept"
    sys.exit(0)
if what == "long":
    try:
        s.sendall(b"GET /" + b"x" * 65536)
        assert s.recv(1) == b"", "a long header is read"
    except ConnectionError:
        pass
    sys.exit(0)
s.sendall(b"GET %s HTTP/1.1\r\nHost: here\r\n\r\n" % what.encode())
text = b""
while piece := s.recv(65536):
    text += piece
head, body = text.decode().split("\r\n\r\n", 1)
assert "Content-Length: %d" % len(body) in head, head
if what == "/metrics":
    for line in body.splitlines():
        assert re.fullmatch(r'# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"\\]*"(,\w+="[^"\\]*")*\})? (NaN|[0-9.]+)', line), line
    names = [l.split()[2] for l in body.splitlines() if l.startswith("# TYPE")]
    assert len(names) == len(set(names)), "a metric twice"
print(head.splitlines()[0])
print(body, end="")
END
ask() { python3 ask.py "$port" "$1" >page || fail "asking for $1"; }

at "2027-04-12 09:00:00"
found SK CZ
server_end
echo "metrics = 127.0.0.1:0" >>SRV/pnetd.conf
server_up
line_up
workshop
day_of_marks B 1
on B sync
"$pnetd" status --data SRV >/dev/null
for _ in $(seq 500); do
	port=$(sed -n 's/^metrics_port = //p' SRV/state)
	[ -n "$port" ] && break
	sleep 0.01
done

part "health and figures"
ask /healthz
is "health" "HTTP/1.0 200 OK ok" "$(tr -d '\r' <page | tr '\n' ' ' | sed 's/ $//')"
ask /metrics
for line in 'pnetd_ready 1' 'pnetd_space_devices{space="SK"} 2' 'pnetd_space_live_ops{space="SK"} 38' \
	'pnetd_space_conflicts{space="CZ"} NaN' 'pnetd_space_erase_pending{space="SK"} 0' \
	'pnetd_space_quota_bytes{space="SK"} 536870912' 'pnetd_space_oldest_contact_seconds{space="SK"} 1807520400' \
	'pnetd_pushes_total{verdict="quota"} 0' 'pnetd_connections_refused_total{reason="fast"} 0'; do
	grep -qxF "$line" page || fail "no line $line: $(grep "${line%% *}" page)"
done
grep -q 'unknown (blind)' page || fail "conflicts are not said to be unknown"
grep -qE '^pnetd_commit_seconds_count\{space="SK"\} [1-9]' page || fail "no commit was timed"
sed -n 's/^pnetd_pushes_total{verdict="ok"} //p' page | grep -q '[1-9]' || fail "no push was counted"
for name in SK-T2 SK-N1 Tade SK-W9 127.0.0.1 "$(sed -n 's/^network = //p' SRV/pnetd.conf)"; do
	! grep -q "$name" page || fail "the figures say $name"
done
ask /nothing
grep -q '404' page || fail "there is a page that should not be"

part "who is slow, or says too much, is left"
python3 ask.py "$port" slow &
slow=$!
python3 ask.py "$port" long
for _ in 1 2 3 4 5 6; do
	ask /metrics
done
wait $slow || fail "a slow reader"
on B sync

part "only this machine"
server_end
sed -i 's/^metrics = .*/metrics = 0.0.0.0:0/' SRV/pnetd.conf
code=0
"$pnetd" serve --data SRV --listen 127.0.0.1:0 --allow-root >out 2>err || code=$?
is "exit code for an open address" 78 $code
has "only 127.0.0.1 or ::1"
