#!/bin/sh
# check.sh - installs what is missing, builds, and runs every test.
# usage: sh tests/check.sh [ctest arguments, e.g. -L fast]
# PNET_BUILD_DIR names another build folder (default build/check). Prints the time of
# each part; exits non-zero when anything failed.
set -eu
cd "$(dirname "$0")/.."
here=$(pwd)
build=${PNET_BUILD_DIR:-$here/build}

sh tests/deps.sh check

start=$(date +%s)
part() {
	now=$(date +%s)
	echo "-- $1: $((now - start)) s since the start"
}

cmake -S . -B "$build/check" -G Ninja -DPNET_WERROR=ON >/dev/null
cmake --build "$build/check"
part "build with gcc"

CC=clang cmake -S . -B "$build/fuzz" -G Ninja -DPNET_WERROR=ON -DPNET_FUZZ=ON \
	-DCMAKE_BUILD_TYPE=Debug -DPNET_SANITIZE=address,undefined >/dev/null
cmake --build "$build/fuzz" --target fuzzers
part "fuzzers with clang"

CC=clang cmake -S . -B "$build/san" -G Ninja -DPNET_WERROR=ON \
	-DCMAKE_BUILD_TYPE=Debug -DPNET_SANITIZE=address,undefined >/dev/null
cmake --build "$build/san"
part "sanitizers with clang"

export PNET_FUZZERS="$build/fuzz/tests/fuzz"
export ASAN_OPTIONS=handle_segv=2:detect_leaks=1:allocator_may_return_null=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

failed=0
echo "-- fast label under address and undefined behaviour sanitizers"
PNET_SANITIZED=1 ctest --test-dir "$build/san" -L fast --output-on-failure -j 2 \
	--quiet --output-log "$build/san.log" || {
	failed=1
	tail -n 60 "$build/san.log"
}
part "sanitized tests"

echo "-- all tests"
ctest --test-dir "$build/check" --output-on-failure -j 2 "$@" || failed=1
part "all tests"
[ $failed = 0 ]
