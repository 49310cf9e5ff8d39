"""Looks for texts in the files of a folder, as UTF-8 and as UTF-16 of both orders.

  sealed.py FOLDER TEXTS

TEXTS: a file, one text a line; shorter ones than five characters are left out, since they
occur by chance. Prints how many were found; names them on stderr. A -shm file counts."""
import os
import sys


def main():
    with open(sys.argv[2], encoding="utf-8") as f:
        texts = [line.rstrip("\n") for line in f if len(line) > 5]
    found = set()
    for folder, _, names in os.walk(sys.argv[1]):
        for name in names:
            if name.endswith("-shm"):
                found.add(name)
            try:
                with open(os.path.join(folder, name), "rb") as f:
                    data = f.read()
            except FileNotFoundError:
                continue
            found.update(f"{name}: {text}" for text in texts
                         for code in ("utf-8", "utf-16-le", "utf-16-be")
                         if text.encode(code) in data)
    print(len(found))
    print("\n".join(sorted(found)[:5]), file=sys.stderr)


main()
