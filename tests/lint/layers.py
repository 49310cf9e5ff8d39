"""Every #include "a/b.h" against the table of layers (DESIGN 8). A folder without a row
fails; made-up input proves that each complaint is possible."""
import os
import re
import sys

ROOT = os.environ.get("PNET_SOURCE", ".")

ALL = ["common/base", "common/crypto", "common/core", "proto", "common/store", "common/net"]
# layer -> layers whose headers it may include, besides its own
MAY = {
    "common/base": [],
    "common/crypto": ["common/base"],
    "common/core": ["common/base"],
    "proto": ["common/base", "common/crypto", "common/core"],
    "common/store": ["common/base", "common/core"],
    "common/net": ["common/base", "proto"],
    "server": ALL,
    # Within the client: each stands on those before it.
    "client/terminal": ["common/base"],
    "client/laptop": ALL + ["client/terminal"],
    "client/sync": ALL + ["client/terminal", "client/laptop"],
    "client/actions": ALL + ["client/terminal", "client/laptop", "client/sync"],
    "client/commands": ALL + ["client/terminal", "client/laptop", "client/sync",
                              "client/actions"],
    "client": ["client/commands"],
}
# What a layer may never include although its row allows the folder.
NEVER = {"server": ["crypto/seal_open.h", "crypto/keybox_open.h", "crypto/wrap_open.h",
                    "store/sealed_vfs.h", "store/replica.h"]}
# Files of a layer that may include more than their row (DESIGN 8): the sealed VFS alone.
SEALED = re.compile(r"common/store/sealed_\w+\.[ch]")
SEALED_MAY = ["crypto/page.h", "crypto/page_open.h", "crypto/keys.h"]
PURE = ["common/base", "common/crypto", "common/core", "proto"]
IMPURE_HEADERS = {"uv.h", "sqlite3.h", "time.h", "sys/socket.h", "fcntl.h", "unistd.h",
                  "pthread.h"}
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')


def layer_of(path):
    for layer in sorted(MAY, key=len, reverse=True):
        if path.startswith(layer + "/"):
            return layer
    return None


def target_of(name):
    head = name.split("/")[0] if "/" in name else None
    if head == "client" and name.count("/") == 2:
        return os.path.dirname(name)
    return "common/" + head if head and "common/" + head in MAY else head


def judge(path, text):
    """The complaints about one file."""
    layer = layer_of(path)
    if layer is None:
        return ["%s: its folder has no row in the table of layers" % path]
    bad = []
    for number, line in enumerate(text.splitlines(), 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        kind, name = found.groups()
        where = "%s:%d: " % (path, number)
        if kind == "<":
            if layer in PURE and name in IMPURE_HEADERS:
                bad.append(where + "a pure layer includes <%s>" % name)
            continue
        target = target_of(name)
        if target not in MAY:
            bad.append(where + '"%s" is in no layer' % name)
        elif SEALED.fullmatch(path) and name in SEALED_MAY:
            continue
        elif target != layer and target not in MAY[layer]:
            bad.append(where + "%s may not include %s" % (layer, name))
        elif name in NEVER.get(layer, []):
            bad.append(where + "%s may never include %s" % (layer, name))
    return bad


def let_pass():
    cases = [("common/base/x.c", '#include "core/op.h"'),
             ("common/core/x.c", '#include "proto/frame.h"'),
             ("common/core/x.c", "#include <time.h>"),
             ("server/x.c", '#include "crypto/seal_open.h"'),
             ("server/x.c", '#include "client/laptop/laptop.h"'),
             ("client/laptop/x.c", '#include "client/sync/outbox.h"'),
             ("client/actions/x.c", '#include "client/commands/commands.h"'),
             ("client/new/x.c", '#include "base/ids.h"'),
             ("common/store/db.c", '#include "crypto/page.h"'),
             ("common/store/sealed_vfs.c", '#include "crypto/seal.h"'),
             ("common/new/x.c", '#include "base/ids.h"'),
             ("client/x.c", '#include "nowhere.h"')]
    return ["the check let pass: %s %s" % c for c in cases if not judge(*c)]


def main():
    bad = let_pass()
    files = 0
    for top in ("common", "proto", "server", "client"):
        for folder, _, names in os.walk(os.path.join(ROOT, top)):
            for name in names:
                if not name.endswith((".c", ".h", ".def")):
                    continue
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as f:
                    bad += judge(os.path.relpath(path, ROOT), f.read())
                files += 1
    print("\n".join(bad) or "%d files keep to the layers" % files)
    return 1 if bad or files == 0 else 0


sys.exit(main())
