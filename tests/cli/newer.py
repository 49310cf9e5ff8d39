"""Builds pnet as a later version may be: the same sources and two fields more, so that
stories can let an older and a newer program meet.

  newer.py TREE BUILD   leaves BUILD/bin/pnet"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../sabotage"))
import plant  # noqa: E402
import reuse  # noqa: E402

SCHEMA = "common/core/schema.def"
HEADER = "common/core/schema.h"
VERSION = "SCHEMA_VERSION = 3,"
NEW_FIELDS = (
    ("KIND_END(ACTIVITY)\n",
     'FIELD(ACTIVITY, WEATHER, 40, "weather", TEXT, VOC_NONE, LATEST, 0, 0, 400, NULL, 4)\n'),
    ("KIND_END(DAY_NOTE)\n",
     'FIELD(DAY_NOTE, MOOD, 40, "mood", TEXT, VOC_NONE, LATEST, 0, 0, 400, NULL, 4)\n'),
)


def read(tree, name):
    with open(os.path.join(tree, name), encoding="utf-8") as f:
        return f.read()


def newer(tree):
    schema, header = read(tree, SCHEMA), read(tree, HEADER)
    for before, line in NEW_FIELDS:
        if schema.count(before) != 1:
            sys.exit(f"newer: {before.strip()} is not in {SCHEMA}")
        schema = schema.replace(before, line + before)
    if header.count(VERSION) != 1:
        sys.exit(f"newer: {HEADER} has another version: give the new fields the next one")
    return {SCHEMA: schema, HEADER: header.replace(VERSION, "SCHEMA_VERSION = 4,")}


def main():
    tree, build = sys.argv[1:3]
    source, folder = os.path.join(build, "src"), os.path.join(build, "bin")
    texts = newer(tree)
    plant.copy(tree, source, texts)
    for command in (["cmake", "-S", source, "-B", folder, "-G", "Ninja",
                     "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_C_FLAGS_DEBUG=-O0",
                     *reuse.arguments(tree, build, texts)],
                    ["ninja", "-C", folder, "pnet"]):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False)
        if done.returncode != 0:
            sys.exit(done.stdout[-4000:] + "newer: it does not build")


if __name__ == "__main__":
    main()
