#!/usr/bin/python3
"""Makes what torchvision's quantizable models fuse, for the test of the recipes: recipes.json.

  1. Builds each quantizable model that has a recipe, and its plain counterpart.
  2. Lists the modules without children that a forward pass calls, with their types.
  3. Lists the groups that the model's own fuse_model hands to fuse_modules, by their full names.

Runs under Debian's own Python with torch 1.13 and torchvision 0.14.
"""

import argparse
import json
import pathlib
import warnings
from typing import Dict, List
from unittest import mock

import torch
import torchvision
from torch import nn

MODELS = {
    "resnet18": 64,
    "resnet50": 64,
    "mobilenet_v2": 64,
    "mobilenet_v3_large": 64,
    "shufflenet_v2_x0_5": 64,
    "googlenet": 64,
    "inception_v3": 139,
}
GROWN_UP = {"googlenet": {"init_weights": False, "aux_logits": False},
            "inception_v3": {"init_weights": False, "aux_logits": False}}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("out", type=pathlib.Path, metavar="FILE", help="the file to write")
    options = arguments.parse_args()
    warnings.filterwarnings("ignore")
    lines = []
    for name, size in MODELS.items():
        keywords = {"weights": None, **GROWN_UP.get(name, {})}
        plain = getattr(torchvision.models, name)(**keywords).eval()
        quantizable = getattr(torchvision.models.quantization, name)(quantize=False, **keywords).eval()
        facts = {
            "plain": called(plain, size),
            "quantizable": called(quantizable, size),
            "groups": groups(quantizable),
        }
        lines.append(f"{json.dumps(name)}: {json.dumps(facts, separators=(',', ':'))}")
    options.out.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def called(model: nn.Module, size: int) -> Dict[str, str]:
    """The types of the modules without children that a forward pass calls, by name and in that order."""
    names = {module: name for name, module in model.named_modules() if not list(module.children())}
    types = {}

    def listen(module: nn.Module, inputs, output) -> None:
        types.setdefault(names[module], type(module).__name__)

    hooks = [module.register_forward_hook(listen) for module in names]
    with torch.no_grad():
        model(torch.zeros(1, 3, size, size))
    for hook in hooks:
        hook.remove()
    return {name: kind for name, kind in types.items() if kind not in ("QuantStub", "DeQuantStub", "FloatFunctional")}


def groups(model: nn.Module) -> List[List[str]]:
    """What fuse_model hands to fuse_modules."""
    names = {id(module): name for name, module in model.named_modules()}
    listed = []
    fuse = torch.ao.quantization.fuse_modules

    def listen(module: nn.Module, modules_to_fuse: List, *arguments, **keywords):
        prefix = names[id(module)]
        lists = [modules_to_fuse] if isinstance(modules_to_fuse[0], str) else modules_to_fuse
        listed.extend([[f"{prefix}.{name}".lstrip(".") for name in group] for group in lists])
        return fuse(module, modules_to_fuse, *arguments, **keywords)

    with mock.patch("torch.ao.quantization.fuse_modules", listen):
        model.fuse_model(is_qat=False)
    return listed


if __name__ == "__main__":
    main()
