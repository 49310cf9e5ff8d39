"""What the documents claim of tests: every MUST of proto/spec names a test, every promise
of common/doc/promises.md too, every attack of tests/attacks.md by its number, and whatever
a document cites, test or file, exists. Made-up pages prove that each complaint is
possible."""
import glob
import os
import re
import sys

ROOT = os.environ.get("PNET_SOURCE", ".")
PAGES = ["README.md", "proto/README.md", "proto/spec/*.md", "common/*.md", "common/doc/*.md",
         "common/doc/decisions/*.md", "server/*.md", "server/doc/*.md", "client/*.md",
         "client/doc/*.md", "tests/*.md", "tests/*/*.md"]
PROMISES = 10
ATTACKS = [str(n) for n in range(1, 78)] + ["43a", "43b", "43c"]
QUOTED = re.compile(r"`([^`\n]+)`")
# Tests are named as sentences, so three words at least; programs by what they are for.
NAME = re.compile(r"[a-z0-9]+(_[a-z0-9]+){2,}|(fuzz|sim|fault|lint)_[a-z0-9]+|"
                  r"cli_\d\d-[\w-]+")
FILE = re.compile(r"(?:common|proto|server|client|tests)/[\w./*,{}\[\]-]+")
TEST = re.compile(r"^([a-z0-9_]+)\(void \*\*state\)", re.M)
CHECK = re.compile(r"^\s*check\(([a-z][\w-]+)", re.M)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def found(pattern):
    return sorted(os.path.relpath(p, ROOT)
                  for p in glob.glob(os.path.join(ROOT, pattern), recursive=True))


def all_tests():
    """Test functions (the compiler complains of one that no program runs), fuzz targets,
    and names that ctest knows."""
    names = set()
    for path in found("tests/unit/*.[ch]") + found("tests/sim/whole_*.c"):
        names |= set(TEST.findall(read(path)))
        names.add(os.path.splitext(os.path.basename(path))[0])
    names |= {os.path.basename(p)[:-2] for p in found("tests/fuzz/fuzz_*.c")}
    for path in found("tests/*/CMakeLists.txt"):
        names |= set(CHECK.findall(read(path)))
    names |= {"sim_named", "sim_keys", "sim_attacks"} # checked in a loop
    names |= {"cli_" + os.path.basename(p)[:-3] for p in found("tests/cli/[0-9]*.sh")}
    return names


def all_words():
    """Identifiers of the code, which a page may quote as well."""
    words = set()
    for folder in ("common", "proto", "server", "client", "tests"):
        for path in found(folder + "/**/*.[ch]"):
            words |= set(re.findall(r"[a-z]\w+", read(path)))
    return words


def blocks(text):
    """(line, text) of paragraphs, items of lists and whole tables; fenced code left out."""
    out, now, begin, is_code = [], [], 0, False
    for number, line in enumerate(text.split("\n") + [""], 1):
        if line.startswith("```"):
            is_code = not is_code
            line = ""
        is_item = re.match(r"\s*(-|\d+\.) ", line) is not None
        is_new = not line.strip() or is_item or line.startswith("#") or (
            line.startswith("|") != (now[-1].startswith("|") if now else False))
        if is_new and now:
            out.append((begin, "\n".join(now)))
            now = []
        if line.strip() and not is_code:
            begin = begin if now else number
            now.append(line)
    return out


def cited(text):
    return [q for q in QUOTED.findall(text) if NAME.fullmatch(q)]


def exists(quoted):
    """A quoted path may have {a,b} in it, a star, and a line or section behind it."""
    path = quoted.rstrip(".,")
    parts = re.fullmatch(r"(.*)\{([^}]*)\}(.*)", path)
    if parts:
        return all(exists(parts[1] + middle + parts[3]) for middle in parts[2].split(","))
    return bool(glob.glob(os.path.join(ROOT, path)))


def judge(name, text, tests, words):
    """The complaints about one page."""
    bad = []
    for line, block in blocks(text):
        where = "%s:%d: " % (name, line)
        names = cited(block)
        bad += [where + "no such test or name: " + n for n in names
                if n not in tests and n not in words]
        bad += [where + "no such file: " + q for q in QUOTED.findall(block)
                if FILE.fullmatch(q) and not exists(q)]
        if name.startswith("proto/spec/") and re.search(r"\bMUST\b", block) and not any(
                n in tests for n in names):
            bad.append(where + "a MUST without a test: " + " ".join(block.split())[:60])
    return bad


def judge_promises(name, text, tests):
    """Each promise has a row that names a test."""
    rows = re.findall(r"^\| P(\d+) \|(.*)$", text, re.M)
    proven = {int(n) for n, row in rows if any(q in tests for q in cited(row))}
    return ["%s: no test for P%d" % (name, n) for n in range(1, PROMISES + 1)
            if n not in proven]


def attack_of(test):
    """The number in sec_NN_..., without a leading zero; None: it names no attack."""
    parts = re.match(r"sec_0*(\d+[a-c]?)_", test)
    return parts and parts[1]


def all_parts():
    """(number, story) of every part of a story that says which attack it is."""
    return {(n.lstrip("0"), "cli_" + os.path.basename(path)[:-3])
            for path in found("tests/cli/[0-9]*.sh")
            for heading in re.findall(r'^\s*part "(.*)"', read(path), re.M)
            for n in re.findall(r"sec_(\d+[a-c]?)", heading)}


def judge_attacks(name, text, tests, parts):
    """One row for each attack; a row names all tests of its number, and one at least
    unless it says why there is none."""
    rows = re.findall(r"^\| (\d+[a-c]?) \|(.*)$", text, re.M)
    numbers = [n for n, _ in rows]
    bad = ["%s: %d rows of attack %s" % (name, numbers.count(n), n)
           for n in ATTACKS if numbers.count(n) != 1]
    bad += ["%s: no attack has the number %s" % (name, n)
            for n in numbers if n not in ATTACKS]
    for n, row in rows:
        names = set(cited(row))
        wanted = {t for t in tests if attack_of(t) == n} | {s for m, s in parts if m == n}
        where = "%s, %s: " % (name, n)
        bad += [where + "lacks " + t for t in sorted(wanted - names)]
        bad += [where + "another attack's test: " + t for t in sorted(names)
                if attack_of(t) not in (None, n)]
        bad += [where + "has no part of that number: " + t for t in sorted(names)
                if t.startswith("cli_") and (n, t) not in parts]
        if not names & tests and "not yet: " not in row:
            bad.append(where + "neither a test nor a reason")
    return bad


def attacks_let_pass():
    tests, parts = {"sec_07_a_b", "fuzz_x", "cli_10-a"}, {("8", "cli_10-a")}
    rows = {n: "| %s | it | `fuzz_x` |" % n for n in ATTACKS}
    rows["7"] = "| 7 | it | `sec_07_a_b` |"
    rows["8"] = "| 8 | it | `cli_10-a` |"

    def judged(**changed):
        page = dict(rows, **{n.strip("n"): row for n, row in changed.items()})
        return judge_attacks("made-up", "\n".join(page.values()), tests, parts)

    cases = [("a number without a row", {"n9": ""}),
             ("a number twice", {"n9": "| 9 | it | `fuzz_x` |\n| 9 | it | `fuzz_x` |"}),
             ("a number that is none", {"n9": rows["9"] + "\n| 78 | it | `fuzz_x` |"}),
             ("a row without its test", {"n7": "| 7 | it | `fuzz_x` |"}),
             ("a row without its story", {"n8": "| 8 | it | `fuzz_x` |"}),
             ("a story without such a part", {"n9": "| 9 | it | `cli_10-a` |"}),
             ("a test of another row", {"n9": "| 9 | it | `sec_07_a_b` |"}),
             ("a row of hope", {"n9": "| 9 | it | soon |"})]
    bad = ["the check let pass: " + what for what, changed in cases
           if len(judged(**changed)) != 1]
    if judged(n9="| 9 | it | not yet: no tickets |"):
        bad.append("the check complains of attacks that stand as they should")
    return bad


def let_pass():
    tests, words = {"a_cut_is_refused", "fuzz_x"}, {"merge_accept_all"}
    cases = [("a MUST without a test", "A reader MUST refuse."),
             ("a MUST in an item", "- (`a_cut_is_refused`)\n- It MUST NOT."),
             ("a MUST in a table", "`fuzz_x` here\n| a | MUST |\n|---|---|"),
             ("a MUST that names code", "It MUST (`merge_accept_all`)."),
             ("a test that is not there", "`a_cut_is_not_refused`"),
             ("a target that is not there", "`fuzz_y`"),
             ("a file that is not there", "`proto/nowhere.c`"),
             ("one of two files", "`proto/{pack,nowhere}.c`")]
    bad = ["the check let pass: " + what for what, text in cases
           if not judge("proto/spec/made-up.md", text, tests, words)]
    good = "- It MUST (`a_cut_is_refused`).\n\n```\nMUST `fuzz_y`\n```\n`proto/{pack,shape}.[ch]`"
    bad += ["the check complains of nothing: " + b
            for b in judge("proto/spec/made-up.md", good, tests, words)]
    if len(judge_promises("made-up", "| P1 | `fuzz_x` |\n| P2 | hope |", tests)) != 9:
        bad.append("the check let pass: a promise without a test")
    return bad


def main():
    bad = let_pass() + attacks_let_pass()
    tests, words = all_tests(), all_words()
    pages = [p for pattern in PAGES for p in found(pattern)]
    for page in pages:
        bad += judge(page, read(page), tests, words)
    promises = "common/doc/promises.md"
    bad += judge_promises(promises, read(promises) if promises in pages else "", tests)
    attacks = "tests/attacks.md"
    bad += judge_attacks(attacks, read(attacks) if attacks in pages else "", tests,
                         all_parts())
    print("\n".join(bad) or "%d pages cite what exists; %d tests" % (len(pages), len(tests)))
    return 1 if bad or len(tests) < 100 else 0


sys.exit(main())
