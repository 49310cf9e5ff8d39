"""Plants bugs one at a time and sees that the tests notice.

  run.py TREE BUILD [--turn] [--only N,N]
    TREE   the sources
    BUILD  folder for the copy and its build
    --turn  four of the plants, other ones for another commit

Prints for each bug which test noticed it and after how long. Ends with 1 if a bug passed
unnoticed, or if a test fails without any."""
import argparse
import os
import signal
import subprocess
import sys
import time

import plant
import reuse
from plants import PLANTS

AT_ONCE = 4
PATIENCE_S = 100  # a test that hangs with a bug in it has noticed


def ask():
    p = argparse.ArgumentParser()
    p.add_argument("tree")
    p.add_argument("build")
    p.add_argument("--turn", action="store_true")
    p.add_argument("--only")
    return p.parse_args()


def chosen(args):
    if args.only:
        return [p for p in PLANTS if str(p.n) in args.only.split(",")]
    if not args.turn:
        return PLANTS
    commit = subprocess.run(["git", "-C", args.tree, "rev-parse", "HEAD"], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                            check=False).stdout.strip() or "0"
    first = int(commit[:8], 16) % len(PLANTS)
    return [PLANTS[(first + i) % len(PLANTS)] for i in range(AT_ONCE)]


def executables(names):
    """What has to be built for these ctest entries."""
    out = {"pnet", "pnetd"} if any(n.startswith(("cli_", "fault_")) for n in names) else set()
    if any(n.startswith("cli_") for n in names):
        out |= {"ffault", "session", "unseal"}
    for n in names:
        if n.startswith("test_"):
            out.add(n)
        elif n.startswith("sim_"):
            out.add("_".join(n.split("_")[:2]))
    return sorted(out)


def build(args, names):
    source = os.path.join(args.build, "src")
    folder = os.path.join(args.build, "bin")
    texts = plant.sabotaged(args.tree)
    plant.copy(args.tree, source, texts)
    log = os.path.join(args.build, "build.log")
    with open(log, "w", encoding="utf-8") as f:
        ok = subprocess.call(["cmake", "-S", source, "-B", folder, "-G", "Ninja",
                              "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_C_FLAGS=-O1",
                              *reuse.arguments(args.tree, args.build, texts)],
                             stdout=f, stderr=f) == 0
        ok = ok and subprocess.call(["ninja", "-C", folder, *executables(names)],
                                    stdout=f, stderr=f) == 0
    if not ok:
        with open(log, encoding="utf-8") as f:
            sys.exit("".join(f.readlines()[-30:]) + "sabotage: the copy does not build")
    return folder


def passes(folder, name, n):
    env = dict(os.environ, PNET_SABOTAGE=str(n))
    run = subprocess.Popen(["ctest", "--test-dir", folder, "-R", f"^{name}$",
                            "--no-tests=error"], env=env, stdout=subprocess.DEVNULL,
                           stderr=subprocess.STDOUT, start_new_session=True)
    try:
        return run.wait(PATIENCE_S if n else None) == 0
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, signal.SIGKILL)  # the test too, not ctest alone
        run.wait()
        return False


def main():
    args = ask()
    plants = chosen(args)
    names = sorted({c for p in plants for c in p.catchers})
    folder = build(args, names)
    bad = 0
    for name in names:
        if not passes(folder, name, 0):
            print(f"[x] {name} fails without any planted bug")
            bad += 1
    for p in plants:
        start = time.monotonic()
        caught = next((c for c in p.catchers if not passes(folder, c, p.n)), None)
        took = time.monotonic() - start
        print(f"[{'ok' if caught else 'x'}] {p.n:2} {p.name}: "
              f"{caught or 'NOBODY NOTICED'} after {took:.1f} s", flush=True)
        bad += caught is None
    print(f"{len(plants)} planted bugs, {bad} problems")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
