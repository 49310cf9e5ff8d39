#!/bin/sh
# against.sh - this tree beside an earlier commit, turn by turn in one run, so that a busy
# machine is busy for both. Prints for each figure both medians and their ratio, and keeps
# the table in tests/bench/results/. Ten minutes with both builds.
#
# usage: sh tests/bench/against.sh COMMIT|unsealed [--turns N] [MEASURE...]
#   unsealed  HEAD, but with replicas in clear: what the sealing alone costs
#   MEASURE   as run.sh; default: day bulk
set -eu
cd "$(dirname "$0")/../.."
here=$(pwd)
commit=$1
shift
turns=3
[ "${1:-}" != --turns ] || {
	turns=$2
	shift 2
}
[ $# -gt 0 ] || set -- day bulk
work=${PNET_BUILD_DIR:-$here/build}/against
mkdir -p "$work"
named=$commit
[ "$commit" != unsealed ] || commit=HEAD
commit=$(git rev-parse --short "$commit")
now=$(git rev-parse --short HEAD)
[ -z "$(git status --porcelain --untracked-files=no)" ] || now=$now-dirty
against=$commit
[ "$named" != unsealed ] || against=unsealed
out=tests/bench/results/$(date -u +%Y-%m-%d-%H%M)-$now-against-$against.txt
[ "$(git -C "$work/before" rev-parse --short "$commit^0" 2>/dev/null)" = "$commit" ] || {
	rm -rf "$work/before" && git clone -q "$here" "$work/before"
}
git -C "$work/before" checkout -qf "$commit"

# Two lines decide whether a replica is sealed. A build that is not lives here only.
unseal() {
	laptop=$work/before/client/laptop/laptop.c
	sed -i -e 's/replica_open(&l->db, path, l->vfs,/replica_open(\&l->db, path, NULL,/' \
		-e 's/if (reseal_is_plain(l->dir))/if (false)/' "$laptop"
	[ "$(git -C "$work/before" diff --numstat | cut -f 1,2)" = "2	2" ] || {
		echo "against.sh: laptop.c opens its replica in another way now" >&2
		exit 1
	}
}
[ "$named" != unsealed ] || unseal

for side in before after; do
	source=$here
	[ $side = after ] || source=$work/before
	cmake -S "$source" -B "$work/build-$side" -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
	cmake --build "$work/build-$side" --target pnet pnetd bench ffault >"$work/$side.log" 2>&1 || {
		tail -n 20 "$work/$side.log" >&2
		exit 1
	}
	: >"$work/$side.figures"
done
load=$(cut -d' ' -f1-3 /proc/loadavg)
turn=0
while [ $turn -lt "$turns" ]; do
	turn=$((turn + 1))
	for side in before after; do
		build=$work/build-$side
		rm -rf "$work/data" && mkdir "$work/data"
		for name in "$@"; do
			"$build/tests/bench/bench" --dir "$work/data" --pnet "$build/pnet" \
				--pnetd "$build/pnetd" --line "$build/tests/sim/ffault" \
				--marks 100000 --rounds 5 "$name" >>"$work/$side.figures"
		done
	done
done
rm -rf "$work/data"

ratios() {
	/usr/bin/python3 - "$work" "$against" <<'END'
import re, statistics, sys
work, commit = sys.argv[1:3]
def figures(side):
    out = {}
    for line in open(f"{work}/{side}.figures", encoding="utf-8"):
        m = re.match(r"(.{1,40}?) +(-?[0-9.]+) (\S+)", line)
        if m:
            out.setdefault((m[1].strip(), m[3]), []).append(float(m[2]))
    return {k: statistics.median(v) for k, v in out.items()}
before, after = figures("before"), figures("after")
print(f"{'figure':40} {commit:>12} {'now':>12}  ratio")
for key, was in before.items():
    if key in after:
        ratio = f"{after[key] / was:6.2f}" if was else "     -"
        print(f"{key[0]:40} {was:12.2f} {after[key]:12.2f} {ratio}  {key[1]}")
END
}

{
	echo "date     $(date -u +%Y-%m-%dT%H:%MZ)   commit $now against $against   $turns turns"
	echo "machine  $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(uname -sr)"
	echo "load     $load before, $(cut -d' ' -f1-3 /proc/loadavg) after; $(chrt -p $$ | sed -n 's/.*policy: //p')"
	echo
	ratios
} | tee "$out"
echo "kept in $out"
