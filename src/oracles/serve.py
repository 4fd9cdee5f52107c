#!/usr/bin/env python3
"""Runs scripts of this folder one after the other, each in a fork of a process that has imported torch: that takes seconds, and once is enough.

1 reads a line of JSON, {"argv": [SCRIPT, ARGUMENT...], "out": FILE, "err": FILE}
2 runs the script in a fork, its output and errors in these files
3 prints the exit code, and reads on until its input ends
"""
import json, os, runpy, sys, traceback

os.environ["OMP_NUM_THREADS"] = "1"  # Threads that wait for each other beside a JVM's are slower than one.
import numpy, torch  # noqa: F401
try: import torchvision  # noqa: F401
except ImportError: pass

def run(job):
    for descriptor, name in (1, "out"), (2, "err"):
        file = os.open(job[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, descriptor)
        os.close(file)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.argv = job["argv"]
    code = 0
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        if code == 1 and not isinstance(end.code, int): print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)

for line in sys.stdin:
    child = os.fork()
    if child == 0: run(json.loads(line))
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)
