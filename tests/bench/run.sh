#!/bin/sh
# run.sh - builds Release with asserts on, measures, prints one table, and keeps it in
# tests/bench/results/.
#
# usage: sh tests/bench/run.sh [--marks N] [--rounds N] [--keep] [MEASURE...]
#   MEASURE   floor peers day bulk slope load idle syncs text sealed erase (default: all of these), and
#             season: client commands on a network of a million marks that coordinators
#             entered through them, a quarter of an hour (season.sh)
#   --marks   of bulk, load (default 100000 = M) and ten times as many for slope (L)
#   --keep    leave the data of the measurements in the build folder
set -eu
cd "$(dirname "$0")/../.."
here=$(pwd)

marks=100000 rounds=5 keep=
while [ $# -gt 0 ]; do
	case $1 in
	--marks) marks=$2 && shift ;;
	--rounds) rounds=$2 && shift ;;
	--keep) keep=yes ;;
	-*) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2 && exit 64 ;;
	*) break ;;
	esac
	shift
done
[ $# -gt 0 ] || set -- floor peers day bulk slope load idle syncs text sealed erase

build=${PNET_BUILD_DIR:-$here/build}/bench
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
if grep -q '^PNET_SANITIZE:[A-Z]*=..*' "$build/CMakeCache.txt"; then
	echo "bench: a build with sanitizers gives no figures" >&2
	exit 1
fi
cmake --build "$build" --target pnet pnetd bench bench_text bench_sealed bench_store floor ffault >"$build/build.log" 2>&1 || {
	tail -n 20 "$build/build.log" >&2
	exit 1
}

data=$build/data
mkdir -p "$data" tests/bench/results
commit=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
[ -z "$(git status --porcelain --untracked-files=no 2>/dev/null)" ] || commit=$commit-dirty
out=tests/bench/results/$(date -u +%Y-%m-%d-%H%M)-$commit.txt

measure() {
	"$build/tests/bench/bench" --dir "$data" --pnet "$build/pnet" \
		--pnetd "$build/pnetd" --line "$build/tests/sim/ffault" \
		--marks "$1" --rounds "$rounds" "$2"
}

# Both programs under strace, which writes a line per disk sync.
count_syncs() {
	for program in pnet pnetd; do
		trace=laptop
		[ $program = pnet ] || trace=server
		printf '#!/bin/sh\nexec strace -D -f -y -A -qq -e signal=none -o %s -e trace=fsync,fdatasync %s "$@"\n' \
			"$data/$trace.strace" "$build/$program" >"$data/$program.sh"
		chmod +x "$data/$program.sh"
		: >"$data/$trace.strace"
	done
	"$build/tests/bench/bench" --dir "$data" --pnet "$data/pnet.sh" \
		--pnetd "$data/pnetd.sh" --line "$build/tests/sim/ffault" \
		--rounds "$rounds" syncs
}

table() {
	echo "date     $(date -u +%Y-%m-%dT%H:%MZ)   commit $commit   seed 1"
	echo "machine  $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(uname -sr)"
	echo "load     $(cut -d' ' -f1-3 /proc/loadavg) before; $(chrt -p $$ | sed -n 's/.*policy: //p')"
	printf '\n%-34s %12s %-9s %6s  %-12s %s\n' figure median unit spread% goal how
	for name in "$@"; do
		case $name in
		floor) (cd "$data" && "$build/tests/bench/floor" --rounds 3) ;;
		peers) sh tests/bench/peers.sh "$data/peers" "$build/tests/sim/ffault" ;;
		syncs) count_syncs ;;
		text) "$build/tests/bench/bench_text" ;;
		sealed) "$build/tests/bench/bench_sealed" "$data" ;;
		erase) "$build/tests/bench/bench_store" "$data" erase 4000 16 ;;
		slope) measure $((marks * 10)) slope ;;
		season) sh tests/bench/season.sh "$build" "$data/season" $((marks * 10)) ;;
		*) measure "$marks" "$name" ;;
		esac
		[ -n "$keep" ] || rm -rf "${data:?}"/*
	done
	echo
	echo "load     $(cut -d' ' -f1-3 /proc/loadavg) after"
}

table "$@" | tee "$out"
echo "kept in $out"
