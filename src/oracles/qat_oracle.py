#!/usr/bin/env python3
"""Makes what a training step of PyTorch's QAT modules gives: output and running statistics on one batch.

In the folder OUT:

  1. training.onnx, training_opset13.onnx   the model exported in training mode, its statistics as before
     float.onnx, float.pth                  the same in eval mode, and its state dict
  2. oracle.npz                             without a variant: input, and <bn>.running_mean/.running_var before
     For each variant V, after one batch in training mode:
       V/output                             the output of that batch
       V/eval_output                        the output of the same batch in eval mode, after the step
       V/<bn>.running_mean, .running_var    the updated statistics; torch's variance is the unbiased one
       V/<layer>.scale, .zero_point, .min_val, .max_val    of a fake-quantized weight
       V/<layer>.to_float.weight, .bias     the trained module folded back into a plain layer (to_float)
  3. trained_V.pth                          the state dict after the step, for V = qat, fbgemm, qnnpack (a
                                            disabled per-channel quantizer's scale is memory that torch
                                            grew and never wrote, so the others have no fixed bytes)
  4. oracle.json                            versions, variants, module lists, eps, and for each BatchNorm how
                                            many values one channel's statistics were taken from (count):
                                            unbiased = biased * count / (count - 1)

Variants: `float`, the model as it is; `qat`, after fuse_modules_qat; `fbgemm` and `qnnpack`, prepared, with
every activation_post_process disabled, so that only weights are fake-quantized; `fbgemm_fused_only` and
`qnnpack_fused_only`, in which also the weights of layers without BatchNorm stay as they are (prepare_qat
swaps every Linear and Conv2d, fused or not). All names are those of the model before it was fused.

No gamma is zero: with one, torch's approximate forward answers NaN. Runs under torch 1.13 and torch 2.
"""

import argparse
import copy
import json
import pathlib
from typing import Dict

import numpy
import torch
from torch import nn

from architectures import ARCHITECTURES, BATCH_NORMS, Architecture, quietly
from onnx_export import OPSET, export_eval, export_training
from stages import BACKENDS, batch_norm_pairs, disable, fake_quantizers, fuse_qat, prepare

BATCH = 4


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("out", type=pathlib.Path, metavar="OUT", help="the folder to write to")
    arguments.add_argument("--architecture", default="resnet18",
                           choices=sorted(name for name, it in ARCHITECTURES.items() if it.qat_groups))
    options = arguments.parse_args()
    quietly()
    options.out.mkdir(parents=True, exist_ok=True)
    make(ARCHITECTURES[options.architecture], options.out)


def make(architecture: Architecture, folder: pathlib.Path) -> None:
    model = architecture.build()
    batch = architecture.input(BATCH)
    torch.save(model.state_dict(), folder / "float.pth")
    (folder / "float.onnx").write_bytes(export_eval(model, batch))
    arrays = {"input": batch.numpy(), **{
        f"{name}.{statistic}": getattr(module, statistic).numpy().copy() for name, module in model.named_modules()
        if isinstance(module, BATCH_NORMS) for statistic in ("running_mean", "running_var")}}

    variants = {"float": copy.deepcopy(model).train(), "qat": fuse_qat(architecture, model)}
    for backend in BACKENDS:
        for name in (backend, f"{backend}_fused_only"):
            variants[name] = prepare(architecture, model, backend)
            disable(fake_quantizers(variants[name], of_weights=False))
        paired = [layer for layer, _ in batch_norm_pairs(architecture)]
        for name, module in variants[f"{backend}_fused_only"].named_modules():
            if name.endswith(".weight_fake_quant") and name.rpartition(".")[0] not in paired:
                disable([module])
    counts = count_values(copy.deepcopy(model), batch)
    for name, variant in variants.items():
        measured = step(architecture, variant, batch)
        arrays.update({f"{name}/{key}": tensor.detach().numpy().copy() for key, tensor in measured.items()})
        if name in ("qat", *BACKENDS):
            torch.save(variant.state_dict(), folder / f"trained_{name}.pth")
    numpy.savez(folder / "oracle.npz", **arrays)

    (folder / "training.onnx").write_bytes(export_training(model, batch))
    (folder / "training_opset13.onnx").write_bytes(export_training(model, batch, opset=OPSET))
    (folder / "oracle.json").write_text(json.dumps({
        "architecture": architecture.name,
        "torch": torch.__version__,
        "variants": list(variants),
        "qat_groups": architecture.qat_groups,
        "eps": architecture.eps(),
        "count": counts,
        "arrays": sorted(arrays),
    }, indent=1) + "\n")
    reference = arrays["float/output"]
    for name in variants:
        print(f"{name:18} max |output - float's| = {numpy.abs(arrays[f'{name}/output'] - reference).max():.3g}")


def step(architecture: Architecture, model: nn.Module, batch: torch.Tensor) -> Dict[str, torch.Tensor]:
    """Runs one batch in training mode, then again in eval mode, and names what that left behind."""
    with torch.no_grad():
        results = {"output": model.train()(batch)}
        model.eval()
        for module in fake_quantizers(model, of_weights=True):
            module.disable_observer()
        results["eval_output"] = model(batch)
    for layer, norm in batch_norm_pairs(architecture):
        module = norm_of(model, layer, norm)
        results[f"{norm}.running_mean"] = module.running_mean
        results[f"{norm}.running_var"] = module.running_var
    for name, module in model.named_modules():
        quantizer = getattr(module, "weight_fake_quant", None)
        if quantizer is not None and quantizer.fake_quant_enabled[0] == 1:
            results[f"{name}.scale"] = quantizer.scale
            results[f"{name}.zero_point"] = quantizer.zero_point
            results[f"{name}.min_val"] = quantizer.activation_post_process.min_val
            results[f"{name}.max_val"] = quantizer.activation_post_process.max_val
            if hasattr(module, "bn"):
                folded = module.to_float()
                folded = folded[0] if isinstance(folded, nn.Sequential) else folded
                results[f"{name}.to_float.weight"] = folded.weight
                results[f"{name}.to_float.bias"] = folded.bias
    return results


def norm_of(model: nn.Module, layer: str, norm: str) -> nn.Module:
    """A pair's BatchNorm: child `bn` of a prepared module, child 1 of a fused one, or still itself."""
    fused = model.get_submodule(layer)
    if hasattr(fused, "bn"):
        return fused.bn
    return fused[1] if isinstance(fused, nn.Sequential) else model.get_submodule(norm)


def count_values(model: nn.Module, batch: torch.Tensor) -> Dict[str, int]:
    counts = {}
    for name, module in model.named_modules():
        if isinstance(module, BATCH_NORMS):
            module.register_forward_pre_hook(
                lambda norm, inputs, name=name: counts.update({name: inputs[0].numel() // norm.num_features}))
    with torch.no_grad():
        model(batch)
    return counts


if __name__ == "__main__":
    main()
