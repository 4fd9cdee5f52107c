#!/usr/bin/python3
"""Makes the example catalogue: the models, catalogue.jsonl and catalogue-broken.jsonl, beside this script.

  1. Builds each architecture of src/oracles/architectures.py with weights drawn from parameter names.
  2. Exports it to ONNX with its BatchNormalizations left in, and checks it.
  3. Cuts one file short and writes one that is no model, for the broken catalogue.
  4. Writes the files; or, with --check, compares them with those that are there and exits 1 if one differs.

Runs under Debian's own Python with torch 1.13, which src/oracles/setup installs, and gives the same bytes
every time.
"""

import argparse
import collections
import json
import pathlib
import sys
from typing import Dict

import onnx

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "oracles"))

from architectures import ARCHITECTURES, quietly  # noqa: E402
from onnx_export import OPSET, export_eval, export_training  # noqa: E402

BUDGET = 5_000_000
TRUNCATED_AT = 300_000

# The models of the catalogue, with the number of BatchNormalizations that each must hold.
BATCH_NORMALIZATIONS = {
    "resnet18": 20,
    "mobilenet_v2": 52,
    "conv1d_net": 3,
    "conv3d_net": 2,
    "dcgan_generator": 4,
    "mlp_bn": 2,
    "resnet18_training": 20,
    "nothing_to_fuse": 0,
}
DYNAMIC_BATCH = {"resnet18", "mobilenet_v2", "mlp_bn", "resnet18_training"}

# LayerNormalization is one operator from opset 17 on.
OPSETS = {"nothing_to_fuse": 17}


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--check", action="store_true", help="compare with the files that are there; write nothing")
    options = arguments.parse_args()
    quietly()

    files = catalogue_files()
    if options.check:
        different = [name for name, content in files.items()
                     if not (HERE / name).is_file() or (HERE / name).read_bytes() != content]
        for name in different:
            print(f"differs from what this script makes: {HERE / name}", file=sys.stderr)
        return 1 if different else 0
    for name, content in files.items():
        (HERE / name).parent.mkdir(exist_ok=True)
        (HERE / name).write_bytes(content)
    return 0


def catalogue_files() -> Dict[str, bytes]:
    """Every file of the catalogue by its name."""
    files = {}
    for name, expected in BATCH_NORMALIZATIONS.items():
        content = model(name)
        operators = collections.Counter(node.op_type for node in onnx.load_from_string(content).graph.node)
        assert operators["BatchNormalization"] == expected, (name, operators)
        assert operators["Identity"] == operators["Dropout"] == 0, (name, operators)
        print(f"{name:18} {len(content):8}  {dict(operators.most_common())}")
        files[f"{name}.onnx"] = content
    total = sum(map(len, files.values()))
    print(f"{'all':18} {total:8}")
    assert total < BUDGET

    whole = [entry(name, f"{name}.onnx") for name in BATCH_NORMALIZATIONS]
    files["broken/truncated.onnx"] = files["resnet18.onnx"][:TRUNCATED_AT]
    files["broken/not-a-model.onnx"] = b"This file is named like a model.\nIt is a text about one.\n"
    broken = [entry("truncated", "broken/truncated.onnx"), entry("not-a-model", "broken/not-a-model.onnx")]
    files["catalogue.jsonl"] = b"".join(whole)
    files["catalogue-broken.jsonl"] = b"".join(whole + broken)
    return files


def model(name: str) -> bytes:
    architecture = ARCHITECTURES[name.replace("_training", "")]
    built = architecture.build(zero_gammas=True)
    dynamic_batch = name in DYNAMIC_BATCH
    if name.endswith("_training"):
        return export_training(built, architecture.input(), dynamic_batch)
    return export_eval(built, architecture.input(), dynamic_batch, OPSETS.get(name, OPSET))


def entry(identifier: str, uri: str) -> bytes:
    return (json.dumps({"id": identifier, "uri": uri}) + "\n").encode()


if __name__ == "__main__":
    sys.exit(main())
