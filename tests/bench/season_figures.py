#!/usr/bin/python3
"""season_figures.py - times client commands on the network that season.sh left.

usage: season_figures.py PNET DIR [--rounds N]

Prints the lines of run.sh's table: the median of the time from start to exit, and the
largest resident size of one more round, each against its floor. Syncs need the server to run (season.sh
measures while it does); without it they are left out. A figure counts only if the office's
totals are those of the generator, workshop by workshop: checked first, of all but the one
workshop that this program itself marks.
"""
import argparse
import collections
import csv
import os
import resource
import socket
import statistics
import subprocess
import sys
import time

TODAY = "2028-01-03"
FIGURES = ("enrolled", "days_held", "present", "late", "excused", "absent", "missing")
MIB_MAX = 64


class Device:
    def __init__(self, pnet, root, name):
        self.root = root
        self.command = [pnet, "--data", os.path.join(root, name), "--today", TODAY]
        subprocess.run([*self.command, "--passphrase-file", os.path.join(root, "phrase"),
                        "unlock", "--for", "24h", "--quiet"], check=True)

    def run(self, words, output=subprocess.DEVNULL, before=()):
        """Seconds of one command, start to exit. Some end with 3: a gate is open, a year incomplete."""
        began = time.monotonic()
        child = subprocess.run([*before, *self.command, *words],
                               stdin=subprocess.DEVNULL, stdout=output,
                               stderr=subprocess.PIPE, check=False)
        seconds = time.monotonic() - began
        if child.returncode not in ((0, 3) if words[0] in ("findings", "consolidate") else (0,)):
            sys.exit(f"season: pnet {' '.join(words)}: {child.returncode}\n"
                     + child.stderr.decode())
        return seconds

    def resident(self, words, root):
        """MiB at most. Told by time(1): a child of this program inherits its size."""
        path = os.path.join(root, "resident")
        self.run(words, before=("/usr/bin/time", "-f", "%M", "-o", path))
        with open(path, encoding="ascii") as f:
            return int(f.read().split()[-1]) / 1024


def figure(name, value, unit, goal="", spread=0.0, how=""):
    print(f"{name:<34} {value:>12.2f} {unit:<9} {spread:>6.1f}  {goal:<12} {how}".rstrip(),
          flush=True)


def cpu():
    """Seconds that ended children worked: what does not depend on who else does."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def figures_of(name, device, words, rounds, goal="", how=""):
    """words: of a round, by its number. The last round tells the size."""
    before = cpu()
    ms = [1000 * device.run(words(i)) for i in range(rounds)]
    middle = statistics.median(ms)
    worked = 1000 * (cpu() - before) / rounds
    figure(name, middle, "ms", goal, 100 * (max(ms) - min(ms)) / middle,
           f"{worked:.0f} ms of CPU{how}")
    figure("  resident", device.resident(words(rounds), device.root), "MiB",
           f"<= {MIB_MAX}")


def durable_write(folder):
    """Milliseconds of a page written and synced, which a commit cannot go below."""
    path = os.path.join(folder, "probe")
    taken = []
    fd = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    for _ in range(21):
        began = time.monotonic()
        os.write(fd, bytes(4096))
        os.fdatasync(fd)
        taken.append(1000 * (time.monotonic() - began))
    os.close(fd)
    os.unlink(path)
    return statistics.median(taken)


def rows(path):
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def check_totals(office, root, marked):
    path = os.path.join(root, "office_totals.csv")
    with open(path, "wb") as f:
        office.run(["totals", "--csv"], f)
    found = {row["workshop"]: [row[x] for x in FIGURES] for row in rows(path)}
    wanted = {row["workshop"]: [row[x] for x in FIGURES]
              for row in rows(os.path.join(root, "season/totals.csv"))}
    wrong = [w for w in wanted if w != marked and found.get(w) != wanted[w]]
    if wrong or len(found) != len(wanted):
        sys.exit(f"season: the office's totals differ in {len(wrong)} workshops: "
                 + " ".join(wrong[:5]))
    figure("workshops with the right totals", len(wanted) - 1, "",
           how="at the office, of " + str(len(wanted)))
    figure("marks in them", sum(int(x) for row in wanted.values() for x in row[2:6]), "")


def open_workshop(root, country):
    """One that is not closed, a held day, and how many belong to it on that day: 15 if
    there is such a one."""
    people, others = collections.Counter(), set()
    for row in rows(os.path.join(root, "season/enrolments.csv")):
        people[row["activity"]] += 1
        if row["joined_day"] not in ("", "1") or row["left_day"] != "":
            others.add(row["activity"])
    days = {row["activity"]: row["day"]
            for row in rows(os.path.join(root, "season/activity_days.csv"))
            if row["held"] == "yes"}
    codes = [row["ref"] for row in rows(os.path.join(root, "season/activities.csv"))
             if row["country"] == country and row["status"] != "closed"
             and row["ref"] not in others and row["ref"] in days]
    code = min(codes, key=lambda c: abs(people[c] - 15))
    return code, days[code], people[code]


def has_server(root):
    with open(os.path.join(root, "port"), encoding="ascii") as f:
        port = int(f.read())
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def constantly(*words):
    return lambda _: list(words)


def measure_office(office, rounds):
    for name, words, goal in (
            ("findings", ["findings"], "<= 2000"),
            ("totals", ["totals"], "<= 2000"),
            ("totals --json", ["totals", "--json"], ""),
            ("status", ["status"], "<= 100"),
            ("activity list", ["activity", "list"], ""),
            ("practice list --stages", ["practice", "list", "--stages"], ""),
            ("review", ["review"], ""),
            ("indicators --all", ["indicators", "--all"], ""),
            ("indicators --funder age", ["indicators", "--funder", "age"], ""),
            ("consolidate", ["consolidate", "2026"], ""),
            ("export tally", ["export", "tally"], "")):
        figures_of(f"office: {name}", office, constantly(*words), rounds, goal)


def measure_coordinator(n, root, workshop, rounds):
    code, day, people = workshop
    commit = durable_write(root)

    def marks(i):
        mark = ("absent", "excused")[i % 2]
        sets = [x for line in range(min(people, 15))
                for x in ("--set", f"{line + 1}={mark}")]
        return ["attend", code, day] + sets

    for name, words, goal in (
            ("status", ["status"], "<= 100"),
            ("findings", ["findings"], ""),
            ("totals", ["totals"], ""),
            ("review", ["review"], ""),
            ("activity list", ["activity", "list"], ""),
            ("young list", ["young", "list", code], ""),
            ("young find", ["young", "find", "mar"], ""),
            ("history", ["history", code], ""),
            ("print sheet", ["print", "sheet", code], ""),
            ("export young", ["export", "young"], ""),
            ("export sheet", ["export", "sheet"], "")):
        figures_of(f"coordinator: {name}", n, constantly(*words), rounds, goal)
    figure("a durable write of a page", commit, "ms", how="fdatasync in the same folder")
    figures_of(f"attend, {min(people, 15)} marks", n, marks, rounds, "<= 50+write",
               ", with its commit")
    figures_of("undo", n, lambda i: [("undo", "redo")[i % 2]], rounds)
    return marks


def measure_days(coordinator, office, marks, rounds):
    taken = {coordinator: [], office: []}
    for i in range(rounds):
        coordinator.run(marks(i))
        for device, ms in taken.items():
            ms.append(1000 * device.run(["sync"]))
    for name, ms in zip(("coordinator: sync, one day", "office: sync of that day"),
                        taken.values()):
        figure(name, statistics.median(ms), "ms")
    coordinator.run(marks(rounds))
    for name, device in (("of a coordinator", coordinator), ("of the office", office)):
        figure(f"  resident, sync {name}", device.resident(["sync"], device.root), "MiB",
               f"<= {MIB_MAX}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pnet")
    parser.add_argument("dir")
    parser.add_argument("--rounds", type=int, default=5)
    o = parser.parse_args()
    root = os.path.abspath(o.dir)
    country = sorted(os.listdir(os.path.join(root, "parts")))[0]
    office = Device(os.path.abspath(o.pnet), root, "OF")
    coordinator = Device(os.path.abspath(o.pnet), root, f"{country}-N1")
    workshop = open_workshop(root, country)
    check_totals(office, root, workshop[0])
    measure_office(office, o.rounds)
    marks = measure_coordinator(coordinator, root, workshop, o.rounds)
    if not has_server(root):
        return
    coordinator.run(["sync"])
    figures_of("coordinator: sync, nothing", coordinator, constantly("sync"), o.rounds)
    measure_days(coordinator, office, marks, o.rounds)


if __name__ == "__main__":
    main()
