#!/usr/bin/env python3
"""Holds a fold against a copy of the file and against other people's optimizers, in one run on one machine.

  compare.py [MODEL.onnx]...     without one: ResNet-50 with random weights, 94 MB

Each tool reads the file, optimizes and writes it anew, in a process of its own that does so several times; the best time
counts, and what the process held at most. Printed is a table in Markdown, with the ratio to a copy of the file and to
Fusewright. Needs the classes of `mvn -B verify` (or test-compile), and FUSEWRIGHT_PYTHON_TORCH2 (see src/oracles/setup).
Time nothing on a machine that does something else.
"""

import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time

HOME = pathlib.Path(__file__).resolve().parents[2]
PEER = HOME / "src/oracles/peer_pairs.py"
ROUNDS = 5
PEERS = {
    "ONNX Runtime, basic": "ort_basic",
    "onnxoptimizer": "optimizer",
    "OnnxSlim": "slim",
    "onnxsim": "simplifier",
}


def class_path():
    modules = ["model-io", "fusion-core"]
    folders = [HOME / module / "target" / kind for module in modules for kind in ("test-classes", "classes")]
    return ":".join(map(str, folders)) + f":{HOME}/deploy/target/lib/*"


def fold(model, folder, processors):
    """Copy and fold by FoldBench, in milliseconds, and the process's peak in MiB."""
    command = ["taskset", "-c", processors] if processors else []
    command += ["java", "-Xmx64m", "-cp", class_path(), "dev.fusewright.io.onnx.FoldBench", str(folder), str(model)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    print(text.strip(), file=sys.stderr)
    times = re.search(r"copy ([0-9.]+) ms.*fold ([0-9.]+) ms", text)
    peak = max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    return float(times[1]), float(times[2]), peak / 1024


def peer(function, model, target):
    """One peer, in a process of its own."""
    answer = subprocess.run(
        [os.environ["FUSEWRIGHT_PYTHON_TORCH2"], __file__, "--peer", function, model, target],
        capture_output=True,
        text=True,
    )
    return json.loads(answer.stdout.splitlines()[-1]) if answer.returncode == 0 else None


def run_peer(function, model, target):
    sys.path.insert(0, str(PEER.parent))
    import peer_pairs

    best = float("inf")
    for _ in range(ROUNDS):
        pathlib.Path(target).unlink(missing_ok=True)
        start = time.perf_counter()
        getattr(peer_pairs, function)(model, target)
        best = min(best, time.perf_counter() - start)
    print(json.dumps([best * 1000, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))


def compare(model, folder):
    copy, two, heap = fold(model, folder, None)
    _, one, _ = fold(model, folder, "0")
    size = pathlib.Path(model).stat().st_size if pathlib.Path(model).exists() else None
    name = pathlib.Path(model).name
    if size is None:
        model = folder / f"{model}.onnx"
        size = model.stat().st_size
    rows = [
        ("copy of the file", copy, None),
        ("Fusewright", two, heap),
        ("Fusewright, one processor", one, heap),
    ]
    for title, function in PEERS.items():
        answer = peer(function, str(model), str(folder / "peer.onnx"))
        rows.append((title, *(answer or (None, None))))
    print(f"\n{name}, {size / 1e6:.1f} MB\n\n| | ms | beside a copy | beside Fusewright | MiB |\n|---|---|---|---|---|")
    for title, spent, peak in rows:
        if spent is None:
            print(f"| {title} | fails | | | |")
        else:
            held = f"{peak:.0f}" if peak else ""
            print(f"| {title} | {spent:.1f} | {spent / copy:.2f} | {spent / two:.2f} | {held} |")


def main():
    if sys.argv[1:2] == ["--peer"]:
        run_peer(*sys.argv[2:])
        return
    with tempfile.TemporaryDirectory() as folder:
        for model in sys.argv[1:] or ["resnet50"]:
            compare(model, pathlib.Path(folder))


if __name__ == "__main__":
    main()
