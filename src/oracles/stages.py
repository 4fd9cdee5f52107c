"""The stages that PyTorch's eager quantization takes a model through, made with the real functions.

    float     as trained
    eval      fuse_modules, on an eval model
    qat       fuse_modules_qat, on a training model
    prepared  qat, then prepare_qat with a backend's default configuration
"""

import copy
from typing import List

import torch
from torch import nn
from torch.ao import quantization

from architectures import BATCH_NORMS, Architecture

BACKENDS = ("fbgemm", "qnnpack")


def fuse_eval(architecture: Architecture, model: nn.Module) -> nn.Module:
    return quantization.fuse_modules(copy.deepcopy(model).eval(), architecture.groups)


def fuse_qat(architecture: Architecture, model: nn.Module) -> nn.Module:
    return quantization.fuse_modules_qat(copy.deepcopy(model).train(), architecture.qat_groups)


def prepare(architecture: Architecture, model: nn.Module, backend: str) -> nn.Module:
    fused = fuse_qat(architecture, model)
    fused.qconfig = quantization.get_default_qat_qconfig(backend)
    return quantization.prepare_qat(fused)


def stage(architecture: Architecture, model: nn.Module, name: str, backend: str) -> nn.Module:
    if name == "float":
        return model
    if name == "eval":
        return fuse_eval(architecture, model)
    if name == "qat":
        return fuse_qat(architecture, model)
    return prepare(architecture, model, backend)


def fake_quantizers(model: nn.Module, of_weights: bool) -> List[nn.Module]:
    """Those of the weights, or those of the activations."""
    return [module for name, module in model.named_modules()
            if isinstance(module, quantization.FakeQuantizeBase) and name.endswith("weight_fake_quant") == of_weights]


def disable(fake_quantizers_of: List[nn.Module]) -> None:
    for module in fake_quantizers_of:
        module.disable_fake_quant()
        module.disable_observer()


def batch_norm_pairs(architecture: Architecture) -> List[List[str]]:
    """The groups of QAT that hold a BatchNorm, each cut to the names of the layer and of its BatchNorm."""
    model = architecture.construct()
    return [group[:2] for group in architecture.qat_groups if isinstance(model.get_submodule(group[1]), BATCH_NORMS)]
