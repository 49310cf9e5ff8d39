"""A second reader of ops and batches, written from proto/spec/ops.md and
proto/spec/seal.md alone: it shares no code with the C. Needs python3-nacl,
python3-msgpack, python3-zstandard.

  read_ops.py FILE            prints what a batch says, as JSON
  read_ops.py --check FILE... compares with what the file expects, and changes bits of
                              each batch to see that every change is refused

A FILE is JSON: context (full values), keys, wire, complete, expect; bytes as hex."""
import hashlib
import json
import random
import struct
import sys

import zstandard
from nacl import bindings as sodium
from nacl.exceptions import BadSignatureError, CryptoError
from nacl.signing import VerifyKey

from strict import Bytes, Refused, ascending, hash256, must, unpack

BODY_ELEMENTS_MAX = 65536
NUMBER_MAX = 1 << 53


def tag(key, label, *parts):
    return hashlib.blake2b(label + b"\0" + b"".join(parts), key=key, digest_size=16).digest()


def op_key(epoch_seed):
    return hashlib.blake2b(b"", digest_size=32, key=epoch_seed,
                           salt=struct.pack("<Q", 1) + bytes(8),
                           person=b"pnet-scp" + bytes(8)).digest()


# --- batch and op: ops.md 4 and 5 ------------------------------------------------------

def read_header(b):
    must(b.uint(1) == 1, "format")
    h = dict(zip(("space", "home", "device", "scope", "epoch", "head"),
                 (b.uint(2) for _ in range(6))))
    must(h["epoch"] > 0, "epoch 0")
    h["head_check"], h["nonce"], h["prev"] = b.take(2), b.take(20), b.take(16)
    h["n"] = b.uint(1) + 1
    r, u = b.uint(2), b.uint(2)
    must(r <= 256 and u <= 256, "dictionary too long")
    h["refs"] = [b.take(16) for _ in range(r)]
    h["subjects"] = [b.take(16) for _ in range(u)]
    must(ascending(h["refs"]) and ascending(h["subjects"]), "dictionary not ascending")
    return h


def read_op(b, h):
    begin = b.at
    flags = b.uint(1)
    is_long = bool(flags & 64)
    length = b.uint(3 if is_long else 2)
    kind, retention = flags & 3, flags >> 2 & 3
    has_subject, has_dots = bool(flags & 16), bool(flags & 32)
    must(kind in (1, 2) and flags < 128, "flags")
    if kind == 1:
        must(retention > 0 and 80 <= length <= 196624, "a write")
        must(is_long == (length > 61456), "form of the length")
    else:
        must(retention == 0 and length == 0 and not is_long and has_subject and not has_dots, "an erase")
    op = {"type": kind, "class": retention, "record": b.take(16) if kind == 1 else None,
          "subject": None, "dots": []}
    if has_subject:
        index = b.uint(1)
        must(index < len(h["subjects"]), "subject outside the dictionary")
        op["subject"] = h["subjects"][index]
    if has_dots:
        pairs = [(b.uint(1), b.uint(1)) for _ in range(b.uint(1) + 1)]
        must(ascending(pairs) and pairs[-1][0] < len(h["refs"]), "dots")
        op["dots"] = [(h["refs"][ref], index) for ref, index in pairs]
    op["sealed"] = b.take(length)
    op["hash"] = hash256(b"pnet/oph/1", b.data[begin:b.at])
    return op


def check_used(h, ops):
    must({d[0] for o in ops for d in o["dots"]} == set(h["refs"]), "reference without use")
    must({o["subject"] for o in ops if o["subject"]} == set(h["subjects"]),
         "subject without use")


def read_batch(wire, complete):
    b = Bytes(wire)
    h = read_header(b)
    header = wire[:b.at]
    signature = b.take(64)
    bitmap = b.take((h["n"] + 7) // 8)
    bits = [bitmap[i // 8] >> i % 8 & 1 for i in range(8 * len(bitmap))]
    must(not any(bits[h["n"]:]), "bit of no op")
    must(all(bits[:h["n"]]) or not complete, "missing op")
    ops = [read_op(b, h) if bits[i] else {"hash": b.take(32)} for i in range(h["n"])]
    b.end()
    if all(bits[:h["n"]]):
        must(len(wire) <= (204800 if h["n"] == 1 else 65536), "too long")
        check_used(h, ops)
    return h, header, signature, ops


# --- body: ops.md 2 ------------------------------------------------------------------------

def padme(n):
    e = n.bit_length() - 1
    low = e - e.bit_length()
    return n + (-n % (1 << low)) if low > 0 else n


def strip_padding(padded):
    plain = padded.rstrip(b"\0")
    must(plain.endswith(b"\x80"), "padding")
    plain = plain[:-1]
    must(len(padded) == max(64, padme(len(plain) + 1)), "padded length")
    return plain


def inflate(content):
    must(content and not content[0] & 0x1f, "plain frame")
    frame = bytes.fromhex("28b52ffd") + content
    try:
        size = zstandard.get_frame_parameters(frame).content_size
        must(size != zstandard.CONTENTSIZE_UNKNOWN and 200 < size <= 393216, "content size")
        unzip = zstandard.ZstdDecompressor().decompressobj()
        array = unzip.decompress(frame)
        must(not unzip.unused_data, "bytes behind the frame")
    except zstandard.ZstdError as error:
        raise Refused(f"zstd: {error}") from error
    must(len(array) == size and len(content) < size, "compressed without need")
    return array


def column(element, n, read):
    """The n values of a column; read checks one element."""
    if not isinstance(element, list):
        must(n > 0, "column of no entry")
        return [read(element)] * n
    must(len(element) == n, "column of another length")
    values = [read(e) for e in element]
    runs = any(isinstance(e, list) for e in element)
    must(n == 0 or runs or any(e != element[0] for e in element), "equal elements")
    return values


def numbers(element, n, maximum):
    """A column of numbers, of which the first stands for all leading equal ones."""
    if isinstance(element, list) and element:
        must(2 <= len(element) <= n and element[0] != element[1], "equal elements")
        element = [element[0]] * (n - len(element)) + element
    return column(element, n, uint(maximum))


def uint(maximum):
    def read(element):
        must(type(element) is int and element <= maximum, "number")
        return element
    return read


def rows(element, width, least=1):
    must(isinstance(element, list) and len(element) % width == 0 and
         len(element) >= width * least, "rows")
    return [tuple(element[i:i + width]) for i in range(0, len(element), width)]


def zigzag(z):
    return -((z + 1) // 2) if z % 2 else z // 2


class Body:
    """One body, read in the order of the table."""

    def __init__(self, array, signer, plain_bytes):
        self.signer = signer
        e = unpack(array, BODY_ELEMENTS_MAX)
        must(isinstance(e, list) and len(e) == 11, "eleven elements")
        self.kind = uint(65535)(e[0])
        self.record, self.person = e[1], e[2]
        must(type(e[1]) is bytes and len(e[1]) == 16, "record")
        must(e[2] is None or type(e[2]) is bytes and len(e[2]) == 8, "person")
        must(type(e[3]) is bytes and 8 <= len(e[3]) <= 8 * 16384 and len(e[3]) % 8 == 0,
             "agents")
        self.agents = [e[3][i:i + 8] for i in range(0, len(e[3]), 8)]
        self.authors = [signer] * len(self.agents)
        self.named, self.written = set(), set()
        must(bytes(8) not in self.agents, "agent 0")
        runs = self.read_origin(e[4])
        n = uint(min(16384, max(4096, plain_bytes // 2)))(e[5])
        fields = numbers(e[6], n, 65535)
        keys = self.read_keys(e[7], n)
        times = self.read_times(e[8], n)
        values = column(e[9], n, self.read_value)
        self.gone = self.read_gone(e[10])
        names = self.read_names(runs, values, n)
        self.check_agents()
        self.entries = [
            {"agent": name[0].hex(), "index": name[1], "field": field, "key": key,
             "seconds": time[0], "counter": time[1], "by": list(name[2]), "value": value}
            for name, field, key, time, value in zip(names, fields, keys, times, values)]

    def line(self, element):
        must(type(element) is int and element < len(self.agents), "no such agent")
        return element

    def name(self, element):
        """An agent that is mentioned: by its first line, line 0 before all."""
        line = self.line(element)
        must(self.agents.index(self.agents[line]) == line, "not the first line")
        self.named.add(line)
        return self.agents[line].hex()

    def read_origin(self, element):
        if element is None:
            return None
        must(isinstance(element, list) and len(element) == 2, "origin")
        runs = rows(element[0], 3)
        for line, first, count in runs:
            self.line(line)
            uint(0xffffffff)(first)
            must(type(count) is int and count > 0, "empty row")
        must(len(runs) > 1 or runs[0][:2] != (0, 0), "said without need")
        by = rows(element[1], 3, 0)
        must(ascending([0] + [self.line(row[0]) for row in by]), "authors not ascending")
        for line, home, device in by:
            author = (uint(65535)(home), uint(65535)(device))
            must(author != self.signer, "the signer himself")
            self.authors[line] = author
        return runs

    @staticmethod
    def read_keys(element, n):
        if element is None:
            return [None] * n
        must(type(element) is bytes and len(element) % 8 == 0 and
             1 <= len(element) // 8 <= n, "keys")
        keys = [element[i:i + 8].hex() for i in range(0, len(element), 8)]
        return keys + [None] * (n - len(keys))

    @staticmethod
    def read_times(element, n):
        if n == 0:
            must(element is None, "times of no entry")
            return []
        must(isinstance(element, list) and len(element) == 3, "time")
        seconds = [uint(NUMBER_MAX)(element[0])]
        for step in numbers(element[1], n - 1, 2 * NUMBER_MAX):
            seconds.append(seconds[-1] + zigzag(step))
            must(0 <= seconds[-1] <= NUMBER_MAX, "time out of range")
        return list(zip(seconds, numbers(element[2], n, 0xffffffff)))

    def read_value(self, element):
        if element is None:
            return {"type": "empty"}
        if type(element) is int:
            return {"type": "number", "number": uint(NUMBER_MAX)(element)}
        if type(element) is str:
            return {"type": "text", "text": element}
        if type(element) is bytes:
            return {"type": "bytes", "bytes": element.hex()}
        must(len(element) == 4, "run")
        parent, index, side, text = element
        must(uint(2)(side) == 2 or type(text) is str or uint(0xffffffff)(text), "run")
        must(type(text) is not str or text or side == 2, "run")
        must(side != 2 or type(text) is str, "passage")
        uint(0xffffffff)(index)
        must(parent is not None or index == 0, "root")
        parent = None if parent is None else [self.name(parent), index]
        if side == 2:
            return {"type": "seen", "text": text, "parent": parent}
        if type(text) is int:
            return {"type": "run", "side": side, "hollow": text, "parent": parent}
        return {"type": "run", "side": side, "text": text, "parent": parent}

    def read_gone(self, element):
        if element is None:
            return []
        out = []
        for field, agent, first, count in rows(element, 4):
            must(uint(0xffffffff)(count) > 0 and
                 uint(0xffffffff)(first) + count <= 1 << 32, "superseded names")
            out.append([uint(65535)(field), self.name(agent), first, count])
        return out

    def read_names(self, runs, values, n):
        names, at = [], 0
        last = None
        for line, first, count in runs if runs is not None else [(0, 0, n)] * (n > 0):
            must((line, first) != last, "two rows that are one")
            self.written.add(line)
            for value in values[at:at + count]:
                names.append((self.agents[line], first, self.authors[line]))
                first += (1 if value["type"] != "run" else
                          value["hollow"] if "hollow" in value else len(value["text"]))
            must(first <= 1 << 32, "name past 2^32")
            at += count
            last = (line, first)
        must(at == n, "runs and entries differ")
        return names

    def check_agents(self):
        """Every line used, and where it belongs."""
        lines = list(zip(self.agents, self.authors))
        must(ascending(lines[1:]) and lines[0] not in lines[1:], "agents not ascending")
        for i, (agent, author) in enumerate(lines[1:], 1):
            if i not in self.written:
                must(i in self.named and author == self.signer and
                     self.agents.count(agent) == 1, "agent without use")

    def json(self):
        return {"kind": self.kind, "record": self.record.hex(),
                "person": self.person and self.person.hex(),
                "agent": self.agents[0].hex(), "entries": self.entries, "gone": self.gone}


def open_body(op, index, h, context, key):
    ad = b"".join((b"pnet/op/1\0", context["network"], context["space"], context["scope"],
                   struct.pack(">I", h["epoch"]), op["record"], op["subject"] or bytes(16),
                   bytes([op["class"]]), struct.pack(">I", index)))
    nonce = h["nonce"] + struct.pack(">I", index)
    try:
        padded = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
            op["sealed"], ad, nonce, key)
    except CryptoError as error:
        raise Refused("body does not open") from error
    plain = strip_padding(padded)
    must(plain[:1] in (b"\1", b"\2"), "flag of a newer version")
    array = plain[1:] if plain[0] == 1 else inflate(plain[1:])
    return Body(array, (h["home"], h["device"]), len(plain))


def check_tags(op, body, tag_key):
    record = tag(tag_key, b"pnet/rtag/1", struct.pack(">H", body.kind), body.record)
    must(record == op["record"], "record tag")
    subject = body.person and tag(tag_key, b"pnet/subj/1", body.person)
    must(subject == op["subject"], "subject tag")


def op_json(op, index, h, context, keys):
    out = {"hash": op["hash"].hex()}
    if "type" not in op:
        return out
    out.update({"type": op["type"], "class": op["class"],
                "subject": op["subject"] and op["subject"].hex(),
                "dots": [[batch.hex(), dot] for batch, dot in op["dots"]], "body": None})
    if op["type"] == 1:
        body = open_body(op, index, h, context, op_key(keys["epoch_seed"]))
        check_tags(op, body, keys["tag_key"])
        out["body"] = body.json()
    return out


def read(wire, complete, context, keys):
    """Everything that the batch says; Refused if anything is wrong with it."""
    h, header, signature, ops = read_batch(wire, complete)
    m = b"".join((context["network"], context["space"], context["scope"], context["device"],
                  context["home_head"], header, *(op["hash"] for op in ops)))
    must(context["home_head"][:2] == h["head_check"], "another log head")
    try:
        VerifyKey(keys["sign_pk"]).verify(b"pnet/batch/1\0" + m, signature)
    except BadSignatureError as error:
        raise Refused("signature") from error
    return {"id": hash256(b"pnet/bid/1", m, signature).hex(),
            "ops": [op_json(op, i, h, context, keys) for i, op in enumerate(ops)]}


# --- command line ------------------------------------------------------------------------------

def load(path):
    with open(path, encoding="utf-8") as file:
        given = json.load(file)

    def raw(part):
        return {name: bytes.fromhex(text) for name, text in given[part].items()}
    return given, bytes.fromhex(given["wire"]), given["complete"], raw("context"), raw("keys")


def check(path, changes):
    given, wire, complete, context, keys = load(path)
    found = read(wire, complete, context, keys)
    if found != given["expect"]:
        sys.exit(f"{path}: read\n{json.dumps(found, indent=1)}")
    dice = random.Random(len(wire))
    for _ in range(changes):
        bit = dice.randrange(8 * len(wire))
        changed = bytearray(wire)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            read(bytes(changed), complete, context, keys)
        except Refused:
            continue
        sys.exit(f"{path}: bit {bit} changed and nobody saw it")


def check_body(path, expected):
    """A body that is not compressed, by the signer that the expectation names."""
    with open(path, encoding="ascii") as file:
        plain = bytes.fromhex(file.read())
    with open(expected, encoding="utf-8") as file:
        given = json.load(file)
    must(plain[:1] == b"\1", "flag")
    found = Body(plain[1:], tuple(given["signer"]), len(plain)).json()
    if found != given["expect"]:
        sys.exit(f"{path}: read\n{json.dumps(found, indent=1, ensure_ascii=False)}")


def main(arguments):
    if arguments[:1] == ["--body"] and len(arguments) == 3:
        check_body(*arguments[1:])
        return
    if arguments[:1] == ["--check"] and len(arguments) > 1:
        for path in arguments[1:]:
            check(path, 60)
        print(f"{len(arguments) - 1} batches read as expected")
    elif len(arguments) == 1:
        print(json.dumps(read(*load(arguments[0])[1:]), indent=1, ensure_ascii=False))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
