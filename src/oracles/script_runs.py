#!/usr/bin/env python3
"""TorchScript archives that are not easily run, for the child process that runs them with PyTorch.

  script_runs.py FOLDER

counting.pt and state.pt keep how often they ran, in a buffer and in an attribute, two.pt has a method beside forward, dict.pt answers a text beside tensors, list.pt takes a list of tensors, twice.pt answers the same tensor twice,
and grows.pt repeats its input a thousand times. Prints [].
"""
import sys
import torch
from torch import Tensor, nn
from typing import List

class Counting(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("seen", torch.zeros(1))
    def forward(self, x: Tensor) -> Tensor:
        self.seen.add_(1)
        return x + self.seen

class State(nn.Module):
    def __init__(self):
        super().__init__()
        self.seen = 0
    def forward(self, x: Tensor) -> Tensor:
        self.seen += 1
        return x + self.seen

class Two(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x + 1
    @torch.jit.export
    def other(self, x: Tensor) -> Tensor:
        return x + 2

class Dict(nn.Module):
    def forward(self, x: Tensor):
        return x + 1, "one more"

class Lists(nn.Module):
    def forward(self, xs: List[Tensor]) -> Tensor:
        return xs[0] + 1

class Twice(nn.Module):
    def forward(self, x: Tensor):
        y = x + 1
        return y, y

class Grows(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.repeat(1000)

for name, net in ("counting", Counting()), ("state", State()), ("two", Two()), ("dict", Dict()), ("list", Lists()), ("twice", Twice()), ("grows", Grows()):
    torch.jit.script(net.eval()).save(f"{sys.argv[1]}/{name}.pt")
print("[]")
