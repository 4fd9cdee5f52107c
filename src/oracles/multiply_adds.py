#!/usr/bin/env python3
"""Counts the multiply-adds of networks of torchvision's, and of one with transposed convolutions, and exports them.

Prints, by name, what torch counts in one sample (half of its FLOPs) and, where torchvision publishes it, its own
figure in units of 1e9 (`_ops`). OUT/<name>.onnx has an open batch. Needs torch 2 of the environment that setup makes.
60 MB in 10 s.
"""

import argparse
import json
import pathlib

import torch
import torchvision
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import onnx_export

SAMPLE = (1, 3, 224, 224)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("out", metavar="OUT", type=pathlib.Path, help="folder to write to")
    out = arguments.parse_args().out
    models = torchvision.models
    counts = {
        "resnet18": count(models.resnet18(), out / "resnet18.onnx", models.ResNet18_Weights.DEFAULT),
        "mobilenet_v2": count(models.mobilenet_v2(), out / "mobilenet_v2.onnx", models.MobileNet_V2_Weights.DEFAULT),
        "transposed": count(transposed(), out / "transposed.onnx", None),
    }
    print(json.dumps(counts))


def transposed() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=4, padding=1),
        nn.ConvTranspose2d(8, 4, 3, stride=2, padding=1, output_padding=1, groups=2),
        nn.ConvTranspose2d(4, 2, 4, stride=2, padding=1),
    )


def count(model: nn.Module, file: pathlib.Path, weights) -> dict:
    model.eval()
    sample = torch.zeros(SAMPLE)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(sample)
    file.write_bytes(onnx_export.export_eval(model, sample, dynamic_batch=True))
    published = None if weights is None else weights.meta["_ops"]
    return {"multiply_adds": counter.get_total_flops() // 2, "published": published}


if __name__ == "__main__":
    main()
