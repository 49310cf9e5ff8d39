"""Lets a build of a changed copy of the sources take what the first build made of the files
that are the same.

  arguments(tree, build, changed)   what CMake is told, so that the copy's build does so

TREE holds the sources, BUILD/src the copy, CHANGED names the files whose text is another one
there; PNET_BUILD is the folder of the first build, as ctest gives it. Objects that read none
of these files, as the first build noted, are copied, all others compiled. Nothing is taken
from a build that is instrumented, or of a file that is newer than its object."""
import os
import subprocess

LAUNCHER = """#!/bin/sh
# reuse: made by tests/sabotage/reuse.py. reuse COMPILER ARGUMENTS...
out= before= source=
for argument; do
	case $before in -o) out=$argument ;; -c) source=$argument ;; esac
	before=$argument
done
made=FIRST/$out
origin=TREE${source#COPY}
if [ -n "$out" ] && [ -f "$made" ] && [ "$made" -nt "$origin" ] &&
	! grep -qxF "$out" CHANGED; then
	exec cp "$made" "$out"
fi
exec "$@"
"""


def cached(first):
    """The settings of the first build."""
    found = {}
    with open(os.path.join(first, "CMakeCache.txt"), encoding="utf-8") as f:
        for line in f:
            name, equals, value = line.rstrip("\n").partition("=")
            if equals and ":" in name:
                found[name.split(":")[0]] = value
    return found


def readers(first, paths):
    """The objects that were made of these files, as ninja noted."""
    deps = subprocess.run(["ninja", "-C", first, "-t", "deps"], text=True, check=True,
                          stdout=subprocess.PIPE).stdout
    out, now = set(), None
    for line in deps.splitlines():
        if not line.startswith(" "):
            now = line.split(":")[0]
        elif os.path.normpath(os.path.join(first, line.strip())) in paths:
            out.add(now)
    return out


def arguments(tree, build, changed):
    tree, build = os.path.abspath(tree), os.path.abspath(build)
    first = os.environ.get("PNET_BUILD", "")
    try:
        settings = cached(first)
        if settings["CMAKE_GENERATOR"] != "Ninja" or settings.get("PNET_SANITIZE") or \
                "ON" in (settings.get("PNET_COVERAGE"), settings.get("PNET_FUZZ")):
            return []
        names = readers(first, {os.path.join(tree, name) for name in changed})
    except (OSError, KeyError, subprocess.CalledProcessError):
        return []
    os.makedirs(build, exist_ok=True)
    listed, launcher = os.path.join(build, "changed"), os.path.join(build, "reuse")
    with open(listed, "w", encoding="utf-8") as f:
        f.writelines(name + "\n" for name in sorted(names))
    text = LAUNCHER.replace("FIRST", first).replace("TREE", tree)
    text = text.replace("COPY", os.path.join(build, "src")).replace("CHANGED", listed)
    with open(launcher, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(launcher, 0o755)
    return [f"-DCMAKE_C_COMPILER_LAUNCHER={launcher}"]
