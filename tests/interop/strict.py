"""What both readers share. Strict msgpack as proto/spec/ops.md 1 has it: python3-msgpack
does the reading, the rules are checked on its result. Hashes as proto/spec/seal.md 1."""
import hashlib

import msgpack

DEPTH_MAX = 8


class Refused(Exception):
    """The bytes break a rule of the specification."""


def must(truth, why):
    if not truth:
        raise Refused(why)


def _check(value, elements_max, depth):
    if isinstance(value, list):
        must(depth < DEPTH_MAX, "arrays too deep")
        must(len(value) <= elements_max, "array too long")
        for element in value:
            _check(element, elements_max, depth + 1)
        return
    must(value is None or type(value) in (int, bytes, str), "type that is not allowed")
    must(type(value) is not int or value >= 0, "negative number")


def unpack(data, elements_max):
    """The one element that data is, made of None, int, bytes, str and list."""
    try:
        value = msgpack.unpackb(data, raw=False, use_list=True, strict_map_key=True,
                                max_array_len=elements_max)
    except Exception as error:  # the library raises many kinds, all mean the same
        raise Refused(f"msgpack: {error}") from error
    _check(value, elements_max, 0)
    must(msgpack.packb(value, use_bin_type=True) == data, "not the shortest form")
    return value


class Bytes:
    """Takes fields off the front; refuses what is not there."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        must(self.at + n <= len(self.data), "cut short")
        self.at += n
        return self.data[self.at - n:self.at]

    def uint(self, n):
        return int.from_bytes(self.take(n), "big")

    def end(self):
        must(self.at == len(self.data), "nothing may follow")


def hash256(label, *parts):
    return hashlib.blake2b(label + b"\0" + b"".join(parts), digest_size=32).digest()


def ascending(rows):
    return all(a < b for a, b in zip(rows, rows[1:]))
