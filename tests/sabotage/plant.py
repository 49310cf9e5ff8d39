"""Makes the sources with the planted bugs: a copy of the tree with every plant of
plants.py in its place, switched at run time.

  plant.py TREE COPY     writes only what changed, so that a build of COPY stays short
  plant.py --check TREE  says whether every plant has its place"""
import os
import sys

from plants import PLANTS

TOP = ("CMakeLists.txt", "client", "common", "proto", "server", "tests")

HEADER = """/* sabotage.h - made by tests/sabotage/plant.py: is the planted bug n on? */
#ifndef BASE_SABOTAGE_H
#define BASE_SABOTAGE_H

#include <stdlib.h>

static inline _Bool
sabotage_is(int n)
{
	const char *on = getenv("PNET_SABOTAGE");

	return on != NULL && atoi(on) == n;
}
#define SABOTAGE(n) sabotage_is(n)

#endif
"""


def planted(tree):
    """Path to text, of the files that have plants."""
    texts = {}
    for p in PLANTS:
        if p.file not in texts:
            with open(os.path.join(tree, p.file), encoding="utf-8") as f:
                texts[p.file] = f.read()
        # A plant may stand inside the place of another: the text as it was counts.
        with open(os.path.join(tree, p.file), encoding="utf-8") as f:
            found = f.read().count(p.old)
        if found != 1:
            sys.exit(f"sabotage {p.n} ({p.name}): its text stands {found} times in {p.file}")
        at = texts[p.file].count(p.old)
        if at != 1:
            sys.exit(f"sabotage {p.n} ({p.name}): another plant took its place")
        texts[p.file] = texts[p.file].replace(p.old, p.new)
    return {file: '#include "base/sabotage.h"\n' + text for file, text in texts.items()}


def sabotaged(tree):
    return {**planted(tree), "common/base/sabotage.h": HEADER}


def put(path, data):
    if os.path.exists(path):
        with open(path, "rb") as f:
            if f.read() == data:
                return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)
    if data.startswith(b"#!"):
        os.chmod(path, 0o755)


def drop_moved(tree, to):
    """What an earlier copy has of files that the tree has no more."""
    for top in TOP:
        for folder, _, names in os.walk(os.path.join(to, top)):
            for name in names:
                path = os.path.join(folder, name)
                if not os.path.isfile(os.path.join(tree, os.path.relpath(path, to))):
                    os.remove(path)


def copy(tree, to, texts):
    """The tree, with these texts in place of its own."""
    drop_moved(tree, to)
    for top in TOP:
        start = os.path.join(tree, top)
        walk = os.walk(start) if os.path.isdir(start) else [(tree, [], [top])]
        for folder, _, names in walk:
            for name in names:
                path = os.path.join(folder, name)
                rel = os.path.relpath(path, tree)
                if rel in texts or not os.path.isfile(path):
                    continue
                with open(path, "rb") as f:
                    put(os.path.join(to, rel), f.read())
    for rel, text in texts.items():
        put(os.path.join(to, rel), text.encode())


if __name__ == "__main__":
    if sys.argv[1] == "--check":
        planted(sys.argv[2])
        print(f"{len(PLANTS)} planted bugs have their places")
    else:
        copy(sys.argv[1], sys.argv[2], sabotaged(sys.argv[1]))
