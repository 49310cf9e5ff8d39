# demo.sh - the demo builds on a machine that has only what the demo installs: the targets
# that it asks for exist in a build folder made without the tests.
set -eu
cd "$PNET_SOURCE"
targets=$(sed -n 's/.*--target \(.*\) >.*/\1/p' tests/demo.sh)
[ -n "$targets" ] || {
	echo "demo.sh: no line of tests/demo.sh builds a target" >&2
	exit 1
}
folder=$PNET_BUILD/without-tests
cmake -S . -B "$folder" -G Ninja -DPNET_TESTS=OFF >/dev/null
# shellcheck disable=SC2086
exec ninja -C "$folder" -n --quiet $targets
