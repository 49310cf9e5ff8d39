"""ffault_itself.py FFAULT - does the bad line do what it says?

A server in this process says a fixed text; clients of the proxy must get exactly what the
fault leaves of it, and the village line must take the time that its figures give."""
import re
import socket
import subprocess
import sys
import threading
import time

FFAULT = sys.argv[1]
ASK, TELL = b"q" * 100, b"a" * 2900


def serve(listener):
    def one(peer):
        left = len(ASK)
        try:
            while left > 0 and (more := peer.recv(left)):
                left -= len(more)
            if left == 0:
                peer.sendall(TELL)
                peer.recv(1)
        except OSError:
            pass  # what a bad line does
        peer.close()

    while True:
        threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()


class Proxy:
    def __init__(self, *options):
        self.process = subprocess.Popen([FFAULT, "--seconds", "20", *options],
                                        stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])

    def get(self, wait=5.0):
        """What a client gets back, how it ended, and after how long."""
        start = time.monotonic()
        peer = socket.create_connection(("127.0.0.1", self.port))
        peer.settimeout(wait)
        got, end = b"", "fin"
        try:
            peer.sendall(ASK)
            while len(got) < len(TELL):
                more = peer.recv(4096)
                if not more:
                    break
                got += more
            else:
                end = "all"
        except ConnectionError:
            end = "rst"
        except socket.timeout:
            end = "silence"
        seconds = time.monotonic() - start
        peer.close()
        return len(got), end, seconds

    def close(self):
        time.sleep(0.05)
        self.process.terminate()
        return self.process.communicate(timeout=10)[0]


def expect(what, wanted, got):
    if wanted != got:
        sys.exit(f"ffault_itself: {what}: wanted {wanted!r}, got {got!r}")


def main():
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
    to = ["--to", str(listener.getsockname()[1])]

    proxy = Proxy(*to)
    expect("a good line", (2900, "all"), proxy.get()[:2])
    lines = proxy.close().splitlines()
    expect("its figures", "connection 1 up 100 down 2900 trips 1",
           re.sub(r" ms .*", "", lines[-2]))
    expect("its sums", "sum connections 1 up 100 down 2900 trips 1", lines[-1])

    for kind in ("fin", "rst", "silence"):
        for after in (0, 1, 1000):
            proxy = Proxy(*to, "--cut", f"down:{after}:{kind}")
            got = proxy.get(wait=0.3)[:2]
            expect(f"down:{after}:{kind}", (after, kind), got)
            log = proxy.close()
            expect(f"count of down:{after}:{kind}", True,
                   f"up 100 down {after} " in log and f"end {kind}" in log)
        proxy = Proxy(*to, "--cut", f"up:99:{kind}", "--only", "1")
        expect(f"up:99:{kind}", (0, kind), proxy.get(wait=0.3)[:2])
        expect("--only spares the second", (2900, "all"), proxy.get()[:2])
        proxy.close()

    proxy = Proxy(*to, "--cut", "down:10:drop")
    expect("drop keeps both open", (10, "silence"), proxy.get(wait=0.3)[:2])
    proxy.close()

    proxy = Proxy(*to, "--edge")
    got, end, seconds = proxy.get()
    expect("the village line", (2900, "all"), (got, end))
    # connect 0.6, question 0.3 + 140 B up, answer 0.3 + 3,020 B down
    if not 1.40 <= seconds <= 1.60:
        sys.exit(f"ffault_itself: 3 kB took {seconds:.3f} s on the village line")
    proxy.close()


main()
