"""A second reader of membership logs (proto/spec/membership.md), in no C of ours: framing,
strict form of every kind, chain, cited NET heads, signatures, box-list hashes. Who may do
what is not its business. Needs python3-nacl and python3-msgpack.

  read_log.py --check FILE...   reads each log, compares with what the file expects, and
                                changes bits to see that every change is refused

A FILE is JSON: network, and records in the order of appending, each with wire, lists
(bytes of its box lists) and expect; bytes as hex."""
import hashlib
import json
import random
import sys

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from strict import Bytes, Refused, ascending, hash256, must, unpack

ELEMENTS_MAX = 1024
NUMBER_MAX = (1 << 53) - 1
NET = b"NET\0"
KINDS = {1: "GENESIS", 2: "SERVER", 3: "SPACE", 4: "SCOPE", 5: "INVITE", 6: "JOIN",
         7: "GRANT", 8: "REVOKE", 9: "ROTATE", 10: "RENEW"}


# --- forms: a checker takes an element and returns it ------------------------------------

def uint(maximum):
    def check(e):
        must(type(e) is int and e <= maximum, "number")
        return e
    return check


def raw(length):
    def check(e):
        must(type(e) is bytes and len(e) == length, "bytes of another length")
        return e
    return check


def text(maximum):
    def check(e):
        must(type(e) is str and 1 <= len(e.encode()) <= maximum and "\0" not in e, "text")
        return e
    return check


def row(*checks):
    def check(e):
        must(isinstance(e, list) and len(e) == len(checks), "row of another length")
        return tuple(c(x) for c, x in zip(checks, e))
    return check


def listed(one, maximum, key):
    """A list in strictly ascending order of key."""
    def check(e):
        must(isinstance(e, list) and len(e) <= maximum, "list")
        items = [one(x) for x in e]
        must(ascending([key(x) for x in items]), "list not ascending")
        return items
    return check


def maybe(one):
    return lambda e: None if e is None else one(e)


def scopes(e):
    """Kinds as bits, then positions of activity scopes."""
    must(isinstance(e, list) and 1 <= len(e) <= 1024, "scopes")
    kinds = uint(63)(e[0])
    return kinds, listed(POSITION, 1023, lambda x: x)(e[1:])


POSITION = uint(65535)
NUMBER = uint(NUMBER_MAX)
AUTHOR = row(POSITION, POSITION)
KEYS = (raw(32), raw(32), raw(32))  # sign, box, transport
ROTATION = (POSITION, POSITION, raw(16), raw(32), raw(32))

FIELDS = {
    "GENESIS": (raw(32), NUMBER),
    "SERVER": (raw(32), text(28)),
    "SPACE": (raw(4),),
    "SCOPE": (raw(17), raw(16), raw(32)),
    "INVITE": (text(16), raw(32), raw(32), uint(4), scopes, NUMBER, uint(1), raw(32)),
    "JOIN": KEYS + (POSITION,),
    "GRANT": (maybe(AUTHOR), maybe(row(*KEYS, POSITION, text(16))), scopes, NUMBER, raw(32)),
    "REVOKE": (listed(POSITION, 1024, lambda x: x), listed(POSITION, 1024, lambda x: x),
               listed(AUTHOR, 1024, lambda x: x),
               listed(row(POSITION, POSITION, POSITION, raw(32)), 1024, lambda x: x[:3]),
               listed(row(*ROTATION), 512, lambda x: x[0])),
    "ROTATE": ROTATION,
    "RENEW": (raw(16),),
}


def list_hashes(kind, fields):
    """The box-list hashes of a record, in its order."""
    return {"SCOPE": lambda f: [f[2]], "INVITE": lambda f: [f[7]], "GRANT": lambda f: [f[4]],
            "ROTATE": lambda f: [f[3]],
            "REVOKE": lambda f: [r[3] for r in f[4]]}.get(kind, lambda f: [])(fields)


def device_id(keys):
    return hashlib.blake2b(b"".join(keys), digest_size=16).digest()


def read_list(data):
    must(len(data) % 42 == 0, "box list of another length")
    must(ascending([data[i:i + 10] for i in range(0, len(data), 42)]), "box list order")


class Network:
    """All logs of one network as far as they were read."""

    def __init__(self, network):
        self.network = network
        self.logs = {}      # space name -> record ids
        self.spaces = {}    # position in NET -> space name
        self.parents = {NET: bytes(32)}  # space name -> prev of its record 0
        self.devices = {}   # (home, position) -> keys
        self.invites = {}   # (space name, position) -> sign key
        self.cited = {}     # space name -> NET position last cited
        self.root = None

    def read(self, wire, lists):
        """Takes one record; returns what it says."""
        must(len(wire) <= 65536, "record too long")
        b = Bytes(wire)
        body = b.take(b.uint(2))
        signatures = b.take(64 * b.uint(1))
        b.end()
        e = unpack(body, ELEMENTS_MAX)
        must(isinstance(e, list) and len(e) >= 9 and e[0] == 1 and e[1] in KINDS, "head")
        kind = KINDS[e[1]]
        network, space, seq, prev = raw(16)(e[2]), raw(4)(e[3]), POSITION(e[4]), raw(32)(e[5])
        NUMBER(e[6])
        author, cites = maybe(AUTHOR)(e[7]), maybe(row(POSITION, raw(32)))(e[8])
        must(len(e) == 9 + len(FIELDS[kind]), "fields")
        fields = [check(x) for check, x in zip(FIELDS[kind], e[9:])]
        self.check_place(kind, network, space, seq, prev, cites)
        self.check_signatures(kind, space, author, fields, body, signatures)
        hashes = list_hashes(kind, fields)
        must(len(lists) == len(hashes), "number of box lists")
        for data, expected in zip(lists, hashes):
            read_list(data)
            must(hash256(b"pnet/boxes/1", data) == expected, "hash of a box list")
        ident = hash256(b"pnet/rec/1", body, signatures)
        return {"id": ident.hex(), "kind": kind, "space": space.hex(), "seq": seq,
                "introduces": self.take(kind, space, seq, author, fields, ident)}

    def check_place(self, kind, network, space, seq, prev, cites):
        must(network == (bytes(16) if kind == "GENESIS" else self.network), "network")
        must(space in self.parents, "unknown space")
        log = self.logs.get(space, [])
        must(seq == len(log), "gap")
        must(prev == (log[-1] if log else self.parents[space]), "prev")
        must((kind == "GENESIS") == (space == NET and seq == 0), "genesis")
        must((cites is None) == (space == NET), "cited NET head")
        if cites is not None:
            net = self.logs[NET]
            must(cites[0] < len(net) and net[cites[0]] == cites[1], "cited NET record")
            must(cites[0] >= self.cited.get(space, 0), "older NET head")
            self.cited[space] = cites[0]

    def check_signatures(self, kind, space, author, fields, body, signatures):
        if kind == "JOIN":
            must(author is None and (space, fields[3]) in self.invites, "invite")
            keys = [self.invites[space, fields[3]], fields[0]]
        elif author is not None:
            must(author in self.devices, "unknown author")
            keys = [self.devices[author][0]]
        else:
            keys = [fields[0] if kind == "GENESIS" else self.root]
        must(len(signatures) == 64 * len(keys), "number of signatures")
        for i, key in enumerate(keys):
            try:
                VerifyKey(key).verify(b"pnet/log/1\0" + body, signatures[64 * i:64 * i + 64])
            except BadSignatureError as error:
                raise Refused("signature") from error

    def take(self, kind, space, seq, author, fields, ident):
        """Remembers the record; the id of the device that it introduces."""
        home = {name: position for position, name in self.spaces.items()}.get(space, 0)
        self.logs.setdefault(space, []).append(ident)
        keys = None
        if kind == "GENESIS":
            must(ident[:16] == self.network, "network id")
            self.root = fields[0]
        elif kind == "SPACE":
            self.spaces[seq] = fields[0]
            self.parents[fields[0]] = ident
        elif kind == "INVITE":
            self.invites[space, seq] = fields[1]
        elif kind == "JOIN":
            keys = fields[:3]
        elif kind == "GRANT":
            must((fields[0] is None) != (fields[1] is None), "device or guest")
            keys = fields[1] and fields[1][:3]
        elif kind == "RENEW":
            keys = self.devices[author]
            must(device_id(keys) == fields[0], "another device")
        if keys is None:
            return None
        self.devices[home, seq] = list(keys)
        return device_id(keys).hex()


# --- command line ----------------------------------------------------------------------------

def read_all(network, records):
    state = Network(network)
    return [state.read(wire, lists) for wire, lists in records]


def check(path, changes):
    with open(path, encoding="utf-8") as file:
        given = json.load(file)
    network = bytes.fromhex(given["network"])
    records = [(bytes.fromhex(r["wire"]), [bytes.fromhex(x) for x in r["lists"]])
               for r in given["records"]]
    found = read_all(network, records)
    for got, record in zip(found, given["records"]):
        if got != record["expect"]:
            sys.exit(f"{path}: expected {record['expect']}, read {got}")
    dice = random.Random(len(records))
    for _ in range(changes):
        at = dice.randrange(len(records))
        wire, lists = records[at]
        parts = [bytearray(wire)] + [bytearray(x) for x in lists]
        part = dice.choice([p for p in parts if p])
        bit = dice.randrange(8 * len(part))
        part[bit // 8] ^= 1 << bit % 8
        changed = records[:at] + [(bytes(parts[0]), [bytes(x) for x in parts[1:]])]
        try:
            read_all(network, changed)
        except Refused:
            continue
        sys.exit(f"{path}: bit {bit} of record {at} changed and nobody saw it")
    return len(records)


def main(arguments):
    if arguments[:1] != ["--check"] or len(arguments) < 2:
        sys.exit(__doc__)
    total = sum(check(path, 300) for path in arguments[1:])
    print(f"{total} membership records read as expected")


if __name__ == "__main__":
    main(sys.argv[1:])
