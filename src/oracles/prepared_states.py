#!/usr/bin/env python3
"""Checks state dicts that somebody prepared for quantization-aware training against real prepare_qat.

  make OUT   a folder for each model: float.pth, its state dict, and module.pth, a whole module with the same
             children, of the first kind:
               torch.nn's classes, each as `x` beside a Conv2d `c` with its BatchNorm2d `b`
               torchvision's models of recipe_states.py, plain and made for quantization
  check OUT BACKEND NAME...
             after somebody has prepared each float.pth or module.pth into files
             prepared_BACKEND*.pth, and written
             groups.json: fuse_modules_qat with these groups and prepare_qat give the same keys in the same order,
             with the same shapes, dtypes, bits and versions, and the model takes the file with strict=True

`check` prints one JSON object, by file. Runs under torch 1.13 and torch 2.
"""

import argparse
import json
import pathlib
import sys
from typing import Any, Callable, Dict

import torch
from torch import nn
from torch.ao import quantization

from architectures import quietly
from recipe_states import MODELS

# torch.nn's classes with what their constructors take. LSTM and MultiheadAttention become other modules, or fail.
CLASSES: Dict[str, Callable[[], nn.Module]] = {name: (lambda name=name, given=given: getattr(nn, name)(*given))
                                               for name, given in {
    "ReLU": (), "ReLU6": (), "Hardswish": (), "ELU": (), "LeakyReLU": (), "PReLU": (6,), "SiLU": (), "GELU": (),
    "Mish": (), "Sigmoid": (), "Softmax": (1,), "Tanh": (), "Hardsigmoid": (), "Hardtanh": (), "SELU": (), "CELU": (),
    "LogSoftmax": (1,), "Softplus": (), "LayerNorm": (4,), "GroupNorm": (2, 6), "InstanceNorm1d": (6,),
    "InstanceNorm2d": (6, 1e-5, 0.1, True), "InstanceNorm3d": (6,), "BatchNorm1d": (6,), "BatchNorm2d": (6,),
    "BatchNorm3d": (6,), "LocalResponseNorm": (2,), "GRU": (4, 5), "RNN": (4, 5), "LSTMCell": (4, 5),
    "GRUCell": (4, 5), "RNNCell": (4, 5), "Embedding": (5, 6), "EmbeddingBag": (5, 6), "Conv1d": (3, 4, 3),
    "Conv2d": (3, 4, 3), "Conv3d": (3, 4, 3), "ConvTranspose1d": (3, 4, 3), "ConvTranspose2d": (3, 4, 3),
    "ConvTranspose3d": (3, 4, 3), "Linear": (3, 4), "Bilinear": (3, 4, 5), "Dropout": (), "Dropout2d": (),
    "Identity": (), "MaxPool2d": (2,), "AvgPool2d": (2,), "AdaptiveAvgPool2d": (1,), "Flatten": (), "Upsample": (),
    "PixelShuffle": (2,), "ZeroPad2d": (1,), "LSTM": (4, 5), "MultiheadAttention": (4, 2)}.items()}


class Beside(nn.Module):
    """A Conv2d with its BatchNorm2d, and one module more."""

    def __init__(self, other: nn.Module) -> None:
        super().__init__()
        self.c = nn.Conv2d(3, 6, 3)
        self.b = nn.BatchNorm2d(6)
        self.x = other


def build(name: str) -> nn.Module:
    torch.manual_seed(0)
    return Beside(CLASSES[name]()) if name in CLASSES else MODELS[name]()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = arguments.add_subparsers(dest="step", required=True)
    making = commands.add_parser("make")
    making.add_argument("out", type=pathlib.Path, metavar="OUT")
    checking = commands.add_parser("check")
    checking.add_argument("out", type=pathlib.Path, metavar="OUT")
    checking.add_argument("backend")
    checking.add_argument("names", nargs="+", metavar="NAME")
    options = arguments.parse_args()
    quietly()
    torch.set_num_threads(1)
    if options.step == "make":
        for name in (*CLASSES, *MODELS):
            make(name, options.out / name)
    else:
        json.dump({name: check(name, options.out / name, options.backend) for name in options.names}, sys.stdout)


def make(name: str, folder: pathlib.Path) -> None:
    model = build(name)
    folder.mkdir(parents=True)
    torch.save(model.state_dict(), folder / "float.pth")
    if name in CLASSES:
        torch.save(sequential(model), folder / "module.pth")


def sequential(model: nn.Module) -> nn.Module:
    """The same children in a class of torch's own."""
    named = nn.Sequential()
    for child, module in model.named_children():
        named.add_module(child, module)
    return named


def check(name: str, folder: pathlib.Path, backend: str) -> Dict[str, Any]:
    groups = json.loads((folder / "groups.json").read_text())
    model = build(name)
    model.load_state_dict(torch.load(folder / "float.pth", weights_only=True))
    model = quantization.fuse_modules_qat(model.train(), groups)
    model.qconfig = quantization.get_default_qat_qconfig(backend)
    model = quantization.prepare_qat(model)
    expected = model.state_dict()
    return {file.name: compare(torch.load(file, weights_only=True), expected, model)
            for file in sorted(folder.glob(f"prepared_{backend}*.pth"))}


def compare(found: Dict[str, torch.Tensor], expected: Dict[str, torch.Tensor], model: nn.Module) -> Dict[str, Any]:
    result = {
        "keys": len(expected),
        "same_order": list(found) == list(expected),
        "same_versions": versions(found) == versions(expected),
        "other": [key for key in expected if key not in found or not same(found[key], expected[key])],
    }
    try:
        model.load_state_dict(found, strict=True)
    except RuntimeError as error:
        return {**result, "loaded": False, "error": str(error)[:2000]}
    return {**result, "loaded": True}


def same(found: torch.Tensor, expected: torch.Tensor) -> bool:
    return found.dtype == expected.dtype and found.shape == expected.shape and torch.equal(found, expected)


def versions(state: Dict[str, torch.Tensor]) -> Dict[str, Any]:
    return {name: info.get("version") for name, info in state._metadata.items()}


if __name__ == "__main__":
    main()
