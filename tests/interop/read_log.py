"""A second reader of membership logs (proto/spec/membership.md), in no C of ours: framing,
strict form of every kind, chain, cited NET heads, signatures, box-list hashes. Who may do
what is not its business. Needs python3-nacl and python3-msgpack.

  read_log.py --check FILE...   reads each log, compares with what the file expects, and
                                changes bits to see that every change is refused
  read_log.py --form FILE...    one record each, as lines of hex: its form alone

A checked FILE is JSON: network, and records in the order of appending, each with wire,
lists (bytes of its box lists) and expect; bytes as hex."""
import hashlib
import json
import random
import re
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


def member(e):
    must(re.fullmatch("[A-Z0-9-]{1,16}", text(16)(e)), "member code")
    return e


def address(e):
    match = re.fullmatch(r"(?:[a-z0-9.-]+|\[[0-9a-f:.]+\]):([1-9][0-9]{0,4})", text(28)(e))
    must(match and int(match[1]) < 65536, "address")
    return e


def space(e):
    must(re.fullmatch(rb"[A-Z0-9]{2,4}\0*", raw(4)(e)), "space")
    return e


def scope(e):
    must(1 <= raw(17)(e)[0] <= 5 and (e[0] == 5 or e[1:] == bytes(16)), "scope")
    return e


def role(e):
    must(uint(3)(e) > 0, "role")
    return e


def batch(e):
    must(raw(32)(e) != bytes(32), "cut of nothing")
    return e


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
    kinds = uint(31)(e[0])
    must(kinds % 2 == 0, "scopes")
    return kinds, listed(POSITION, 1023, lambda x: x)(e[1:])


POSITION = uint(65535)
NUMBER = uint(NUMBER_MAX)
AUTHOR = row(POSITION, POSITION)
KEYS = (raw(32), raw(32), raw(32))  # sign, box, transport
ROTATION = (POSITION, POSITION, raw(16), raw(32), raw(32))

FIELDS = {
    "GENESIS": (raw(32), NUMBER),
    "SERVER": (raw(32), address),
    "SPACE": (space,),
    "SCOPE": (scope, raw(16), raw(32)),
    "INVITE": (member, raw(32), raw(32), role, scopes, NUMBER, uint(1), raw(32)),
    "JOIN": KEYS + (POSITION,),
    "GRANT": (maybe(AUTHOR), maybe(row(*KEYS, POSITION, member)), scopes, NUMBER, raw(32)),
    "REVOKE": (listed(POSITION, 1024, lambda x: x), listed(POSITION, 1024, lambda x: x),
               listed(AUTHOR, 1024, lambda x: x),
               listed(row(POSITION, POSITION, POSITION, batch), 1024, lambda x: x[:3]),
               listed(row(*ROTATION), 512, lambda x: x[0])),
    "ROTATE": ROTATION,
    "RENEW": (raw(16),),
}


def device_id(keys):
    return hashlib.blake2b(b"".join(keys), digest_size=16).digest()


def read_list(data):
    must(len(data) % 42 == 0, "box list of another length")
    must(ascending([data[i:i + 10] for i in range(0, len(data), 42)]), "box list order")


class Record:
    """One record by its form alone."""

    def __init__(self, wire):
        must(len(wire) <= 65536, "record too long")
        b = Bytes(wire)
        self.body = b.take(b.uint(2))
        self.signatures = b.take(64 * b.uint(1))
        b.end()
        e = unpack(self.body, ELEMENTS_MAX)
        must(isinstance(e, list) and len(e) >= 9 and e[0] == 1 and e[1] in KINDS, "head")
        self.kind = KINDS[e[1]]
        must(len(self.signatures) == (128 if self.kind == "JOIN" else 64), "signatures")
        self.network, self.space = raw(16)(e[2]), space(e[3])
        self.seq, self.prev = POSITION(e[4]), raw(32)(e[5])
        NUMBER(e[6])
        self.author, self.cites = maybe(AUTHOR)(e[7]), maybe(row(POSITION, raw(32)))(e[8])
        must((self.cites is None) == (self.space == NET), "cited NET head")
        must(len(e) == 9 + len(FIELDS[self.kind]), "fields")
        self.fields = [check(x) for check, x in zip(FIELDS[self.kind], e[9:])]
        must(self.kind != "GRANT" or
             (self.fields[0] is None) != (self.fields[1] is None), "device or guest")
        self.id = hash256(b"pnet/rec/1", self.body, self.signatures)

    def list_hashes(self):
        """The box-list hashes, in the order of the record."""
        f = self.fields
        if self.kind == "REVOKE":
            return [rotation[3] for rotation in f[4]]
        at = {"SCOPE": 2, "INVITE": 7, "GRANT": 4, "ROTATE": 3}.get(self.kind)
        return [] if at is None else [f[at]]


class Network:
    """All logs of one network as far as they were read."""

    def __init__(self, network):
        self.network = network
        self.logs = {}                   # space name -> record ids
        self.spaces = {NET: 0}           # space name -> position in NET
        self.parents = {NET: bytes(32)}  # space name -> prev of its record 0
        self.devices = {}                # (home, position) -> keys, present incarnations
        self.invites = {}                # (space name, position) -> sign key
        self.cited = {}                  # space name -> NET position last cited
        self.root = None

    def read(self, wire, lists):
        """Takes one record; returns what it says."""
        r = Record(wire)
        self.check_place(r)
        self.check_signatures(r)
        hashes = r.list_hashes()
        must(len(lists) == len(hashes), "number of box lists")
        for data, expected in zip(lists, hashes):
            read_list(data)
            must(hash256(b"pnet/boxes/1", data) == expected, "hash of a box list")
        return {"id": r.id.hex(), "kind": r.kind, "space": r.space.hex(), "seq": r.seq,
                "introduces": self.take(r)}

    def check_place(self, r):
        must(r.network == (bytes(16) if r.kind == "GENESIS" else self.network), "network")
        must(r.space in self.parents, "unknown space")
        log = self.logs.get(r.space, [])
        must(r.seq == len(log), "gap")
        must(r.prev == (log[-1] if log else self.parents[r.space]), "prev")
        must((r.kind == "GENESIS") == (r.space == NET and r.seq == 0), "genesis")
        if r.cites is not None:
            position, ident = r.cites
            net = self.logs[NET]
            must(position < len(net) and net[position] == ident, "cited NET record")
            must(position >= self.cited.get(r.space, 0), "older NET head")
            self.cited[r.space] = position

    def check_signatures(self, r):
        if r.kind == "JOIN":
            must(r.author is None and (r.space, r.fields[3]) in self.invites, "invite")
            keys = [self.invites[r.space, r.fields[3]], r.fields[0]]
        elif r.author is not None:
            must(r.author in self.devices, "unknown author")
            keys = [self.devices[r.author][0]]
        else:
            keys = [r.fields[0] if r.kind == "GENESIS" else self.root]
        for i, key in enumerate(keys):
            signature = r.signatures[64 * i:64 * i + 64]
            try:
                VerifyKey(key).verify(b"pnet/log/1\0" + r.body, signature)
            except BadSignatureError as error:
                raise Refused("signature") from error

    def take(self, r):
        """Remembers the record; the id of the device that it introduces."""
        self.logs.setdefault(r.space, []).append(r.id)
        keys = None
        if r.kind == "GENESIS":
            must(r.id[:16] == self.network, "network id")
            self.root = r.fields[0]
        elif r.kind == "SPACE":
            self.spaces[r.fields[0]] = r.seq
            self.parents[r.fields[0]] = r.id
        elif r.kind == "INVITE":
            self.invites[r.space, r.seq] = r.fields[1]
        elif r.kind == "JOIN":
            keys = r.fields[:3]
        elif r.kind == "GRANT" and r.fields[1] is not None:
            keys = r.fields[1][:3]
        elif r.kind == "RENEW":
            keys = self.devices.pop(r.author)
            must(device_id(keys) == r.fields[0], "another device")
        if keys is None:
            return None
        self.devices[self.spaces[r.space], r.seq] = keys
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


def form(path):
    with open(path, encoding="ascii") as file:
        return Record(bytes.fromhex(file.read()))


def main(arguments):
    if arguments[:1] == ["--check"] and len(arguments) > 1:
        total = sum(check(path, 300) for path in arguments[1:])
    elif arguments[:1] == ["--form"] and len(arguments) > 1:
        total = len([form(path) for path in arguments[1:]])
    else:
        sys.exit(__doc__)
    print(f"{total} membership records read as expected")


if __name__ == "__main__":
    main(sys.argv[1:])
