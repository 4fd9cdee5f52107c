#!/usr/bin/env python3
"""Runs a command in a terminal of its own, and may end it as a person or a scheduler would.

  terminal.py ctrl-c|term GLOB COMMAND...    ends it as soon as a file matches GLOB
  terminal.py columns NUMBER COMMAND...      waits for its end, in a terminal that is so wide

Prints what the terminal showed, then a line `exit N`. Needs nothing but Python.
"""

import fcntl
import glob
import os
import pty
import select
import signal
import struct
import sys
import termios
import time


def main():
    how, pattern, command = sys.argv[1], sys.argv[2], sys.argv[3:]
    ended = how == "columns"
    child, terminal = pty.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ignored in what a shell runs in the background.
        if how == "columns":
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(pattern), 0, 0))
        os.execvp(command[0], command)
    shown = b""
    while True:
        if not ended and glob.glob(pattern):
            time.sleep(0.7)  # Progress has been drawn by then.
            if how == "ctrl-c":
                os.write(terminal, b"\x03")
            else:
                os.kill(child, signal.SIGTERM)
            ended = True
        if select.select([terminal], [], [], 0.02)[0]:
            try:
                part = os.read(terminal, 1 << 16)
            except OSError:
                break
            if not part:
                break
            shown += part
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(shown.decode("utf-8", "replace").replace("\r", "\n"))
    print("exit", status)


if __name__ == "__main__":
    main()
