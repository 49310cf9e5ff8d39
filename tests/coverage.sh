#!/bin/sh
# coverage.sh - branches of common/core that the `fast` label takes: one build without
# optimisation, one run. Prints a line a file, the worst first, and the sum.
#
# usage: sh tests/coverage.sh [--lines FILE.c]
#   --lines   the lines of that file with branches never taken
# A branch is one way of one condition as gcov counts them; those that only the runtime can
# take (exceptional ends of calls) are left out, and so are asserts: no input takes them.
set -eu
cd "$(dirname "$0")/.."
here=$(pwd)
build=${PNET_BUILD_DIR:-$here/build}/coverage

sh tests/deps.sh coverage
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DPNET_COVERAGE=ON >/dev/null
cmake --build "$build" >"$build/build.log" 2>&1 || {
	tail -n 40 "$build/build.log" >&2
	exit 1
}
if [ "${1:-}" != --lines ]; then
	find "$build" -name '*.gcda' -delete
	ctest --test-dir "$build" -L '^fast$' -E '^lint_' -j 2 >"$build/fast.log" 2>&1 || {
		tail -n 20 "$build/fast.log" >&2
		exit 1
	}
fi
gcovr --root "$here" --filter 'common/core/' --exclude-throw-branches \
	--exclude-unreachable-branches --exclude-lines-by-pattern '.*assert\(.*' \
	--json "$build/coverage.json" "$build" 2>/dev/null
/usr/bin/python3 - "$build/coverage.json" "${2:-}" <<'END'
import json, sys
rows, all_taken, all_branches = [], 0, 0
for f in json.load(open(sys.argv[1]))["files"]:
    ways = [(line["line_number"], b) for line in f["lines"] for b in line["branches"]]
    taken = sum(b["count"] > 0 for _, b in ways)
    if sys.argv[2] and f["file"].endswith("/" + sys.argv[2]):
        missed = sorted({n for n, b in ways if not b["count"]})
        print(f["file"], *missed)
    if ways:
        rows.append((taken / len(ways), taken, len(ways), f["file"]))
    all_taken += taken
    all_branches += len(ways)
if not sys.argv[2]:
    for share, taken, n, name in sorted(rows):
        print(f"{100 * share:5.1f} %  {taken:5} of {n:5}  {name}")
print(f"{100 * all_taken / all_branches:5.1f} %  {all_taken:5} of {all_branches:5}  common/core")
END
