#!/usr/bin/env python3
"""Counts what Fusewright and its peers leave of each model, and prints a table in Markdown.

Needs onnx: run it with FUSEWRIGHT_PYTHON_TORCH2 (see src/oracles/setup).

  peer_table.py MODELS PAIRS NAME=FOLDER ...

MODELS is a folder of .onnx files, PAIRS what `peer_pairs.py` made of it, and each FOLDER the models that a run of
Fusewright published, under the same names as in MODELS. A cell says how many BatchNormalization, Mul, Add and Conv nodes a model
has, in all its graphs and functions; a dash, that there is no result. Lines end with `fewer:` and the names of the peers
that leave fewer of one of the first three kinds than the last column of Fusewright's does.
"""

import collections
import pathlib
import sys

import onnx

FOLDED = ("BatchNormalization", "Mul", "Add")
KINDS = (*FOLDED, "Conv")
PEERS = {"ort": "ORT basic", "optimizer": "onnxoptimizer", "slim": "OnnxSlim", "sim": "onnxsim"}


def count(nodes):
    operators = collections.Counter()
    for node in nodes:
        operators[node.op_type] += 1
        for attribute in node.attribute:
            for body in [attribute.g] * attribute.HasField("g") + list(attribute.graphs):
                operators += count(body.node)
    return operators


def counts(path):
    """How many nodes of each kind a model has; None where there is no model."""
    if not path.exists():
        return None
    model = onnx.load(path, load_external_data=False)
    operators = count(model.graph.node)
    for function in model.functions:
        operators += count(function.node)
    return tuple(operators[kind] for kind in KINDS)


def cell(figures):
    return "–" if figures is None else " / ".join(map(str, figures))


def fewer(peer, ours):
    if peer is None or ours is None:
        return False
    return any(p < o for p, o in list(zip(peer, ours))[: len(FOLDED)])


def main():
    models, pairs = map(pathlib.Path, sys.argv[1:3])
    runs = dict(argument.split("=", 1) for argument in sys.argv[3:])
    print("| Model | Before |", " | ".join([*runs, *PEERS.values()]), "| |")
    print("| --- |" + " --- |" * (2 + len(runs) + len(PEERS)))
    for source in sorted(models.rglob("*.onnx")):
        name = source.relative_to(models)
        pair = "-".join(name.with_suffix("").parts)
        ours = [counts(pathlib.Path(folder) / name) for folder in runs.values()]
        peers = {kind: counts(pairs / f"{pair}.{kind}.onnx") for kind in PEERS}
        less = [PEERS[kind] for kind, figures in peers.items() if fewer(figures, ours[-1])]
        cells = [f"`{name.with_suffix('')}`", *map(cell, [counts(source), *ours, *peers.values()])]
        print("|", " | ".join(cells), "|", "fewer: " + ", ".join(less) if less else "", "|")


if __name__ == "__main__":
    main()
