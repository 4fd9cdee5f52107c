#!/usr/bin/env python3
"""Loads a checkpoint into the model that real PyTorch makes of an architecture, strictly, and runs it.

  1. torch.load with weights_only=True.
  2. The architecture is built, and taken to its stage by fuse_modules, fuse_modules_qat or prepare_qat.
  3. load_state_dict(strict=True); order, shapes, dtypes and versions of the keys are compared too, since
     load_state_dict converts a wrong dtype silently.
  4. The model runs in eval mode on a seeded input, every fake-quantize and observer disabled, so that each
     stage answers what the unfused model answers.

Prints one JSON object; exits 1 if the checkpoint does not load. Runs under torch 1.13 and torch 2.
"""

import argparse
import hashlib
import json
import pathlib
import sys
from typing import Any, Dict

import numpy
import torch
from torch import nn

from architectures import ARCHITECTURES, quietly
from stages import BACKENDS, disable, fake_quantizers, stage


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("checkpoint", type=pathlib.Path)
    arguments.add_argument("--architecture", required=True, choices=sorted(ARCHITECTURES))
    arguments.add_argument("--stage", required=True, choices=("float", "eval", "qat", "prepared"))
    arguments.add_argument("--backend", default=BACKENDS[0], choices=BACKENDS, help="of stage prepared")
    arguments.add_argument("--state-dict", metavar="KEY", help="where it lies in a nested checkpoint")
    arguments.add_argument("--input", type=pathlib.Path, metavar="NPY", help="instead of the seeded input")
    arguments.add_argument("--output", type=pathlib.Path, metavar="NPY", help="where to write the answer")
    arguments.add_argument("--expected", type=pathlib.Path, metavar="NPY", help="an answer to compare with")
    options = arguments.parse_args()
    quietly()

    architecture = ARCHITECTURES[options.architecture]
    model = stage(architecture, architecture.build(), options.stage, options.backend)
    report: Dict[str, Any] = {"torch": torch.__version__, "architecture": options.architecture, "stage": options.stage}
    try:
        loaded = torch.load(options.checkpoint, weights_only=True)
        state_dict = loaded[options.state_dict] if options.state_dict else loaded
        report.update(compare_keys(state_dict, model.state_dict()))
        forget_parameters(model)
        model.load_state_dict(state_dict, strict=True)
    except Exception as error:  # Whatever torch objects to is the answer.
        report.update({"loaded": False, "error": f"{type(error).__name__}: {error}"})
        print(json.dumps(report, indent=1))
        return 1
    report.update({"loaded": True})

    example = torch.from_numpy(numpy.load(options.input)) if options.input else architecture.input()
    model.eval()
    disable(fake_quantizers(model, of_weights=True) + fake_quantizers(model, of_weights=False))
    with torch.no_grad():
        answer = model(example).numpy()
    if options.output:
        numpy.save(options.output, answer)
    if options.expected:
        report["max_abs"] = float(numpy.abs(answer - numpy.load(options.expected)).max())
    report.update({"shape": list(answer.shape), "sha256": hashlib.sha256(answer.tobytes()).hexdigest(),
                   "values": answer.ravel()[:64].tolist()})
    print(json.dumps(report, indent=1))
    return 0


def compare_keys(found: Dict[str, torch.Tensor], expected: Dict[str, torch.Tensor]) -> Dict[str, Any]:
    """What strict loading lets pass."""
    both = [key for key in found if key in expected]
    versions = {name: info.get("version") for name, info in getattr(found, "_metadata", {}).items()}
    expected_versions = {name: info.get("version") for name, info in expected._metadata.items()}
    return {
        "keys": len(found),
        "same_order": list(found) == list(expected),
        "other_dtype": {key: [str(found[key].dtype), str(expected[key].dtype)] for key in both
                        if found[key].dtype != expected[key].dtype},
        "other_shape": {key: [list(found[key].shape), list(expected[key].shape)] for key in both
                        if found[key].shape != expected[key].shape},
        "other_version": {name: [versions.get(name), version] for name, version in expected_versions.items()
                          if versions.get(name) != version},
    }


def forget_parameters(model: nn.Module) -> None:
    """So that what the model answers can come from the checkpoint alone."""
    with torch.no_grad():
        for tensor in model.parameters():
            tensor.fill_(float("nan"))
        for name, tensor in model.named_buffers():
            if name.endswith(("running_mean", "running_var")):
                tensor.fill_(float("nan"))


if __name__ == "__main__":
    sys.exit(main())
