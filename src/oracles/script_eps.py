#!/usr/bin/env python3
"""Makes TorchScript archives of a net whose BatchNorms have different eps, and prints the eps of each.

  script.pt     torch.jit.script                        trace.pt    torch.jit.trace
  functional.pt traced, the norm called as a function with an eps that its module does not have

Prints {"script.pt": {"bn1": 0.001, ...}, ...}; null where no class of the archive surely says it. Runs under torch 1.13
and torch 2.
"""

import argparse
import json
import pathlib
import warnings

import torch
from torch import nn
from torch.nn import functional


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3)
        self.bn1 = nn.BatchNorm2d(8, eps=1e-3)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(8, 8, 3)
        self.bn2 = nn.BatchNorm2d(8)
        self.conv3 = nn.Conv2d(8, 8, 1)
        self.bn3 = nn.BatchNorm2d(8, eps=0.0123456789012345)
        self.fc = nn.Linear(8, 5)
        self.bnf = nn.BatchNorm1d(5, eps=2.0)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.bn3(self.conv3(self.bn2(self.conv2(x))))
        return self.bnf(self.fc(x.mean((2, 3))))


class Functional(Net):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        norm = self.bn1
        return functional.batch_norm(self.conv1(x), norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=0.5)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("out", type=pathlib.Path, metavar="OUT", help="the folder to write to")
    out = arguments.parse_args().out
    warnings.simplefilter("ignore")
    model, example = Net().eval(), torch.randn(2, 3, 8, 8)
    torch.jit.script(model).save(str(out / "script.pt"))
    torch.jit.trace(model, example).save(str(out / "trace.pt"))
    torch.jit.trace(Functional().eval(), example).save(str(out / "functional.pt"))
    own = {name: module.eps for name, module in model.named_modules() if hasattr(module, "eps")}
    print(json.dumps({"script.pt": own, "trace.pt": own, "functional.pt": dict.fromkeys(own)}))


if __name__ == "__main__":
    main()
