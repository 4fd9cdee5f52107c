#!/usr/bin/env python3
"""Makes what real PyTorch's fuse_modules, fuse_modules_qat and prepare_qat make of each architecture.

For each architecture, in a folder of its name under OUT:

  1. float.pth, float.legacy.pth (and float.safetensors, where that library is)   the state dict before
     float.onnx                             the eval model, every BatchNormalization left in
  2. eval.pth, eval.onnx                    after fuse_modules
  3. qat.pth                                after fuse_modules_qat
     prepared_fbgemm.pth, prepared_qnnpack.pth      after prepare_qat
  4. input.npy, output.npy, output_eval.npy what the eval model and its fused form answer
  5. oracle.json                            versions, module lists, eps of each BatchNorm, number of keys
                                            of each stage; where QAT is refused, torch's message

Runs under torch 1.13 and under torch 2.
"""

import argparse
import json
import pathlib
from typing import Dict

import numpy
import torch
import torchvision
from torch import nn

from architectures import ARCHITECTURES, Architecture, quietly
from onnx_export import export_eval
from stages import BACKENDS, fuse_eval, fuse_qat, prepare

try:
    import safetensors.torch
except ImportError:  # Debian has it not.
    safetensors = None


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("out", type=pathlib.Path, metavar="OUT", help="the folder to write to")
    arguments.add_argument("--architecture", action="append", choices=sorted(ARCHITECTURES),
                           help="only this one; may be repeated (default: every one with something to fuse)")
    arguments.add_argument("--zero-gammas", action="store_true",
                           help="one gamma in eight is zero (prepared models then answer NaN, as torch's do)")
    options = arguments.parse_args()
    quietly()
    for name in options.architecture or [name for name, it in ARCHITECTURES.items() if it.groups]:
        folder = options.out / name
        folder.mkdir(parents=True, exist_ok=True)
        make(ARCHITECTURES[name], folder, options.zero_gammas)


def make(architecture: Architecture, folder: pathlib.Path, zero_gammas: bool) -> None:
    model = architecture.build(zero_gammas)
    example = architecture.input()
    fused = fuse_eval(architecture, model)
    stages = {"float": model, "eval": fused}
    refusal = None
    if architecture.qat_groups:
        stages["qat"] = fuse_qat(architecture, model)
        stages.update({f"prepared_{backend}": prepare(architecture, model, backend) for backend in BACKENDS})
    else:
        refusal = refusal_of_qat(architecture, model)

    for name, module in stages.items():
        torch.save(module.state_dict(), folder / f"{name}.pth")
    torch.save(model.state_dict(), folder / "float.legacy.pth", _use_new_zipfile_serialization=False)
    if safetensors:
        safetensors.torch.save_file(model.state_dict(), str(folder / "float.safetensors"))
    for name in ("float", "eval"):
        (folder / f"{name}.onnx").write_bytes(export_eval(stages[name], example))
    with torch.no_grad():
        for name, values in {"input": example, "output": model(example), "output_eval": fused(example)}.items():
            numpy.save(folder / f"{name}.npy", values.numpy())
    (folder / "oracle.json").write_text(json.dumps({
        "architecture": architecture.name,
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
        "groups": architecture.groups,
        "qat_groups": architecture.qat_groups,
        "qat_refusal": refusal,
        "eps": architecture.eps(),
        "keys": key_counts(stages),
    }, indent=1) + "\n")
    print(architecture.name, key_counts(stages))


def refusal_of_qat(architecture: Architecture, model: nn.Module) -> str:
    """What torch says to the eval module lists in QAT."""
    try:
        torch.ao.quantization.fuse_modules_qat(model.train(), architecture.groups)
    except Exception as error:  # torch raises no narrower type here.
        return str(error)
    finally:
        model.eval()
    raise AssertionError(f"torch fuses {architecture.name} in QAT: give it qat_groups")


def key_counts(stages: Dict[str, nn.Module]) -> Dict[str, int]:
    return {name: len(module.state_dict()) for name, module in stages.items()}


if __name__ == "__main__":
    main()
