#!/bin/sh
# run.sh PYTHON INTEROP_WRITE INTEROP_LOG - reads golden and fresh batches, a network's
# membership logs and the golden bundle with the second readers.
set -eu
here=$(dirname "$0")
python=$1
writer=$2
log_writer=$3
"$python" -c 'import msgpack, nacl, zstandard' 2>/dev/null || {
	echo "skipped: interop needs python3-nacl python3-msgpack python3-zstandard"
	exit 77
}
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
"$writer" random "$fresh" 60 "${PNET_SEED:-1}"
export PYTHONDONTWRITEBYTECODE=1
"$python" "$here/read_ops.py" --check \
	"$here"/../golden/batch-*.json "$fresh"/*.json
# The kept JSON and the kept bytes are one batch.
for name in batch-complete batch-pruned; do
	bytes=$(tr -d '\n' <"$here/../golden/$name.hex")
	grep -q "\"$bytes\"" "$here/../golden/$name.json"
done
"$python" "$here/read_ops.py" --body \
	"$here"/../golden/body-text.hex "$here"/../golden/body-text.json
"$log_writer" "$fresh/logs"
"$python" "$here/read_log.py" --check "$fresh/logs"
"$python" "$here/read_log.py" --form "$here"/../golden/log-*.hex
"$python" "$here/read_bundle.py" --check "$here"/../golden/bundle.hex "$here"/../golden/bundle.json
