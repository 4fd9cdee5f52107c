"""Nets in which a BatchNorm behind a layer cannot be folded, or not as it seems, with their inputs: NETS by name."""
from typing import Dict

import torch
import torch.nn.functional as F
from torch import nn

MAPS, TOKENS, SIGNAL = (2, 3, 7, 7), (3, 5, 6), (2, 3, 9)
NETS = {}


def net(*shape):
    def keep(kind):
        NETS[kind.__name__] = (kind, shape)
        return kind

    return keep


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.c, self.b = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)
        self.d, self.e = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)


class Layer(nn.Module):
    def __init__(self, layer, norm):
        super().__init__()
        self.l, self.b = layer, norm


@net(*MAPS)
class UsedTwice(Pair):
    def forward(self, x):
        y = self.c(x)
        return self.b(y) + y


@net(*MAPS)
class MulBetween(Pair):
    def forward(self, x):
        y = self.c(x)
        y.mul_(2.0)
        return self.b(y)


@net(*MAPS)
class SliceAssigned(Pair):
    def forward(self, x):
        y = self.c(x)
        y[:, 0] = 0
        return self.b(y)


@net(*MAPS)
class ViewWritten(Pair):
    def forward(self, x):
        y = self.c(x)
        y.view(-1).mul_(0.5)
        return self.b(y)


@net(*MAPS)
class WrittenAfterwards(Pair):
    def forward(self, x):
        y = self.c(x)
        z = self.b(y)
        y.add_(1)
        return z


@net(*MAPS)
class ReluInPlaceBetween(Pair):
    def forward(self, x):
        y = self.c(x)
        F.relu_(y)
        return self.b(y)


@net(*MAPS)
class DropoutAliasWritten(Pair):
    def forward(self, x):
        y = self.c(x)
        F.dropout(y, 0.5, False).add_(1)
        return self.b(y)


@net(*MAPS)
class WeightWritten(Pair):
    def forward(self, x):
        with torch.no_grad():
            self.c.weight.mul_(1.1)
        return self.b(self.c(x))


@net(*MAPS)
class WeightViewWritten(Pair):
    def forward(self, x):
        self.c.weight.detach()[:2].mul_(1.2)
        return self.b(self.c(x))


@net(*MAPS)
class StatisticsWritten(Pair):
    def forward(self, x):
        y = self.b(self.c(x))
        self.b.running_var.mul_(1.5)
        return y


@net(*MAPS)
class WeightReturned(Pair):
    def forward(self, x):
        return self.b(self.c(x)), self.c.weight * 2, self.b.running_mean + 1


@net(*MAPS)
class WeightComputed(Pair):
    def forward(self, x):
        return self.b(F.conv2d(x, self.c.weight + 0.5, self.c.bias))


@net(*MAPS)
class OneLayerTwoNorms(Pair):
    def forward(self, x):
        return self.b(self.c(x)) + self.e(self.c(x * 2))


@net(*MAPS)
class OneLayerOnceAlone(Pair):
    def forward(self, x):
        return self.b(self.c(x)) + self.c(x * 2)


@net(*MAPS)
class OneNormTwoLayersAndAlone(Pair):
    def forward(self, x):
        return self.b(self.c(x)) + self.b(self.d(x).relu())


@net(*MAPS)
class SameNormTwice(Pair):
    def forward(self, x):
        return self.b(self.b(self.c(x)))


@net(*MAPS)
class BatchStatistics(Pair):
    def forward(self, x):
        mean, variance = self.b.running_mean, self.b.running_var
        return F.batch_norm(self.c(x), mean, variance, self.b.weight, self.b.bias, True, 0.0)


@net(*MAPS)
class OneInTraining(Pair):
    def forward(self, x):
        return self.b(self.c(x)) + self.e(self.d(x))

    def prepare(self):
        self.e.train()


@net(*MAPS)
class EpsChanged(Pair):
    def forward(self, x):
        return self.b(self.c(x))

    def prepare(self):
        self.b.eps = 0.3


@net(*MAPS)
class OverlappingWeights(Pair):
    def __init__(self):
        super().__init__()
        both = torch.randn(8, 3, 3, 3)
        self.c.weight, self.d.weight = nn.Parameter(both[:4]), nn.Parameter(both[2:6])

    def forward(self, x):
        return self.b(self.c(x)) + self.d(x)


@net(*MAPS)
class BiasShared(Pair):
    def __init__(self):
        super().__init__()
        self.d.bias = self.c.bias

    def forward(self, x):
        return self.b(self.c(x)) + self.d(x)


@net(2, 4, 5, 5)
class GroupedTransposed(Layer):
    def __init__(self):
        super().__init__(nn.ConvTranspose2d(4, 4, 3, 2, 1, 1, groups=2, dilation=2), nn.BatchNorm2d(4))

    def forward(self, x):
        return self.b(self.l(x))


@net(*SIGNAL)
class SamePadding(Layer):
    def __init__(self):
        super().__init__(nn.Conv1d(3, 4, 4, padding="same", dilation=2), nn.BatchNorm1d(4))

    def forward(self, x):
        return self.b(self.l(x))


@net(3, 9)
class SignalAlone(Layer):
    def __init__(self):
        super().__init__(nn.Conv1d(3, 7, 3), nn.BatchNorm1d(7))

    def forward(self, x):
        return self.b(self.l(x))


@net(3, 11)
class SignalAloneTwice(Layer):
    def __init__(self):
        super().__init__(nn.Conv1d(5, 7, 3), nn.BatchNorm1d(7))
        self.first = nn.Conv1d(3, 5, 3)

    def forward(self, x):
        return self.b(self.l(self.first(x).relu()))


@net(3, 6, 6)
class MapAlone(Layer):
    def __init__(self):
        super().__init__(nn.Conv2d(3, 4, 3), nn.BatchNorm1d(4))

    def forward(self, x):
        return self.b(self.l(x))


@net(3, 5, 5)
class TransposedMapAlone(Layer):
    def __init__(self):
        super().__init__(nn.ConvTranspose2d(3, 7, 3), nn.BatchNorm1d(7))

    def forward(self, x):
        return self.b(self.l(x))


@net(5, 5)
class TurnedByHand(Layer):
    def __init__(self):
        super().__init__(nn.Linear(5, 7), nn.BatchNorm1d(7))

    def forward(self, x):
        return self.b(torch.addmm(self.l.bias, x, self.l.weight.t()))


@net(5, 5)
class WeightTurnedTwice(Layer):
    def __init__(self):
        super().__init__(nn.Linear(5, 5), nn.BatchNorm1d(5))

    def forward(self, x):
        turned = self.l.weight.t()
        return self.b(torch.mm(x, turned)) + torch.mm(x, turned)


class Stages(nn.Module):
    def __init__(self):
        super().__init__()
        self.keep = {"1": "out"}
        self.c, self.d, self.e = (nn.Conv2d(3, 3, 3, padding=1) for _ in range(3))
        self.f, self.g, self.h = (nn.BatchNorm2d(3) for _ in range(3))


@net(*MAPS)
class StagesKept(Stages):
    def forward(self, x):
        kept: Dict[str, torch.Tensor] = {}
        y = F.relu_(self.f(self.c(x)))
        if "0" in self.keep:
            kept[self.keep["0"]] = y
        z = self.g(self.d(y))
        z += y
        if "1" in self.keep:
            kept[self.keep["1"]] = z
        u = self.h(self.e(z))
        u += z
        return kept["out"], u


@net(*MAPS)
class StagesChanged(Stages):
    def forward(self, x):
        y = self.c(x)
        if "0" in self.keep:
            y = y + 1
        self.keep["0"] = "more"
        return self.f(y)


@net(*MAPS)
class FlagAssigned(Pair):
    def __init__(self):
        super().__init__()
        self.warned = False

    def forward(self, x):
        self.warned = True
        return self.b(self.c(x))


@net(*MAPS)
class MeanAssigned(Pair):
    def forward(self, x):
        y = self.b(self.c(x))
        self.b.running_mean = self.b.running_mean * 0.5
        return y


@net(*TOKENS)
class TokensOtherAxis(Layer):
    def __init__(self):
        super().__init__(nn.Linear(6, 7), nn.BatchNorm1d(5))

    def forward(self, x):
        return self.b(self.l(x))


@net(*TOKENS)
class TokensOfAsMany(Layer):
    def __init__(self):
        super().__init__(nn.Linear(6, 5), nn.BatchNorm1d(5))

    def forward(self, x):
        return self.b(self.l(x))


@net(3, 4, 6)
class TokensTurned(Layer):
    def __init__(self):
        super().__init__(nn.Linear(6, 5), nn.BatchNorm1d(5))

    def forward(self, x):
        return self.b(self.l(x).transpose(1, 2))


@net(2, 5, 5, 6)
class LinearBeforeMaps(Layer):
    def __init__(self):
        super().__init__(nn.Linear(6, 5), nn.BatchNorm2d(5))

    def forward(self, x):
        return self.b(self.l(x))


@net(5, 5)
class BetaAndAlpha(Layer):
    def __init__(self):
        super().__init__(nn.Linear(5, 5), nn.BatchNorm1d(5))

    def forward(self, x):
        return self.b(torch.addmm(self.l.bias, x, self.l.weight, beta=2.0, alpha=0.5))


@net(*MAPS)
class Shuffled(Pair):
    def forward(self, x):
        y = self.b(self.c(x)).view(2, 2, 2, 5, 5).transpose(1, 2).contiguous()
        return self.e(self.d(x)) + y.view(2, 4, 5, 5)


@net(2, 3, 8, 8)
class PixelsShuffled(Layer):
    def __init__(self):
        super().__init__(nn.Conv2d(3, 16, 3), nn.BatchNorm2d(4))

    def forward(self, x):
        return self.b(F.pixel_shuffle(self.l(x), 2))
