#!/usr/bin/env python3
"""Sharded checkpoints as transformers lays them out, and what real PyTorch makes of them.

make INDEX: writes a model's shards and their index; INDEX says which kind by its name
(*.safetensors.index.json or *.bin.index.json). Each shard holds a few tensors in the order of the state dict, so
that a Conv and its BatchNorm often lie apart.

check INDEX FUSED: loads all shards of FUSED, merges them, and compares them with fuse_modules of the model whose
state dict INDEX is. Prints a JSON object: whether it loads strictly, the names whose bits differ, whether
total_size is right, and how many shards are without tensors.
"""

import argparse
import json
import pathlib
import sys
from typing import Dict

import safetensors.torch
import torch
from torch import nn
from torch.ao.quantization import fuse_modules

TENSORS_PER_SHARD = 7


class Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 1)
        self.bn2 = nn.BatchNorm2d(width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.bn2(self.conv2(self.bn1(self.conv1(x))))


class Stem(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3, bias=False)
        self.bn = nn.BatchNorm2d(width)
        self.relu = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.relu(self.bn(self.conv(x)))


class Net(nn.Module):
    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.stem = Stem(width)
        self.blocks = nn.Sequential(*[Block(width) for _ in range(4)])
        self.head = nn.Linear(width, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.blocks(self.stem(x)).mean((2, 3)))


def model() -> Net:
    torch.manual_seed(3)
    net = Net()
    for name, buffer in net.named_buffers():
        if name.endswith("running_mean"):
            buffer.normal_()
        if name.endswith("running_var"):
            buffer.uniform_(0.5, 2)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 2)
            nn.init.normal_(module.bias)
    return net.eval()


def make(index: pathlib.Path) -> None:
    index.parent.mkdir(parents=True, exist_ok=True)
    state = {name: tensor.contiguous() for name, tensor in model().state_dict().items()}
    names = list(state)
    groups = [names[i:i + TENSORS_PER_SHARD] for i in range(0, len(names), TENSORS_PER_SHARD)]
    stem, extension = index.name[:-len(".index.json")].split(".")
    weight_map = {}
    for number, group in enumerate(groups, 1):
        name = f"{stem}-{number:05d}-of-{len(groups):05d}.{extension}"
        shard = {key: state[key] for key in group}
        if extension == "safetensors":
            safetensors.torch.save_file(shard, index.parent / name, metadata={"format": "pt"})
        else:
            torch.save(shard, index.parent / name)
        weight_map.update({key: name for key in group})
    total = sum(it.numel() * it.element_size() for it in state.values())
    content = {"metadata": {"total_size": total}, "weight_map": weight_map}
    index.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def load(index: pathlib.Path, report: Dict[str, object]) -> Dict[str, torch.Tensor]:
    content = json.loads(index.read_text(encoding="utf-8"))
    merged: Dict[str, torch.Tensor] = {}
    empty = 0
    for name in sorted(set(content["weight_map"].values())):
        file = index.parent / name
        shard = (safetensors.torch.load_file(file) if name.endswith(".safetensors")
                 else torch.load(file, weights_only=True))
        empty += not shard
        for key, tensor in shard.items():
            assert content["weight_map"][key] == name and key not in merged, key
            merged[key] = tensor
    assert set(merged) == set(content["weight_map"])
    report["total_size"] = content["metadata"]["total_size"] == sum(
        it.numel() * it.element_size() for it in merged.values())
    report["empty_shards"] = empty
    return merged


def check(fused: pathlib.Path) -> None:
    report: Dict[str, object] = {"loaded": True, "other_bits": []}
    merged = load(fused, report)
    groups = [["stem.conv", "stem.bn", "stem.relu"]]
    groups += [[f"blocks.{i}.conv{n}", f"blocks.{i}.bn{n}"] for i in range(4) for n in (1, 2)]
    expected = fuse_modules(model(), groups)
    expected.load_state_dict(merged, strict=True)
    reference = fuse_modules(model(), groups).state_dict()
    report["other_bits"] = [name for name, tensor in reference.items() if not torch.equal(tensor, merged[name])]
    print(json.dumps(report))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=("make", "check"))
    parser.add_argument("index", type=pathlib.Path)
    parser.add_argument("fused", type=pathlib.Path, nargs="?")
    arguments = parser.parse_args()
    if arguments.action == "make":
        make(arguments.index)
    else:
        check(arguments.fused)
    return 0


if __name__ == "__main__":
    sys.exit(main())
