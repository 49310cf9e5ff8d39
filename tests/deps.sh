#!/bin/sh
# deps.sh - installs what building (and, with "check" or "coverage", testing) needs and is
# missing.
# Debian 12; as root, or with sudo. Asks nothing, prints only when it installs.
# usage: sh tests/deps.sh [check|coverage]
set -eu

build="cmake ninja-build gcc libc6-dev pkg-config libuv1-dev libsqlite3-dev libmsgpack-dev
 libsodium-dev libzstd-dev libjansson-dev libutf8proc-dev"
check="libcmocka-dev clang lld libclang-rt-14-dev python3 python3-nacl python3-msgpack
 python3-zstandard faketime git strace sqlite3 time"

wanted=$build
case ${1:-} in
check) wanted="$build $check" ;;
coverage) wanted="$build $check gcovr" ;;
esac

missing=
for package in $wanted; do
	dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
		missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null || {
		echo "deps.sh: missing:$missing; run as root or install sudo" >&2
		exit 1
	}
	as_root=sudo
fi
echo "installing:$missing"
# shellcheck disable=SC2086
{
	$as_root apt-get update -qq
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
		--no-install-recommends $missing
} >/dev/null
