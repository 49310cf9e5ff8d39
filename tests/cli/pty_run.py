"""Runs a program on a terminal of its own and types into it.

  pty_run.py PROGRAM ARGS... < SCRIPT

Each line of SCRIPT is PROMPT<TAB>TEXT: waits until PROMPT is shown, then types TEXT and
Enter. After the last line the input ends. Prints all that was shown, without the
terminal's carriage returns; fails at an escape sequence, a backspace or a return that
would repaint a line, and when a prompt does not come within 20 s."""
import os
import pty
import select
import sys
import time


def main():
    script = [line.rstrip("\n").split("\t") for line in sys.stdin if line.strip()]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(sys.argv[1], sys.argv[1:])
    shown, at, end = b"", 0, time.monotonic() + 20
    while time.monotonic() < end:
        if script and script[0][0].encode() in shown[at:]:
            at = len(shown)
            os.write(terminal, script.pop(0)[1].encode() + b"\n")
            end = time.monotonic() + 20
            if not script:
                os.write(terminal, b"\x04")
        if not select.select([terminal], [], [], 0.1)[0]:
            continue
        try:
            got = os.read(terminal, 65536)
        except OSError:
            got = b""
        if not got:
            break
        shown += got
    else:
        os.kill(pid, 9)
        sys.exit("%r was not shown: %s" % (script[:1], shown.decode(errors="replace")))
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    text = shown.replace(b"^D\b\b", b"").replace(b"\r\n", b"\n")
    sys.stdout.buffer.write(text)
    for bad in (b"\x1b", b"\r", b"\b"):
        if bad in text:
            sys.exit("%r on a terminal that may be a screen reader's" % bad)
    sys.exit(code)


main()
