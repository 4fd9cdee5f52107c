#!/usr/bin/env python3
"""Runs over zoos of many models, at one slot and at two, and prints what a model costs.

  zoo.py MODEL.onnx=COUNT... [OPTION...]     e.g.  zoo.py src/models/mlp_bn.onnx=3000 --verify none
                                             or    zoo.py resnet50.onnx=16 mobilenet_v2.onnx=40 --verify site

The zoo holds COUNT copies of each model, each with bytes of its own (a metadata entry), on a local disk. Printed, for each
number of slots: seconds, seconds of processor time, milliseconds of both for each model, and the same for a copy of the
zoo. A second, smaller run (a fifth of the models) is taken away for the figures per model, so that start and end do not
count. Time nothing on a machine that does something else.
"""

import json
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

HOME = pathlib.Path(__file__).resolve().parents[2]


def tag(number):
    """Field 14 of ModelProto, a StringStringEntryProto: protobuf takes messages that are laid end to end for one."""
    value = f"{number:08d}".encode()
    entry = b"\x0a\x03zoo\x12" + bytes([len(value)]) + value
    return b"\x72" + bytes([len(entry)]) + entry


def make(folder, models):
    folder.mkdir()
    with open(folder.parent / f"{folder.name}.jsonl", "w") as catalogue:
        for model, count in models:
            original = model.read_bytes()
            for number in range(count):
                path = folder / f"{model.stem}{number:06d}.onnx"
                path.write_bytes(original + tag(number))
                entry = {"id": path.stem, "uri": str(path), "size": path.stat().st_size}
                catalogue.write(json.dumps(entry) + "\n")


def timed(action):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    action()
    spent = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent, (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def run(folder, name, slots, options):
    output = folder / "output"
    shutil.rmtree(output, ignore_errors=True)
    command = [str(HOME / "fusewright"), "run", "--catalogue", str(folder / f"{name}.jsonl"), "--output", str(output)]
    command += [f"--parallelism={slots}", *options]
    return timed(lambda: subprocess.run(command, check=True, stdout=sys.stderr, stderr=sys.stderr))


def main():
    pairs = [argument.rpartition("=") for argument in sys.argv[1:] if not argument.startswith("-") and ".onnx=" in argument]
    models = [(pathlib.Path(model), int(count)) for model, _, count in pairs]
    options = sys.argv[1 + len(models) :]
    part = [(model, max(1, count // 5)) for model, count in models]
    count, few = (sum(number for _, number in group) for group in (models, part))
    size = sum(model.stat().st_size * number for model, number in models)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make(folder / "all", models)
        make(folder / "few", part)
        copy, _ = timed(lambda: subprocess.run(["cp", "-r", folder / "all", folder / "copy"], check=True))
        shutil.rmtree(folder / "copy")
        print(f"{count} models of {size / 1e6:.0f} MB in all, {' '.join(options)}; a copy takes {copy:.1f} s\n")
        print("| slots | s | processor s | ms a model | processor ms a model |\n|---|---|---|---|---|")
        for slots in (1, 2):
            start, start_processor = run(folder, "few", slots, options)
            spent, processor = run(folder, "all", slots, options)
            each = [1000 * (b - a) / (count - few) for a, b in ((start, spent), (start_processor, processor))]
            print(f"| {slots} | {spent:.1f} | {processor:.1f} | {each[0]:.1f} | {each[1]:.1f} |", flush=True)


if __name__ == "__main__":
    main()
