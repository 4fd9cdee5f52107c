#!/usr/bin/env python3
"""Makes pairs of models for `fusewright verify`: an original, and what another optimizer, or a vandal, made of it.

Needs onnx, onnxruntime, onnxoptimizer, onnxslim and onnxsim: run it with FUSEWRIGHT_PYTHON_TORCH2 (see src/oracles/setup).

  peer_pairs.py OUT FOLDER...    for each .onnx file under the folders

Writes the models to OUT, and OUT/pairs.tsv: kind, original, candidate, one pair a line. Kinds are the peers' names, and
`channel` (one channel of one weight is 1e-3 larger) and `removed` (one node that keeps its input's shape is left out), whose
candidates are wrong. A peer that refuses a model, crashes on it or takes longer than LIMIT seconds makes no pair.
"""

import multiprocessing
import pathlib
import sys

import numpy
import onnx
from onnx import numpy_helper

LIMIT = 120
SAME_SHAPE = {"Relu", "Sigmoid", "Tanh", "LeakyRelu", "Clip", "BatchNormalization", "Softmax"}
LAYERS = {"Conv", "ConvTranspose", "Gemm", "MatMul"}


def ort_basic(source, target):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.log_severity_level = 4
    options.optimized_model_filepath = str(target)
    onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])


def optimizer(source, target):
    import onnxoptimizer

    onnx.save(onnxoptimizer.optimize(onnx.load(source)), target)


def slim(source, target):
    import onnxslim

    onnx.save(onnxslim.slim(onnx.load(source)), target)


def simplifier(source, target):
    import onnxsim

    model, _ = onnxsim.simplify(onnx.load(source))
    onnx.save(model, target)


def channel(source, target):
    """The first channel of the first layer's weight is 1e-3 larger."""
    model = onnx.load(source)
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            constants[node.output[0]] = node.attribute[0].t
    for node in model.graph.node:
        if node.op_type in LAYERS and len(node.input) > 1 and node.input[1] in constants:
            tensor = constants[node.input[1]]
            values = numpy_helper.to_array(tensor).copy()
            if values.size and values.dtype == numpy.float32 and numpy.any(values[:1]):
                values[0] = values[0] * numpy.float32(1.001)
                tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
                onnx.save(model, target)
                return
    raise ValueError("no layer with a constant weight")


def removed(source, target):
    """The first node that keeps the shape of its input is left out."""
    model = onnx.load(source)
    outputs = {output.name for output in model.graph.output}
    for node in model.graph.node:
        if node.op_type in SAME_SHAPE and node.output[0] not in outputs:
            for reader in model.graph.node:
                for i, name in enumerate(reader.input):
                    if name == node.output[0]:
                        reader.input[i] = node.input[0]
            model.graph.node.remove(node)
            onnx.save(model, target)
            return
    raise ValueError("no node to leave out")


MAKERS = {"ort": ort_basic, "optimizer": optimizer, "slim": slim, "sim": simplifier, "channel": channel, "removed": removed}


def attempt(kind, source, target):
    with open("/dev/null", "w") as nothing:
        sys.stdout = sys.stderr = nothing
        MAKERS[kind](source, target)


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    pairs = []
    for folder in map(pathlib.Path, sys.argv[2:]):
        for source in sorted(folder.rglob("*.onnx")):
            name = "-".join(source.relative_to(folder).with_suffix("").parts)
            for kind in MAKERS:
                target = out / f"{name}.{kind}.onnx"
                child = multiprocessing.Process(target=attempt, args=(kind, source, target))
                child.start()
                child.join(LIMIT)
                if child.is_alive():
                    child.kill()
                if child.exitcode == 0 and target.exists():
                    pairs.append(f"{kind}\t{source}\t{target}\n")
                    print(kind, name, flush=True)
    (out / "pairs.tsv").write_text("".join(pairs))


if __name__ == "__main__":
    main()
