"""Makes client/doc/manual.md of client/commands/commands.def and options.def, client/terminal/complaint.h and
common/base/status.h, and checks that the kept page is what they make now.

  manual.py           fails if the page is out of date
  manual.py --write   writes it"""
import os
import re
import sys

ROOT = os.environ.get("PNET_SOURCE", ".")
PAGE = "client/doc/manual.md"
STRING = r'"((?:[^"\\]|\\.)*)"'

HEAD = """# Manual of pnet

Made by `tests/lint/manual.py --write` from `client/commands/commands.def` and `options.def`; `pnet help` says the same offline.

    pnet [GLOBAL] COMMAND [ARGS]

`sync`, `join`, `invite`, `kit print`, `recover`, `network server` and `network country` need the server; everything else works offline. What a command reports as
saved is on the disk of this laptop; `pnet status` says what the server does not have yet, `pnet sync` brings it there.

## Global options

%s
## Where the data lies

`--data DIR`, else `$PNET_DATA`, else `$XDG_DATA_HOME/pnet`, else `~/.local/share/pnet`. In it:

| file | holds |
|---|---|
| `vault` | the keys of this laptop, sealed under the passphrase; 137 bytes. Without it nobody opens the rest |
| `replica.db`, `replica.db-wal` | what the laptop knows, sealed page by page |
| `waiting` | plain: how many changes wait, and when the last sync was; what `pnet status` shows while it is locked |
| `root.key` | at the office that founded the network: its root key, sealed under the passphrase |
| `edit-CODE.txt` | in clear: what `pnet report edit` gave the editor, until it is saved |

All are readable by their owner only. A backup of the folder opens with the passphrase that it had when it was made.

## The passphrase

`pnet join` and `pnet network found` ask for it: Enter takes the five words that are suggested (75 bits), others are typed
twice and have at least 12 characters. Nobody can recall it or set it back; who forgets it gets a new invite, and what was
not synced is lost. Each guess costs 3 passes of Argon2id over 256 MiB (128 on small machines); `--kdf-memory MIB` (64 to
1024) and `--kdf-passes N` (2 to 10) choose another cost.

`pnet unlock` asks once for 15 minutes, `--for 8h` longer; the time runs from then on, whatever is done meanwhile. The keys lie
in the kernel's keyring of this session: another login asks again, and `pnet lock` forgets them at once. A command that finds
the laptop locked asks on a terminal; elsewhere it ends with 4, unless `--passphrase-file FILE` (its first line) or
`--passphrase-fd N` says the passphrase. No option takes the passphrase itself, since other programs see those.
Where the kernel gives no keys (some containers), each command asks.

`pnet passphrase` changes it, with `--deep` the key of all pages too. `pnet panic` destroys the keys: the folder is noise then.

## What lies in clear

Files that are exported, printed, disclosed or imported; a text while an editor has it open (`pnet check` and `pnet lock` tell of one
that was not finished); and names that are typed as arguments: other programs see them while the command runs, and the
shell writes them into its history. `pnet` alone is a menu that takes commands too and keeps none; `pnet attend ACTIVITY --ask` asks
name by name; in bash, `HISTIGNORE='pnet *'` in `~/.bashrc` keeps `pnet` out of the history.

## Words for marks, people and days

- Marks: present, late, excused, absent, or their first letters P L E A in any case.
- A person: the number on the roster, a name or its beginning (accents may be left out), or the code that
  `pnet young list` shows.
- A conflict, two values that did not see each other, is shown as both. Nothing settles it but `pnet review`.

## Files of a season

`pnet import KIND FILE` takes a file by the columns of the kind (`pnet export KIND` writes the same) and is offline. A row of
another country or activity, and one that is somebody else's to write, is passed over; one that stands here already is counted
and changes nothing; one rejected row, and nothing of the file is taken. These files have a form of their own:

| KIND | FILE | who | what becomes of it |
|---|---|---|---|
| `activity` | activities.csv | coordinator; office: the summer school | activities with their days; a meeting belongs to the one roundtable of its country |
| `enrolment` | enrolments.csv | the same | roster entries (`--people young_people.csv`), participations of adults |
| `marks` | marks.csv | the team | sheets of young people, sheets of adults |
| `closing` | activities.csv | coordinator | the tally of what has the status closed, whatever the gates say |
| `document` | documents.csv | coordinator; office: working papers | reports with their authors from the team, advocacy reports, papers |
| `submission` | documents.csv | coordinator | what is submitted or accepted there is handed in, as its text is now |
| `acceptance` | documents.csv | office | what is accepted there, if it was handed in |
| `rating` | ratings.csv | each author the own lines | one line a criterion, nine lines one rating |
| `signoff` | signoffs.csv | each author the own lines | a version that is no hash is the text as it is now |
| `decision` | decisions.csv | office; coordinator: the own withdrawals | on a practice; kind report: on the report of that code |
| `publication` | publications.csv | office | one line an item; a released edition takes no more |

## Commands

"""

def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def unescape(text):
    return text.replace('\\"', '"').replace("\\\\", "\\")


def split(options):
    return [o for o in options.split(",") if o]


def commands(text):
    row = re.compile(r"COMMAND\(\s*%s,\s*(\w+),\s*%s,\s*(\d+),\s*(\d+),\s*%s,\s*%s,\s*%s\)" %
                     ((STRING,) * 5), re.S)
    found = [[unescape(g) for g in m.groups()] for m in row.finditer(text)]
    if len(found) != text.count("\nCOMMAND("):
        sys.exit("manual.py reads %d rows of %d" % (len(found), text.count("\nCOMMAND(")))
    return found


def explained():
    """Per option a list of (commands, text), as OPTION() has them."""
    found = {}
    for option, names, text in re.findall(r"OPTION\(%s,\s*%s,\s*%s\)" % ((STRING,) * 3), read("client/commands/options.def")):
        found.setdefault(unescape(option), []).append((names.split("|") if names else [], unescape(text)))
    return found


def option_text(option, command, texts=explained()):
    rows = texts.get(option, [])
    named = [text for names, text in rows if command in names]
    general = [text for names, text in rows if not names]
    if not named + general:
        sys.exit("manual.py does not explain --%s of %s" % (option, command))
    return (named + general)[0]


def option_rows(options, command):
    rows = "".join("| `--%s` | %s |\n" % (o.replace("|", "\\|"), option_text(o, command)) for o in options)
    return "| option | does |\n|---|---|\n" + rows


def command_text(row):
    name, _, arguments, _, _, options, summary, example = row  # as COMMAND() has them
    out = ["### pnet %s" % " ".join(w for w in (name, arguments) if w), "",
           summary[0].upper() + summary[1:] + ".", ""]
    if options:
        out += [option_rows(split(options), name)]
    return "\n".join(out + ["    " + example, ""])


def global_options():
    text = read("client/commands/command.c")
    found = re.search(r"call_global_options\[\] =((?:\s*%s)+)" % STRING, text)
    names = split("".join(re.findall(STRING, found.group(1))))
    return option_rows(names, "")


def complaints():
    rows = re.findall(r'X\(PN_\w+,\s*"(PN-\w+)",\s*(\d+),\s*"([^"]+)",[\s\\]*"([^"]+)"\)', read("client/terminal/complaint.h"))
    out = "## What can go wrong\n\nA complaint has four parts: what (with a code), why, what is safe, what to do next.\n\n"
    out += "| code | exit | what | what to know |\n|---|---|---|---|\n"
    return out + "".join("| %s | %s | %s | %s |\n" % row for row in rows)


def exits():
    return """
Exit codes: 0 done; 1 a check says no; 3 a person has to decide first; the others as in the table (they are those of
sysexits.h: 64 usage, 65 data, 66 not found, 69 unreachable, 70 defect, 73 no output, 74 disk, 75 try again, 76 version, 77 not
permitted, 78 configuration).
"""


def page():
    body = "\n".join(command_text(row) for row in commands(read("client/commands/commands.def")))
    return HEAD % global_options() + body + "\n" + complaints() + exits()


def main(arguments):
    made = page()
    if "### pnet sync\n" not in made or "`--timeout=SECONDS`" not in made:
        sys.exit("manual.py does not read the table any more")
    if arguments == ["--write"]:
        with open(os.path.join(ROOT, PAGE), "w", encoding="utf-8") as f:
            f.write(made)
    elif arguments:
        sys.exit(__doc__)
    if not os.path.exists(os.path.join(ROOT, PAGE)) or read(PAGE) != made:
        sys.exit("%s is out of date: python3 tests/lint/manual.py --write" % PAGE)
    print("%s is what the table of commands says" % PAGE)


main(sys.argv[1:])
