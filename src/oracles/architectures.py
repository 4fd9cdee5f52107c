"""The networks that the oracles and the example catalogue are made of.

Real torchvision architectures, narrowed, and small nets for what torchvision has not. Each comes with the
module lists that `fuse_modules` is given, and with weights that are the same on every machine: they are
drawn with integer arithmetic from the name of each parameter, and BatchNorm statistics are measured only
to the next power of two.

Runs under torch 1.13 with torchvision 0.14 and under torch 2 with the torchvision that belongs to it.
"""

import dataclasses
import math
import warnings
import zlib
from typing import Callable, Dict, List, Tuple

import numpy
import torch
import torchvision
from torch import nn

CLASSES = 10
GAMMA = (0.8, 1.8)
BETA = (-0.3, 0.3)

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)


@dataclasses.dataclass(frozen=True)
class Architecture:
    """A network and what is fused in it.

    weights: the name that its weights are drawn from; two architectures with one name and the same
        parameter names have the same weights.
    groups: what `fuse_modules` is given, for an eval model.
    qat_groups: what `fuse_modules_qat` is given; empty where torch refuses all of it.
    """

    name: str
    weights: str
    construct: Callable[[], nn.Module]
    input_shape: Tuple[int, ...]
    groups: List[List[str]]
    qat_groups: List[List[str]]

    def build(self, zero_gammas: bool = False) -> nn.Module:
        """The model in eval mode, with its weights and BatchNorm statistics."""
        model = self.construct().eval()
        draw_parameters(model, self.weights, zero_gammas)
        pairs = [(model.get_submodule(group[0]), model.get_submodule(group[1]), f"{self.weights}/{group[1]}")
                 for group in self.groups if isinstance(model.get_submodule(group[1]), BATCH_NORMS)]
        settle_statistics(model, pairs, self.input(batch=8))
        return model

    def input(self, batch: int = 0) -> torch.Tensor:
        """Seeded values in [-1, 1); `batch` overrides the first dimension."""
        shape = (batch, *self.input_shape[1:]) if batch else self.input_shape
        return torch.from_numpy(draw(self.weights + "/input", shape, -1, 1))

    def eps(self) -> Dict[str, float]:
        """eps by the name of the BatchNorm; a state dict does not hold it."""
        return {name: module.eps for name, module in self.construct().named_modules()
                if isinstance(module, BATCH_NORMS)}


def draw(name: str, shape: Tuple[int, ...], low: float, high: float) -> numpy.ndarray:
    """Uniform float32 values, seeded by a name, the same on every machine."""
    uniform = numpy.random.RandomState(zlib.crc32(name.encode())).random_sample(shape)
    return (low + (high - low) * uniform).astype(numpy.float32)


def draw_parameters(model: nn.Module, weights: str, zero_gammas: bool) -> None:
    """Weights and biases that keep the size of the activations, and affine parameters of every kind.

    One gamma in eight is negative; with `zero_gammas`, one in eight is zero.
    """
    for name, module in model.named_modules():
        key = f"{weights}/{name}"
        if isinstance(module, (*CONVOLUTIONS, *TRANSPOSED, nn.Linear)):
            bound = math.sqrt(6 / fan_in(module))
            assign(module.weight, draw(f"{key}.weight", tuple(module.weight.shape), -bound, bound))
            if module.bias is not None:
                assign(module.bias, draw(f"{key}.bias", tuple(module.bias.shape), -0.2, 0.2))
        elif isinstance(module, (*BATCH_NORMS, nn.GroupNorm, nn.LayerNorm)):
            gamma = draw(f"{key}.weight", tuple(module.weight.shape), *GAMMA)
            gamma[3::8] *= -1
            if zero_gammas:
                gamma[5::8] = 0
            assign(module.weight, gamma)
            assign(module.bias, draw(f"{key}.bias", tuple(module.bias.shape), *BETA))


def settle_statistics(model: nn.Module, pairs: List[Tuple[nn.Module, nn.Module, str]], example: torch.Tensor) -> None:
    """Gives the BatchNorm of each pair a running mean and variance that fit what it sees.

    A layer's spread is measured in float64 and kept to a power of two, so that another CPU gives the same
    bits; what makes the channels differ is drawn. Last, one channel in eight of each pair is made small,
    weights and statistics alike, so that its variance comes near to eps or falls below it.
    """
    hooks = [norm.register_forward_pre_hook(lambda norm, inputs, key=key: settle(norm, inputs[0], key))
             for _, norm, key in pairs]
    with torch.no_grad():
        model.double()(example.double())
        model.float()
        for (layer, norm, key), hook in zip(pairs, hooks):
            hook.remove()
            for channel in range(1, norm.num_features, 8):
                size = 2.0 ** -math.floor(draw(f"{key}.{channel}", (), 4, 10))
                layer.weight.select(1 if isinstance(layer, TRANSPOSED) else 0, channel).mul_(size)
                if layer.bias is not None:
                    layer.bias[channel] *= size
                norm.running_mean[channel] *= size
                norm.running_var[channel] *= size**2


def settle(norm: nn.Module, seen: torch.Tensor, key: str) -> None:
    spread = 2.0 ** round(math.log2(seen.pow(2).mean().sqrt().item()))
    shape = tuple(norm.running_mean.shape)
    assign(norm.running_mean, spread * draw(f"{key}.running_mean", shape, -0.5, 0.5))
    assign(norm.running_var, spread**2 * draw(f"{key}.running_var", shape, 0.5, 2))
    norm.num_batches_tracked.fill_(1000)


def fan_in(module: nn.Module) -> float:
    """How many weights make one output value."""
    if isinstance(module, TRANSPOSED):
        return module.in_channels // module.groups * math.prod(module.kernel_size) / math.prod(module.stride)
    return module.weight[0].numel()


def assign(target: torch.Tensor, values: numpy.ndarray) -> None:
    with torch.no_grad():
        target.copy_(torch.from_numpy(numpy.asarray(values)))


def narrowed(model: nn.Module, divisor: int) -> nn.Module:
    """Divides every width by `divisor`, but for the image's three channels and the classes."""
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            module.out_channels //= divisor
            if module.in_channels != 3:
                module.in_channels //= divisor
            module.weight = shortened(module.weight, module.out_channels, module.in_channels)
        elif isinstance(module, nn.BatchNorm2d):
            module.num_features //= divisor
            for name in ("weight", "bias"):
                setattr(module, name, shortened(getattr(module, name), module.num_features))
            for name in ("running_mean", "running_var"):
                setattr(module, name, getattr(module, name)[:module.num_features].clone())
        elif isinstance(module, nn.Linear):
            module.in_features //= divisor
            module.weight = shortened(module.weight, module.out_features, module.in_features)
    return model


def shortened(parameter: nn.Parameter, *sizes: int) -> nn.Parameter:
    return nn.Parameter(parameter.detach()[tuple(slice(size) for size in sizes)].clone())


def resnet18() -> nn.Module:
    return narrowed(torchvision.models.resnet18(num_classes=CLASSES), 8)


def resnet18_quantizable() -> nn.Module:
    return narrowed(torchvision.models.quantization.resnet18(quantize=False, num_classes=CLASSES), 8)


def mobilenet_v2() -> nn.Module:
    """Without its dropout, which would make a training step random."""
    return torchvision.models.mobilenet_v2(width_mult=0.25, num_classes=CLASSES, dropout=0)


def mobilenet_v2_quantizable() -> nn.Module:
    return torchvision.models.quantization.mobilenet_v2(
        quantize=False, width_mult=0.25, num_classes=CLASSES, dropout=0)


class Conv1dNet(nn.Module):
    """A keyword spotter: three strided Conv1d with bias, one of them grouped, each with BatchNorm and ReLU."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(8, 32, 9, stride=2, padding=4)
        self.bn1 = nn.BatchNorm1d(32)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv1d(32, 32, 5, stride=2, padding=4, dilation=2, groups=4)
        self.bn2 = nn.BatchNorm1d(32, eps=1e-3)
        self.relu2 = nn.ReLU()
        self.conv3 = nn.Conv1d(32, 48, 3, padding=1, bias=False)
        self.bn3 = nn.BatchNorm1d(48)
        self.pool = nn.AdaptiveAvgPool1d(1)
        self.fc = nn.Linear(48, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.relu1(self.bn1(self.conv1(x)))
        x = self.relu2(self.bn2(self.conv2(x)))
        x = torch.tanh(self.bn3(self.conv3(x)))
        return self.fc(self.pool(x).flatten(1))


class Conv3dNet(nn.Module):
    """A small video net: Conv3d with BatchNorm and ReLU, a residual block, a Conv3d with ReLU only."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv3d(3, 16, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm3d(16)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv3d(16, 16, 3, padding=1)
        self.bn2 = nn.BatchNorm3d(16)
        self.relu2 = nn.ReLU()
        self.conv3 = nn.Conv3d(16, 24, (1, 3, 3), stride=(1, 2, 2))
        self.relu3 = nn.ReLU()
        self.pool = nn.AdaptiveAvgPool3d(1)
        self.fc = nn.Linear(24, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.relu1(self.bn1(self.conv1(x)))
        x = self.relu2(self.bn2(self.conv2(x)) + x)
        x = self.relu3(self.conv3(x))
        return self.fc(self.pool(x).flatten(1))


class DcganGenerator(nn.Module):
    """The generator of DCGAN (Radford, Metz, Chintala, 2015), as PyTorch's example builds it, narrow."""

    def __init__(self, noise: int = 16, width: int = 8) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(noise, width * 8, 4, 1, 0, bias=False), nn.BatchNorm2d(width * 8), nn.ReLU(True),
            nn.ConvTranspose2d(width * 8, width * 4, 4, 2, 1, bias=False), nn.BatchNorm2d(width * 4), nn.ReLU(True),
            nn.ConvTranspose2d(width * 4, width * 2, 4, 2, 1, bias=False), nn.BatchNorm2d(width * 2), nn.ReLU(True),
            nn.ConvTranspose2d(width * 2, width, 4, 2, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(True),
            nn.ConvTranspose2d(width, 3, 4, 2, 1, bias=False), nn.Tanh())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.main(x)


class MlpBatchNorm(nn.Module):
    """Linear, BatchNorm1d and ReLU, twice; one Linear has no bias. Then Linear and ReLU, and Linear."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(40, 64)
        self.bn1 = nn.BatchNorm1d(64)
        self.relu1 = nn.ReLU()
        self.fc2 = nn.Linear(64, 64, bias=False)
        self.bn2 = nn.BatchNorm1d(64)
        self.relu2 = nn.ReLU()
        self.fc3 = nn.Linear(64, 32)
        self.relu3 = nn.ReLU()
        self.fc4 = nn.Linear(32, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.relu1(self.bn1(self.fc1(x)))
        x = self.relu2(self.bn2(self.fc2(x)))
        return self.fc4(self.relu3(self.fc3(x)))


class NothingToFuse(nn.Module):
    """A vision transformer's block behind a patch embedding: GroupNorm, LayerNorm, attention and GELU.

    Looks like much that can be fused and holds nothing of it: no BatchNorm, no ReLU.
    """

    def __init__(self, width: int = 32, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.embed = nn.Conv2d(3, width, 4, stride=4)
        self.norm0 = nn.GroupNorm(4, width)
        self.norm1 = nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.project = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.expand = nn.Linear(width, 2 * width)
        self.contract = nn.Linear(2 * width, width)
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.norm0(self.embed(x)).flatten(2).transpose(1, 2)
        x = x + self.attend(self.norm1(x))
        x = x + self.contract(nn.functional.gelu(self.expand(self.norm2(x))))
        return self.head(x.mean(1))

    def attend(self, x: torch.Tensor) -> torch.Tensor:
        batch, length, width = x.shape
        split = self.query_key_value(x).reshape(batch, length, 3, self.heads, width // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4).unbind(0)
        weights = torch.softmax(query @ key.transpose(-2, -1) / math.sqrt(width // self.heads), -1)
        return self.project((weights @ value).transpose(1, 2).reshape(batch, length, width))


def resnet18_groups(relu_of_block: bool) -> List[List[str]]:
    """The stem with its ReLU, and every other Conv2d with its BatchNorm.

    Plain torchvision blocks use their one ReLU twice, so only the quantizable ones may list it.
    """
    groups = [["conv1", "bn1", "relu"]]
    for layer in range(1, 5):
        for block in range(2):
            at = f"layer{layer}.{block}"
            groups.append([f"{at}.conv1", f"{at}.bn1", f"{at}.relu"] if relu_of_block else [f"{at}.conv1", f"{at}.bn1"])
            groups.append([f"{at}.conv2", f"{at}.bn2"])
            if layer > 1 and block == 0:
                groups.append([f"{at}.downsample.0", f"{at}.downsample.1"])
    return groups


def mobilenet_v2_groups(with_relu: bool) -> List[List[str]]:
    """Every Conv2d with its BatchNorm, and in the quantizable model, whose ReLU6 are ReLU, with that."""

    def block(at: str) -> List[str]:
        return [f"{at}.0", f"{at}.1", f"{at}.2"] if with_relu else [f"{at}.0", f"{at}.1"]

    groups = [block("features.0"), block("features.1.conv.0"), ["features.1.conv.1", "features.1.conv.2"]]
    for index in range(2, 18):
        at = f"features.{index}.conv"
        groups += [block(f"{at}.0"), block(f"{at}.1"), [f"{at}.2", f"{at}.3"]]
    groups.append(block("features.18"))
    return groups


def same(name: str, construct: Callable[[], nn.Module], input_shape: Tuple[int, ...],
         groups: List[List[str]], weights: str = "") -> Architecture:
    """An architecture in which eval and QAT fuse the same lists."""
    return Architecture(name, weights or name, construct, input_shape, groups, groups)


CONV1D_GROUPS = [["conv1", "bn1", "relu1"], ["conv2", "bn2", "relu2"], ["conv3", "bn3"]]
CONV3D_GROUPS = [["conv1", "bn1", "relu1"], ["conv2", "bn2"], ["conv3", "relu3"]]
DCGAN_GROUPS = [[f"main.{index}", f"main.{index + 1}"] for index in (0, 3, 6, 9)]
MLP_GROUPS = [["fc1", "bn1"], ["fc2", "bn2"], ["fc3", "relu3"]]

ARCHITECTURES: Dict[str, Architecture] = {architecture.name: architecture for architecture in (
    same("resnet18", resnet18, (2, 3, 64, 64), resnet18_groups(False)),
    same("resnet18_quantizable", resnet18_quantizable, (2, 3, 64, 64), resnet18_groups(True), "resnet18"),
    same("mobilenet_v2", mobilenet_v2, (2, 3, 64, 64), mobilenet_v2_groups(False)),
    same("mobilenet_v2_quantizable", mobilenet_v2_quantizable, (2, 3, 64, 64), mobilenet_v2_groups(True), "mobilenet_v2"),
    same("conv1d_net", Conv1dNet, (2, 8, 100), CONV1D_GROUPS),
    same("conv3d_net", Conv3dNet, (2, 3, 8, 16, 16), CONV3D_GROUPS),
    Architecture("dcgan_generator", "dcgan_generator", DcganGenerator, (2, 16, 1, 1), DCGAN_GROUPS, []),
    same("mlp_bn", MlpBatchNorm, (4, 40), MLP_GROUPS),
    same("nothing_to_fuse", NothingToFuse, (2, 3, 32, 32), []),
)}


def quietly() -> None:
    """Torch warns of its own deprecations, once for each of a hundred modules."""
    warnings.filterwarnings("ignore")
