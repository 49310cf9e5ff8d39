"""A second reader of bundles, written from proto/spec/bundle.md alone. What stands in a
bundle is read by the other two second readers: log records by read_log.py, with their
signatures and box lists, batches by the form of read_ops.py. Needs python3-nacl,
python3-msgpack, python3-zstandard.

  read_bundle.py FILE          prints what a bundle (lines of hex) holds, as JSON
  read_bundle.py --check FILE EXPECT
                               compares with the JSON, and flips bits to see that every
                               flip is refused, by the sum and by what is behind it"""
import hashlib
import json
import random
import sys

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from read_log import NET, Network, Record, read_list
from read_ops import read_batch
from strict import Bytes, Refused, ascending, hash256, must

MAGIC = b"pnet/bundle/1\0"
BYTES_MAX = 256 << 20
LIST_BYTES_MAX = 128 << 10
LOG, KEYS, BATCH, STATE = 1, 2, 3, 4


def item(b):
    return b.take(b.uint(4))


def rows(b, width, key=None):
    n = b.uint(4)
    data = b.take(n * width)
    out = [data[i:i + width] for i in range(0, len(data), width)]
    must(ascending([row[:key] for row in out]), "rows not ascending")
    return out


# --- sections: bundle.md 2 ---------------------------------------------------------------

def read_log_section(b, network):
    space, first, n = b.uint(2), b.uint(4), b.uint(4)
    must(0 < n <= 65536 - first, "records")
    wires = [item(b) for _ in range(n)]
    records = [Record(wire) for wire in wires]
    for i, r in enumerate(records):
        own = r.id[:16] if r.kind == "GENESIS" else r.network
        must(own == network and r.seq == first + i, "network or position")
        must(r.space == records[0].space and (r.space == NET) == (space == 0), "space")
        must(i == 0 or r.prev == records[i - 1].id, "prev")
    return {"space": space, "from": first, "wires": wires}


def read_keys_section(b):
    space = b.uint(2)
    lists = [(b.uint(2), b.uint(2), item(b)) for _ in range(b.uint(4))]
    must(ascending([row[:2] for row in lists]), "lists not ascending")
    for _, _, data in lists:
        must(len(data) <= LIST_BYTES_MAX, "list too long")
        read_list(data)
    boxes, wraps = rows(b, 172), rows(b, 76)
    must(lists or boxes or wraps, "keys without a row")
    return {"space": space, "lists": lists, "boxes": boxes, "wraps": wraps}


def read_state_section(b):
    space, scope = b.uint(2), b.uint(2)
    ids = rows(b, 32, 16)
    must(ids, "state without a batch")
    batches = [(b.uint(4), item(b)) for _ in range(b.uint(4))]
    graves, doa = rows(b, 16), rows(b, 33)
    must(ascending([-1] + [row for row, _ in batches]) and
         all(row < len(ids) for row, _ in batches), "rows of batches")
    for _, wire in batches:
        h, _, _, ops = read_batch(wire, False)
        live = [op for op in ops if "type" in op]
        must((h["space"], h["scope"]) == (space, scope) and live, "batch of a state")
        must(all((op["subject"] in graves) == (op["type"] == 2) for op in live
                 if op["subject"]), "graves")
    known = {i[:16] for i in ids}
    must(not any(row[:16] in known for row in doa), "arrived and not arrived")
    return {"space": space, "scope": scope, "ids": ids, "batches": batches,
            "graves": graves, "doa": doa}


def read_section(kind, payload, network):
    b = Bytes(payload)
    if kind == LOG:
        out = read_log_section(b, network)
    elif kind == KEYS:
        out = read_keys_section(b)
    elif kind == BATCH:
        return {"ops": len(read_batch(b.take(len(payload)), True)[3]), "wire": payload}
    else:
        must(kind == STATE, "kind of a section")
        out = read_state_section(b)
    b.end()
    return out


def place(kind, section):
    return kind, section.get("space", 0), section.get("scope", 0)


class Bundle:
    """A whole file by its form; Refused if anything is wrong with it."""

    def __init__(self, data, is_summed=True):
        must(data[:14] == MAGIC and 138 <= len(data) <= BYTES_MAX, "no bundle")
        must(not is_summed or hash256(b"pnet/bsum/1", data[:-32]) == data[-32:], "sum")
        self.signed, self.signature = data[:-96], data[-96:-32]
        b = Bytes(self.signed)
        b.take(14)
        self.network = b.take(16)
        self.writer, self.time = (b.uint(2), b.uint(2)), b.uint(8)
        self.sections = []
        while b.at < len(self.signed):
            kind, payload = b.uint(1), item(b)
            self.sections.append((kind, read_section(kind, payload, self.network)))
        must(self.sections, "no section")
        places = [place(*s) for s in self.sections]
        must(all(x < y or x == y and x[0] == BATCH for x, y in zip(places, places[1:])),
             "sections not ascending")

    def of(self, kind):
        return [section for k, section in self.sections if k == kind]

    def logs(self):
        """Reads the logs from their beginnings with the lists that are there."""
        net = Network(self.network)
        lists = {}
        for keys in self.of(KEYS):
            for position, _, data in keys["lists"]:
                lists.setdefault((keys["space"], position), []).append(data)
        for log in self.of(LOG):
            for i, wire in enumerate(log["wires"]):
                net.read(wire, lists.get((log["space"], log["from"] + i), []))
        return net

    def verify(self, net):
        must(self.writer in net.devices, "unknown writer")
        try:
            VerifyKey(net.devices[self.writer][0]).verify(self.signed, self.signature)
        except BadSignatureError as error:
            raise Refused("signature of the bundle") from error

    def verify_boxes(self):
        """Each box is named by a list."""
        named = {data[i + 10:i + 42] for keys in self.of(KEYS)
                 for _, _, data in keys["lists"] for i in range(0, len(data), 42)}
        for keys in self.of(KEYS):
            for row in keys["boxes"]:
                must(hashlib.blake2b(row[8:], digest_size=32).digest() in named, "box")

    def json(self):
        out = {"network": self.network.hex(), "writer": list(self.writer),
               "time": self.time, "sections": []}
        for kind, s in self.sections:
            if kind == LOG:
                told = {"log": s["space"], "from": s["from"], "records": len(s["wires"])}
            elif kind == KEYS:
                told = {"keys": s["space"], "lists": len(s["lists"]),
                        "boxes": len(s["boxes"]), "wraps": len(s["wraps"])}
            elif kind == BATCH:
                told = {"batch": s["ops"]}
            else:
                told = {"state": [s["space"], s["scope"]], "ids": len(s["ids"]),
                        "batches": len(s["batches"]), "graves": len(s["graves"]),
                        "doa": len(s["doa"])}
            out["sections"].append(told)
        return out


def read(data, is_summed=True):
    bundle = Bundle(data, is_summed)
    bundle.verify(bundle.logs())
    bundle.verify_boxes()
    return bundle


# --- command line ----------------------------------------------------------------------------

def load(path):
    with open(path, encoding="ascii") as file:
        return bytes.fromhex(file.read())


def check(path, expected, flips):
    data = load(path)
    with open(expected, encoding="utf-8") as file:
        found = read(data).json()
        if found != json.load(file):
            sys.exit(f"{path}: read\n{json.dumps(found, indent=1)}")
    dice = random.Random(len(data))
    for is_summed, times in ((True, 2 * flips), (False, flips)):
        for _ in range(times):
            # Without the sum, its own bits are nothing that could be seen.
            bit = dice.randrange(8 * (len(data) - (0 if is_summed else 32)))
            changed = bytearray(data)
            changed[bit // 8] ^= 1 << bit % 8
            try:
                read(bytes(changed), is_summed)
            except Refused:
                continue
            sys.exit(f"{path}: bit {bit} flipped and nobody saw it")
    print("a bundle read as expected")


def main(arguments):
    if arguments[:1] == ["--check"] and len(arguments) == 3:
        check(arguments[1], arguments[2], 100)
    elif len(arguments) == 1:
        print(json.dumps(read(load(arguments[0])).json(), indent=1))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
