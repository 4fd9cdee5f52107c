#!/usr/bin/env python3
"""Counts what ONNX Runtime's basic level of graph optimization leaves of each model, beside the model itself.

For comparison with what Fusewright leaves: `fusewright inspect MODEL --inputs freeze --json` has the same counts.
Needs onnx and onnxruntime: run it with FUSEWRIGHT_PYTHON_TORCH2 (see src/oracles/setup).

  ort_basic.py FOLDER        prints one JSON object a line for each .onnx file under FOLDER
  ort_basic.py --freeze ...  takes initializers out of the inputs first, where callers could override them
"""

import argparse
import collections
import json
import pathlib
import tempfile

import onnx
import onnxruntime

# The IR version; before it an initializer has to be an input, and is constant all the same.
OVERRIDABLE_SINCE = 4


def count(graph):
    operators = collections.Counter()
    for node in graph.node:
        operators[node.op_type] += 1
        for attribute in node.attribute:
            for body in [attribute.g] * attribute.HasField("g") + list(attribute.graphs):
                operators += count(body)
    return operators


def optimized(path):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.log_severity_level = 4
    with tempfile.TemporaryDirectory() as folder:
        options.optimized_model_filepath = f"{folder}/optimized.onnx"
        onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        return onnx.load(options.optimized_model_filepath)


def frozen(path, folder):
    model = onnx.load(path)
    if model.ir_version < OVERRIDABLE_SINCE:
        return path
    constants = {initializer.name for initializer in model.graph.initializer}
    kept = [value for value in model.graph.input if value.name not in constants]
    del model.graph.input[:]
    model.graph.input.extend(kept)
    target = f"{folder}/frozen.onnx"
    onnx.save(model, target)
    return target


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--freeze", action="store_true", help="take initializers out of the inputs first")
    arguments = parser.parse_args()
    for path in sorted(arguments.folder.rglob("*.onnx")):
        with tempfile.TemporaryDirectory() as folder:
            row = {"model": str(path.relative_to(arguments.folder))}
            try:
                source = frozen(path, folder) if arguments.freeze else path
                row["before"] = count(onnx.load(source).graph)
                row["after"] = count(optimized(source).graph)
            except Exception as e:  # One unreadable model must not hide the others.
                row["error"] = f"{type(e).__name__}: {e}"[:200]
            print(json.dumps(row, sort_keys=True), flush=True)


if __name__ == "__main__":
    main()
