"""Makes crypto.json: what derivation, tags, padding, sealing, wrapping, pages, the vault
and Rekey() must give, computed a second time from the specification with Python's hashlib
and PyNaCl's primitives, none of our C. Run it only when the specification changes:
  python3 tests/golden/crypto.py > tests/golden/crypto.json
Needs python3-nacl."""
import hashlib
import json
import struct

from nacl import bindings as na

SPACE = b"DE\0\0"


def fill(first, n):
    """n bytes first, first + 1, ..."""
    return bytes((first + i) % 256 for i in range(n))


NETWORK = fill(0x80, 16)
SCOPE = b"\x05" + fill(0xB0, 16)


def blake(size, *parts, key=b""):
    return hashlib.blake2b(b"".join(parts), digest_size=size, key=key).digest()


def kdf(key, context, number, size):
    """crypto_kdf_derive_from_key, as libsodium documents it."""
    return hashlib.blake2b(b"", digest_size=size, key=key,
                           salt=struct.pack("<Q", number) + bytes(8),
                           person=context + bytes(8)).digest()


def sign_pk(seed):
    return na.crypto_sign_seed_keypair(seed)[0]


def box_pk(secret):
    return na.crypto_scalarmult_base(secret)


def padme(n):
    if n < 2:
        return n
    e = n.bit_length() - 1
    s = e.bit_length()
    mask = (1 << (e - s)) - 1
    return (n + mask) & ~mask


def pad(plain):
    target = max(64, padme(len(plain) + 1))
    return plain + b"\x80" + bytes(target - len(plain) - 1)


def hashes():
    parts = (b"pnet/oph/1\0", b"abc", fill(0, 200))
    key = fill(0x20, 32)
    return {"a": b"abc", "b": fill(0, 200), "key": key, "h256": blake(32, *parts),
            "h128": blake(16, *parts), "h256_keyed": blake(32, *parts, key=key),
            "h128_keyed": blake(16, *parts, key=key), "h128_no_label": blake(16, b"abc")}


def device():
    seed = fill(0x10, 32)
    sign, box, transport = (kdf(seed, b"pnet-dev", i, 32) for i in (1, 2, 3))
    pks = sign_pk(sign), box_pk(box), box_pk(transport)
    return {"seed": seed, "sign_pk": pks[0], "box_pk": pks[1], "transport_pk": pks[2],
            "sign_seed": sign, "box_sk": box, "transport_sk": transport,
            "id": blake(16, *pks)}


def epoch():
    seed = fill(0x40, 32)
    return {"seed": seed, "op_key": kdf(seed, b"pnet-scp", 1, 32),
            "wrap_key": kdf(seed, b"pnet-scp", 2, 32),
            "fingerprint": kdf(seed, b"pnet-scp", 3, 16)}


def invite():
    secret = fill(0x70, 16)
    key = blake(32, b"pnet/invite/1\0", NETWORK, key=secret)
    sign, box = (kdf(key, b"pnet-inv", i, 32) for i in (1, 2))
    return {"secret": secret, "network": NETWORK, "sign_pk": sign_pk(sign),
            "box_pk": box_pk(box), "box_sk": box}


def tags():
    key, record = fill(0x90, 32), fill(0xA0, 16)
    return {"key": key, "kind": 300, "record": record, "person": record,
            "record_tag": blake(16, b"pnet/rtag/1\0", struct.pack(">H", 300), record,
                                key=key),
            "subject_tag": blake(16, b"pnet/subj/1\0", record[:8], key=key)}


def seal(length):
    key, nonce, index, epoch_n, retention = fill(0xC0, 32), fill(0xD0, 20), 7, 3, 1
    record, subject = fill(0xE0, 16), fill(0xF0, 16)
    ad = (b"pnet/op/1\0" + NETWORK + SPACE + SCOPE + struct.pack(">I", epoch_n) + record +
          subject + bytes([retention]) + struct.pack(">I", index))
    sealed = na.crypto_aead_xchacha20poly1305_ietf_encrypt(
        pad(fill(1, length)), ad, nonce + struct.pack(">I", index), key)
    out = {"length": length, "sealed_length": len(sealed), "hash": blake(32, sealed)}
    if length == 1:
        out.update(key=key, ad=ad, sealed=sealed)
    return out


def wrap():
    key, nonce, seed = fill(0x33, 32), fill(0x44, 24), fill(0x40, 32)
    ad = NETWORK + SPACE + SCOPE + struct.pack(">I", 4)
    return {"key": key, "nonce": nonce, "seed": seed, "epoch": 4,
            "wrapped": nonce + na.crypto_aead_xchacha20poly1305_ietf_encrypt(
                seed, ad, nonce, key)}


def page():
    key, file_id, nonce, salts = fill(0x66, 32), fill(0x77, 16), fill(0x88, 24), fill(0x99, 8)
    ad = bytes([2]) + file_id + salts + struct.pack(">Q", 5)
    sealed = na.crypto_aead_xchacha20poly1305_ietf_encrypt(fill(1, 4056), ad, nonce, key)
    whole = sealed[:4056] + nonce + sealed[4056:]
    slot = nonce + na.crypto_aead_xchacha20poly1305_ietf_encrypt(
        fill(1, 24), bytes([5]) + ad[1:], nonce, key)
    return {"key": key, "file": file_id, "nonce": nonce, "salts": salts, "number": 5,
            "hash": blake(32, whole), "slot": slot,
            "mask": blake(16, b"pnet/mask/1\0", nonce, key=key)[:4]}


def vault():
    passphrase, passes, kib = b"correct horse battery", 2, 64 * 1024
    head = (b"pnetvlt\n" + b"\x01" + struct.pack(">II", passes, kib) + fill(0x11, 16) +
            fill(0x11 + 16, 24))
    key = na.crypto_pwhash_alg(32, passphrase, fill(0x11, 16), passes, kib * 1024,
                               na.crypto_pwhash_ALG_ARGON2ID13)
    secrets = fill(0x66, 32) + fill(0x10, 32)
    return {"passphrase": passphrase, "secrets": secrets,
            "file": head + na.crypto_aead_xchacha20poly1305_ietf_encrypt(
                secrets, head, head[33:57], key)}


def rekey():
    key = fill(0x55, 32)
    fresh = na.crypto_aead_chacha20poly1305_ietf_encrypt(
        bytes(32), b"", bytes(4) + b"\xff" * 8, key)
    return {"key": key, "fresh": fresh[:32]}


def plain_json(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {k: plain_json(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain_json(v) for v in value]
    return value


LENGTHS = (1, 2, 9, 64, 65, 100, 127, 128, 129, 255, 256, 1000, 16385, 61440, 2343242)

print(json.dumps(plain_json({
    "note": "made by crypto.py; all byte strings in hex",
    "hashes": hashes(), "device": device(), "epoch": epoch(), "invite": invite(),
    "tags": tags(), "padme": [{"length": n, "padded": padme(n)} for n in LENGTHS],
    "seals": [seal(n) for n in (1, 62, 63, 64, 71, 72, 200, 1023, 61439)],
    "wrap": wrap(), "rekey": rekey(), "page": page(), "vault": vault()}), indent=1))
