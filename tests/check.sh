#!/bin/sh
# check.sh - installs what is missing, builds twice (gcc; clang with sanitizers and
# fuzzers), and runs every test. Prints when each part ended; the last lines are ctest's.
#
# usage: sh tests/check.sh [ctest arguments]    e.g. -L fast, -R test_record
# With arguments only the gcc build is made and tested.
# PNET_BUILD_DIR names another build folder than build/.
set -eu
cd "$(dirname "$0")/.."
here=$(pwd)
build=${PNET_BUILD_DIR:-$here/build}
start=$(date +%s)
failed=0
cores=$(nproc)
# Stories wait for disks and deadlines half of their time.
jobs=$((cores * 2))

part() { echo "-- $1: done after $(($(date +%s) - start)) s"; }

# show LOG LINES: the end of a log, for what failed.
show() { tail -n "$2" "$1"; }

compile() { # FOLDER ARGUMENTS...
	folder=$1
	shift
	mkdir -p "$folder"
	{
		cmake -S . -B "$folder" -G Ninja -DPNET_WERROR=ON -DPNET_UNITS_TOGETHER=ON "$@"
		cmake --build "$folder"
	} >"$folder/build.log" 2>&1 || {
		show "$folder/build.log" 60
		exit 1
	}
}

sh tests/deps.sh check
part "tools"

compile "$build/check"
part "build with gcc, warnings are errors"

if [ $# -gt 0 ]; then
	exec ctest --test-dir "$build/check" --output-on-failure -j "$jobs" "$@"
fi

# Of what a debugger reads, the sanitizers' reports need the lines alone.
CC=clang compile "$build/clang" -DPNET_FUZZ=ON -DCMAKE_BUILD_TYPE=Debug \
	-DCMAKE_C_FLAGS_DEBUG=-gline-tables-only \
	-DPNET_SANITIZE=address,undefined -DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld
part "build with clang, sanitizers and fuzzers"

export ASAN_OPTIONS=handle_segv=2:detect_leaks=1:allocator_may_return_null=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
for label in fast fuzz; do
	PNET_SANITIZED=1 ctest --test-dir "$build/clang" -L "^$label\$" --output-on-failure \
		-j "$cores" >"$build/clang/$label.log" 2>&1 || {
		failed=1
		show "$build/clang/$label.log" 120
	}
	grep -E 'tests passed|tests failed' "$build/clang/$label.log" || true
	part "$label, sanitized"
done

ctest --test-dir "$build/check" -LE soak --output-on-failure -j "$jobs" || failed=1
exit $failed
