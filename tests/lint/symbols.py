"""What archives and programs contain, seen with nm (DESIGN 8, STYLE 3): pure archives
need no forbidden symbol; pnetd cannot open a value nor a page, pnet can."""
import os
import re
import subprocess
import sys

BUILD = os.environ["PNET_BUILD"]
PURE = ["base", "crypto", "core", "proto"]
FORBIDDEN = re.compile(
    r"^(uv_.*|sqlite3_.*|PQ.*|open|open64|read|write|socket|connect|time|gettimeofday|"
    r"clock_gettime|getenv|secure_getenv|rand|random|srand|getrandom|printf|__printf_chk|"
    r"puts|fopen|fopen64|crypto_sign_keypair|crypto_box_keypair|crypto_kx_keypair|"
    r"crypto_box_seal|randombytes_.*)$")
OPENERS = re.compile(
    r"^(seal_open.*|keybox_open.*|wrap_open.*|page_open.*|"
    r"crypto_aead_xchacha20poly1305_ietf_decrypt.*|crypto_box_seal_open.*)$")


def symbols(path, *flags):
    out = subprocess.run(["nm", *flags, path], capture_output=True, text=True, check=True)
    return {line.split()[-1].split("@")[0] for line in out.stdout.splitlines()
            if line and not line.endswith(":")}


def main():
    bad = []
    for layer in PURE:
        needs = symbols(os.path.join(BUILD, "libpnet_%s.a" % layer), "-u")
        bad += ["pnet_%s needs %s" % (layer, s) for s in sorted(needs)
                if FORBIDDEN.match(s)]
    server = [s for s in symbols(os.path.join(BUILD, "pnetd")) if OPENERS.match(s)]
    client = [s for s in symbols(os.path.join(BUILD, "pnet")) if OPENERS.match(s)]
    bad += ["pnetd contains %s" % s for s in sorted(server)]
    for must in ("seal_open", "keybox_open", "page_open"):
        if not any(s.startswith(must) for s in client):
            bad.append("pnet lacks %s*, so this check proves nothing" % must)
    print("\n".join(bad) or "pure archives are pure; pnetd cannot open what it holds")
    return 1 if bad else 0


sys.exit(main())
