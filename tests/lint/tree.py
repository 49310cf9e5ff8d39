"""The shape of the tree: top level, unfinished marks, long files, machine paths."""
import os
import re
import subprocess
import sys

ROOT = os.environ.get("PNET_SOURCE", ".")
TOP = {"CMakeLists.txt", "README.md", "server", "client", "common", "proto", "tests"}
MARKS = re.compile(r"\b(TODO|FIXME|XXX|HACK|not implemented)\b")
# Absolute ones only: a folder of that name below a variable is somebody's own.
PATHS = re.compile(r"(?<![\w}])/(work|root|home/[a-z]+|tmp/(wt|b|pn))/")
CODE = (".c", ".h", ".def", ".py", ".sh", ".txt", ".md")
LINES_MAX = 700


def tracked():
    out = subprocess.run(["git", "-C", ROOT, "ls-files"], capture_output=True, text=True)
    if out.returncode == 0 and out.stdout:
        return out.stdout.split("\n")[:-1]
    return [os.path.relpath(os.path.join(d, n), ROOT)
            for d, _, names in os.walk(ROOT) for n in names if "/build" not in d]


def judge(name, lines):
    bad = []
    if name.endswith((".c", ".h")) and len(lines) > LINES_MAX:
        bad.append("%s: %d lines, at most %d" % (name, len(lines), LINES_MAX))
    if name == "tests/lint/tree.py":
        return bad
    for number, line in enumerate(lines, 1):
        if MARKS.search(line) or PATHS.search(line):
            bad.append("%s:%d: %s" % (name, number, line.strip()[:80]))
    return bad


def main():
    bad = []
    for name in tracked():
        top = name.split("/")[0]
        if top not in TOP and not top.startswith("."):
            bad.append("%s: does not belong on the top level" % top)
        if name.startswith("tests/data/") or not name.endswith(CODE):
            continue
        if not os.path.exists(os.path.join(ROOT, name)):
            continue
        with open(os.path.join(ROOT, name), encoding="utf-8") as f:
            bad += judge(name, f.read().split("\n"))
    print("\n".join(sorted(set(bad))) or "the tree has the shape it should have")
    return 1 if bad else 0


sys.exit(main())
