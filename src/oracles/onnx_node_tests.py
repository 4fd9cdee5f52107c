#!/usr/bin/env python3
"""Writes the onnx project's own examples of its operators to a folder: what numpy says each of them means.

One folder per example, with model.onnx, input_<i>.pb and output_<i>.pb (TensorProtos, all with raw_data).
Examples whose values are no tensors, or whose tensors have no raw_data (strings), are left out.
Needs onnx of the environment that setup makes. 18 MB in 10 s.
"""

import argparse
import pathlib
import warnings

import numpy
import onnx
from onnx import numpy_helper
from onnx.backend.test.case.node import collect_testcases


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("out", metavar="OUT", type=pathlib.Path, help="folder to write to")
    out = arguments.parse_args().out
    warnings.filterwarnings("ignore")
    for example in collect_testcases(None):
        inputs, outputs = example.data_sets[0]
        if example.model is not None and all(is_plain(value) for value in [*inputs, *outputs]):
            folder = out / example.name
            folder.mkdir(parents=True, exist_ok=True)
            onnx.save(example.model, folder / "model.onnx")
            write(folder, "input", inputs)
            write(folder, "output", outputs)


def is_plain(value) -> bool:
    return isinstance(value, (numpy.ndarray, numpy.generic)) and numpy.asarray(value).dtype.kind not in "OUS"


def write(folder: pathlib.Path, what: str, values) -> None:
    for index, value in enumerate(values):
        tensor = numpy_helper.from_array(numpy.asarray(value))
        (folder / f"{what}_{index}.pb").write_bytes(tensor.SerializeToString())


if __name__ == "__main__":
    main()
