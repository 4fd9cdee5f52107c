#!/usr/bin/env python3
"""Checks recipes on state dicts of torchvision's classification models against what real torch fuses.

  make OUT   a folder for each model that has a recipe: float.pth, its state dict with drawn weights; NAME is
             torchvision's, or quantizable_NAME for the models that torchvision made for quantization
  check OUT NAME...
             after somebody has fused each float.pth by the recipe into fused.pth and written groups.json:
             1. the pairs of a layer and its BatchNorm are those that torch's graph mode, fuse_fx, fuses
             2. fuse_modules with these groups, and for a quantizable model its own fuse_model, gives the same
                keys in the same order, the same versions and the same bits
             3. fused.pth loads with weights_only=True and strict=True, and the model answers as before, but for
                what rounding does to its answer anyway: some of these drawn networks amplify it a thousandfold

`check` prints one JSON object, by model. Models are narrow where that leaves their keys alone. Runs under torch 2:
the tracer of torch 1.13 cannot unpack tuples under Python 3.11.
"""

import argparse
import copy
import functools
import json
import pathlib
import sys
from typing import Any, Callable, Dict, List

import torch
import torchvision
from torch import fx, nn
from torch.ao import quantization
from torch.ao.quantization import quantize_fx

from architectures import BATCH_NORMS, CLASSES, CONVOLUTIONS, draw, draw_parameters, narrowed, quietly

models = torchvision.models
GROWN_UP = {"init_weights": False, "aux_logits": False}
QUANTIZABLE = "quantizable_"
SIZES = {"inception_v3": 96, QUANTIZABLE + "inception_v3": 139}


def vgg(name: str) -> nn.Module:
    configuration = models.vgg.cfgs[{"vgg11_bn": "A", "vgg13_bn": "B", "vgg16_bn": "D", "vgg19_bn": "E"}[name]]
    layers = models.vgg.make_layers([v if v == "M" else v // 8 for v in configuration], batch_norm=True)
    model = models.VGG(layers, num_classes=CLASSES, init_weights=False)
    model.avgpool = nn.AdaptiveAvgPool2d(1)
    model.classifier = nn.Linear(512 // 8, CLASSES)
    return model


def efficientnet(name: str) -> nn.Module:
    """With two layers of each kind at most; all of V2 have this eps."""
    setting, last = models.efficientnet._efficientnet_conf(name)
    for blocks in setting:
        blocks.num_layers = min(blocks.num_layers, 2)
    return models.EfficientNet(setting, dropout=0.2, last_channel=last, num_classes=CLASSES,
                               norm_layer=functools.partial(nn.BatchNorm2d, eps=1e-3))


def maxvit() -> nn.Module:
    return models.MaxVit(input_size=(64, 64), stem_channels=16, partition_size=2, block_channels=[16, 32],
                         block_layers=[1, 2], head_dim=8, stochastic_depth_prob=0.2, num_classes=CLASSES)


def plain(name: str, **keywords: Any) -> nn.Module:
    return getattr(models, name)(weights=None, num_classes=CLASSES, **keywords)


def quantizable(name: str, **keywords: Any) -> nn.Module:
    return getattr(models.quantization, name)(weights=None, quantize=False, num_classes=CLASSES, **keywords)


MODELS: Dict[str, Callable[[], nn.Module]] = {
    "resnet18": lambda: narrowed(plain("resnet18"), 8),
    "resnet50": lambda: narrowed(plain("resnet50"), 8),
    "mobilenet_v2": lambda: plain("mobilenet_v2", width_mult=0.25),
    "mobilenet_v3_small": lambda: plain("mobilenet_v3_small"),
    "mobilenet_v3_large": lambda: plain("mobilenet_v3_large"),
    "shufflenet_v2_x0_5": lambda: plain("shufflenet_v2_x0_5"),
    "googlenet": lambda: narrowed(plain("googlenet", **GROWN_UP), 8),
    "inception_v3": lambda: narrowed(plain("inception_v3", **GROWN_UP), 8),
    "vgg11_bn": lambda: vgg("vgg11_bn"),
    "vgg13_bn": lambda: vgg("vgg13_bn"),
    "vgg16_bn": lambda: vgg("vgg16_bn"),
    "vgg19_bn": lambda: vgg("vgg19_bn"),
    "densenet121": lambda: narrowed(plain("densenet121"), 8),
    "mnasnet0_5": lambda: plain("mnasnet0_5"),
    "efficientnet_b0": lambda: plain("efficientnet_b0"),
    "efficientnet_v2_s": lambda: efficientnet("efficientnet_v2_s"),
    "regnet_x_400mf": lambda: plain("regnet_x_400mf"),
    "regnet_y_400mf": lambda: plain("regnet_y_400mf"),
    "maxvit_t": lambda: maxvit(),
    QUANTIZABLE + "resnet18": lambda: narrowed(quantizable("resnet18"), 8),
    QUANTIZABLE + "resnet50": lambda: narrowed(quantizable("resnet50"), 8),
    QUANTIZABLE + "mobilenet_v2": lambda: quantizable("mobilenet_v2", width_mult=0.25),
    QUANTIZABLE + "mobilenet_v3_large": lambda: quantizable("mobilenet_v3_large"),
    QUANTIZABLE + "shufflenet_v2_x0_5": lambda: quantizable("shufflenet_v2_x0_5"),
    QUANTIZABLE + "googlenet": lambda: narrowed(quantizable("googlenet", **GROWN_UP), 8),
    QUANTIZABLE + "inception_v3": lambda: narrowed(quantizable("inception_v3", **GROWN_UP), 8),
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("step", choices=("make", "check"))
    arguments.add_argument("out", type=pathlib.Path, metavar="OUT")
    arguments.add_argument("names", nargs="*", metavar="NAME", help="of the folders to check; all by default")
    options = arguments.parse_args()
    quietly()
    torch.set_num_threads(1)
    if options.step == "make":
        for name in MODELS:
            folder = options.out / name
            folder.mkdir(parents=True)
            torch.save(build(name).state_dict(), folder / "float.pth")
    else:
        json.dump({name: check(name, options.out / name) for name in options.names or MODELS}, sys.stdout, indent=1)


def build(name: str) -> nn.Module:
    """In eval mode, its weights and statistics drawn from the names of its parameters."""
    torch.manual_seed(0)
    model = MODELS[name]().eval()
    draw_parameters(model, name, zero_gammas=False)
    for path, module in model.named_modules():
        if isinstance(module, BATCH_NORMS):
            shape = tuple(module.running_mean.shape)
            module.running_mean.copy_(torch.from_numpy(draw(f"{path}.mean", shape, -0.2, 0.2)))
            module.running_var.copy_(torch.from_numpy(draw(f"{path}.var", shape, 0.5, 1.5)))
    return model


def check(name: str, folder: pathlib.Path) -> Dict[str, Any]:
    model = build(name)
    groups = json.loads((folder / "groups.json").read_text())
    listed = {tuple(group[:2]) for group in groups
              if isinstance(model.get_submodule(group[1]), BATCH_NORMS)}
    shown = pairs_of_graph_mode(model)
    fused = copy.deepcopy(model)
    if name.startswith(QUANTIZABLE):
        fused.fuse_model(is_qat=False)
    else:
        fused = quantization.fuse_modules(fused, groups)
    expected = fused.state_dict()
    found = torch.load(folder / "fused.pth", weights_only=True)
    same = {
        "same_order": list(found) == list(expected),
        "same_versions": versions(found) == versions(expected),
        "other_bits": [key for key in expected if key not in found or not torch.equal(found[key], expected[key])],
    }
    try:
        fused.load_state_dict(found, strict=True)
    except RuntimeError as error:
        return {**same, "loaded": False, "error": str(error)}
    size = SIZES.get(name, 64)
    example = torch.from_numpy(draw(f"{name}/input", (1, 3, size, size), -1, 1))
    with torch.no_grad():
        before, after, exact = model(example), fused(example), model.double()(example.double())
    return {
        "pairs": len(shown),
        "not_listed": sorted(map(list, shown - listed)),
        "not_fused_by_torch": sorted(map(list, listed - shown)),
        **same,
        "loaded": True,
        "difference": float((before - after).abs().max() / before.abs().max()),
        "noise": float((before - exact).abs().max() / before.abs().max()),
    }


def versions(state: Dict[str, torch.Tensor]) -> Dict[str, Any]:
    return {name: info.get("version") for name, info in state._metadata.items()}


def pairs_of_graph_mode(model: nn.Module) -> set:
    """A layer and the BatchNorm after it, where fuse_fx makes the BatchNorm go away."""
    fused = quantize_fx.fuse_fx(copy.deepcopy(model))
    left = {name for name, module in fused.named_modules() if isinstance(module, BATCH_NORMS)}
    modules = dict(model.named_modules())
    pairs = set()
    for node in fx.symbolic_trace(model).graph.nodes:
        if node.op != "call_module" or not isinstance(modules[node.target], BATCH_NORMS) or node.target in left:
            continue
        before = node.args[0]
        if before.op == "call_module" and isinstance(modules[before.target], (*CONVOLUTIONS, nn.Linear)):
            pairs.add((before.target, node.target))
    return pairs


if __name__ == "__main__":
    main()
