#!/bin/sh
# peers.sh - fossil and git with the same work, where they are installed: a file of marks
# per workshop, pushed to a server on loopback. Neither encrypts, and a conflict is a
# line's or a file's. Bytes and trips by the same counting line.
#
# usage: peers.sh DIR LINE [WORKSHOPS]
set -eu
dir=$1 line=$2 shops=${3:-1334}
rm -rf "$dir" && mkdir -p "$dir" && cd "$dir"
export HOME="$dir" GIT_CONFIG_NOSYSTEM=1 USER=bench

now() { date +%s.%N; }
figure() { printf '%-34s %12.2f %-9s %6s  %-12s %s\n' "$1" "$2" "$3" - - "$4"; }
calc() { awk "BEGIN { print $1 }"; }

# marks SEED N: N lines "person status second" of made-up marks.
marks() {
	awk -v seed="$1" -v n="$2" 'BEGIN { srand(seed); t = 1740000000
		for (i = 0; i < n; i++) { r = rand(); t += 2 + int(rand() * 7)
			printf "%08x%08x %s %d\n", int(rand() * 4294967295), int(rand() * 4294967295),
				r < .84 ? "p" : r < .91 ? "a" : r < .96 ? "l" : "e", t } }'
}
words() {
	awk -v seed="$1" -v n="$2" 'BEGIN { srand(seed); s = ""
		split("b d k l m n p r s st t ka ro mi la", h, " "); split("a e i o u ie", c, " ")
		while (length(s) < n) { k = 1 + int(rand() * 3)
			for (i = 0; i < k; i++) s = s h[1 + int(rand() * 15)] c[1 + int(rand() * 6)]
			s = s " " }
		print substr(s, 1, n) }'
}
all_marks() {
	awk -v shops="$shops" 'BEGIN { srand(7); t = 1740000000
		for (w = 1; w <= shops; w++) { f = "w" w ".txt"
			for (i = 0; i < 75; i++) { r = rand(); t += 2 + int(rand() * 7)
				printf "%d %08x %s %d\n", 1 + i % 5, int(rand() * 4294967295),
					r < .84 ? "p" : r < .91 ? "a" : r < .96 ? "l" : "e", t >f }
			close(f) } }'
}
day() {
	marks "$1" 15 >>w1.txt
	words "$1" 400 >>notes.txt
	words "$1$1" 200 >>topics.txt
}

counted() { # COMMAND...: through the line; sets up, down, trips, seconds
	rm -f port out
	"$line" --to "$1" --port-file port >out &
	proxy=$!
	while [ ! -s port ]; do sleep 0.02; done
	shift
	begin=$(now)
	"$@" "$(cat port)" >/dev/null 2>&1
	seconds=$(calc "$(now) - $begin")
	kill $proxy && wait $proxy 2>/dev/null || true
	set -- $(sed -n 's/^sum connections \([0-9]*\) up \([0-9]*\) down \([0-9]*\) trips \([0-9]*\).*/\1 \2 \3 \4/p' out)
	bytes=$(($2 + $3)) trips=$4
}

with_git() {
	git init -q --bare -b main server.git
	touch server.git/git-daemon-export-ok
	git daemon --reuseaddr --listen=127.0.0.1 --port=9521 --base-path="$dir" \
		--enable=receive-pack --log-destination=none "$dir" &
	server=$!
	sleep 0.3
	git init -q -b main laptop
	(cd laptop && git config user.name b && git config user.email b@b &&
		git remote add origin git://127.0.0.1:9521/server.git && all_marks && git add -A)
	begin=$(now)
	(cd laptop && git commit -qm marks && git push -q origin main)
	seconds=$(calc "$(now) - $begin")
	figure "git: commit and push" "$(calc "$shops * 75 / $seconds")" marks/s "in clear, not signed"
	figure "git: server's disk" "$(calc "$(du -sb server.git | cut -f1) / ($shops * 75)")" B/mark ""
	push() { git push -q "git://127.0.0.1:$1/server.git" main; }
	cd laptop
	for n in 1 2 3 4; do
		day $n
		git add -A && git commit -qm day
		counted 9521 push
	done
	cd ..
	figure "git: day, payload both ways" "$bytes" B ""
	figure "git: day, trips" "$trips" "" ""
	figure "git: day, whole push process" "$(calc "$seconds * 1000")" ms ""
	begin=$(now)
	git clone -q git://127.0.0.1:9521/server.git fresh
	figure "git: fresh device" "$(calc "($(now) - $begin) * 1000")" ms ""
	cmp -s laptop/w1.txt fresh/w1.txt || echo "git: read-back differs"
	kill $server 2>/dev/null
	wait $server 2>/dev/null || true
}

with_fossil() {
	fossil init server.fossil >/dev/null 2>&1
	fossil server --localhost --port 9522 server.fossil >/dev/null 2>&1 &
	server=$!
	sleep 0.3
	fossil user password "$USER" secret -R server.fossil >/dev/null 2>&1
	fossil clone "http://$USER:secret@127.0.0.1:9522" laptop.fossil >/dev/null 2>&1
	fossil settings autosync off -R laptop.fossil >/dev/null 2>&1
	mkdir open && cd open
	fossil open ../laptop.fossil --nosync >/dev/null 2>&1
	push() { fossil push "http://$USER:secret@127.0.0.1:$1" --once; }
	all_marks
	begin=$(now)
	{ fossil addremove && fossil commit --no-warnings -m marks && push 9522; } >/dev/null 2>&1
	seconds=$(calc "$(now) - $begin")
	figure "fossil: commit and push" "$(calc "$shops * 75 / $seconds")" marks/s "in clear, not signed"
	figure "fossil: server's disk" "$(calc "$(du -sb ../server.fossil | cut -f1) / ($shops * 75)")" B/mark ""
	for n in 1 2 3 4; do
		sleep 1.1 # it sees a change by the second
		day $n
		{ fossil addremove && fossil commit --no-warnings -m day; } >/dev/null 2>&1
		counted 9522 push
	done
	figure "fossil: day, payload both ways" "$bytes" B ""
	figure "fossil: day, trips" "$trips" "" ""
	figure "fossil: day, whole push process" "$(calc "$seconds * 1000")" ms ""
	cd ..
	begin=$(now)
	fossil clone "http://$USER:secret@127.0.0.1:9522" fresh.fossil >/dev/null 2>&1
	figure "fossil: fresh device" "$(calc "($(now) - $begin) * 1000")" ms ""
	mkdir read && cd read
	fossil open ../fresh.fossil --nosync >/dev/null 2>&1
	cmp -s ../open/w1.txt w1.txt || echo "fossil: read-back differs"
	kill $server 2>/dev/null
	wait $server 2>/dev/null || true
}

for peer in fossil git; do
	if command -v $peer >/dev/null; then
		(with_$peer) || echo "$peer: not measured"
	else
		echo "$peer: not installed"
	fi
done
