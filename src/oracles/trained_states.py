#!/usr/bin/env python3
"""Checks state dicts that somebody took from quantization-aware training back to float against real to_float.

  make OUT    a folder for each architecture that QAT can fuse, and each backend: trained.pth, the state dict of its
              prepared model after one training step; v1.pth, the same with the names of ConvBn's version 1;
              facts.json, the groups, and eps by the BatchNorm's name
  check OUT   after somebody has taken each into files float*.pth: with the weights of every module's own to_float,
              the model that fuse_modules makes has the same keys in the same order, the same versions but for
              FloatFunctionals, the same bits, and takes each file with strict=True

`check` prints one JSON object, by folder and file. Runs under torch 1.13 and torch 2.
"""

import argparse
import collections
import json
import pathlib
import sys
from typing import Any, Dict

import torch
from torch import nn

from architectures import ARCHITECTURES, Architecture, quietly
from stages import BACKENDS, fuse_eval, prepare

RENAMED = {"bn.weight": "gamma", "bn.bias": "beta", "bn.running_mean": "running_mean",
           "bn.running_var": "running_var", "bn.num_batches_tracked": "num_batches_tracked"}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("step", choices=("make", "check"))
    arguments.add_argument("out", type=pathlib.Path, metavar="OUT")
    options = arguments.parse_args()
    quietly()
    torch.set_num_threads(1)
    results = {}
    for name, architecture in ARCHITECTURES.items():
        for backend in BACKENDS if architecture.qat_groups else ():
            folder = options.out / f"{name}_{backend}"
            if options.step == "make":
                make(architecture, backend, folder)
            else:
                results[folder.name] = check(architecture, backend, folder)
    if options.step == "check":
        json.dump(results, sys.stdout)


def make(architecture: Architecture, backend: str, folder: pathlib.Path) -> None:
    folder.mkdir(parents=True)
    model = prepare(architecture, architecture.build(), backend)
    with torch.no_grad():
        model(architecture.input(batch=4))
    state = model.state_dict()
    torch.save(state, folder / "trained.pth")
    torch.save(version_one(state, model), folder / "v1.pth")
    (folder / "facts.json").write_text(json.dumps({"groups": architecture.qat_groups, "eps": architecture.eps()}))


def version_one(state: Dict[str, torch.Tensor], model: nn.Module) -> Dict[str, torch.Tensor]:
    layers = {name for name, module in model.named_modules() if hasattr(module, "bn") and module._version == 2}
    old = collections.OrderedDict()
    for key, tensor in state.items():
        layer = next((layer for layer in layers if key.startswith(layer + ".bn.")), None)
        old[key if layer is None else f"{layer}.{RENAMED[key[len(layer) + 1:]]}"] = tensor
    old._metadata = collections.OrderedDict(
        (name, {"version": 1} if name in layers else info) for name, info in state._metadata.items()
        if not (name.endswith(".bn") and name[:-3] in layers))
    return old


def check(architecture: Architecture, backend: str, folder: pathlib.Path) -> Dict[str, Any]:
    model = prepare(architecture, architecture.build(), backend)
    model.load_state_dict(torch.load(folder / "trained.pth", weights_only=True))
    model.eval()
    fused = fuse_eval(architecture, architecture.build())
    weights = dict(model.state_dict())
    for name, module in model.named_modules():
        if hasattr(module, "bn"):
            back = module.to_float()
            inner = back[0] if isinstance(back, nn.Sequential) else back
            prefix = f"{name}.0" if isinstance(back, nn.Sequential) else name
            weights[f"{prefix}.weight"], weights[f"{prefix}.bias"] = inner.weight.detach(), inner.bias.detach()
    expected = fused.state_dict()
    for key in expected:
        expected[key] = weights[key if key in weights else key.replace(".0.weight", ".weight").replace(".0.bias", ".bias")]
    return {file.name: compare(torch.load(file, weights_only=True), expected, fused)
            for file in sorted(folder.glob("float*.pth"))}


def compare(found: Dict[str, torch.Tensor], expected: Dict[str, torch.Tensor], model: nn.Module) -> Dict[str, Any]:
    result = {
        "keys": len(expected),
        "same_order": list(found) == list(expected),
        "same_versions": versions(found) == versions(expected),
        "other": [key for key in expected if key not in found or not torch.equal(found[key], expected[key])],
    }
    try:
        model.load_state_dict(found, strict=True)
    except RuntimeError as error:
        return {**result, "loaded": False, "error": str(error)[:2000]}
    return {**result, "loaded": True}


def versions(state: Dict[str, torch.Tensor]) -> Dict[str, Any]:
    """Without the Identity of a FloatFunctional, which a trained state dict does not tell from an observer."""
    return {name: info.get("version") for name, info in state._metadata.items()
            if not name.endswith(".activation_post_process")}


if __name__ == "__main__":
    main()
