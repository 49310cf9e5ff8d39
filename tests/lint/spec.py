"""What the documents claim of tests: every MUST of proto/spec names a test, every promise
of common/doc/promises.md too, and whatever a document cites, test or file, exists. Made-up
pages prove that each complaint is possible."""
import glob
import os
import re
import sys

ROOT = os.environ.get("PNET_SOURCE", ".")
PAGES = ["README.md", "proto/README.md", "proto/spec/*.md", "common/*.md", "common/doc/*.md",
         "common/doc/decisions/*.md", "server/*.md", "server/doc/*.md", "client/*.md",
         "client/doc/*.md", "tests/*.md", "tests/*/*.md"]
PROMISES = 10
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
    for path in found("tests/unit/*.[ch]"):
        names |= set(TEST.findall(read(path)))
        names.add(os.path.splitext(os.path.basename(path))[0])
    names |= {os.path.basename(p)[:-2] for p in found("tests/fuzz/fuzz_*.c")}
    for path in found("tests/*/CMakeLists.txt"):
        names |= set(CHECK.findall(read(path)))
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
    bad = let_pass()
    tests, words = all_tests(), all_words()
    pages = [p for pattern in PAGES for p in found(pattern)]
    for page in pages:
        bad += judge(page, read(page), tests, words)
    promises = "common/doc/promises.md"
    bad += judge_promises(promises, read(promises) if promises in pages else "", tests)
    print("\n".join(bad) or "%d pages cite what exists; %d tests" % (len(pages), len(tests)))
    return 1 if bad or len(tests) < 100 else 0


sys.exit(main())
