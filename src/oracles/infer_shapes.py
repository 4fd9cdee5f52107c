#!/usr/bin/env python3
"""Prints what the onnx project's own inference says of the shapes of models, as JSON.

One object per model, by its path: the sizes of each value of the main graph, in order; null for a size that is not a
number. What the files themselves say of inner values and outputs is left out first, so that it cannot be copied.
Needs onnx of the environment that setup makes.
"""

import argparse
import json

import onnx


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("models", metavar="MODEL", nargs="+", help="ONNX file")
    print(json.dumps({path: shapes(path) for path in arguments.parse_args().models}))


def shapes(path: str) -> dict:
    model = onnx.load(path, load_external_data=False)
    del model.graph.value_info[:]
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")
    graph = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    return {
        value.name: [number(size) for size in value.type.tensor_type.shape.dim]
        for value in [*graph.value_info, *graph.output]
        if value.type.HasField("tensor_type") and value.type.tensor_type.HasField("shape")
    }


def number(size):
    """Some exporters write -1 for what they do not know."""
    return size.dim_value if size.HasField("dim_value") and size.dim_value >= 0 else None


if __name__ == "__main__":
    main()
