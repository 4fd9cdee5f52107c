"""Export to ONNX that leaves every BatchNormalization where it is.

torch's default export folds Conv + BatchNorm itself; an eval model exported with TrainingMode.PRESERVE and
without constant folding keeps them.
"""

import io

import onnx
import onnx.numpy_helper
import torch
from torch import nn

OPSET = 13
TRAINING_OPSET = 15


def export_eval(model: nn.Module, example: torch.Tensor, dynamic_batch: bool = False,
                opset: int = OPSET) -> bytes:
    """An eval model, its BatchNorms unfolded. With torch 1.13 nodes carry scopes: /layer1/layer1.0/conv1/Conv."""
    assert not model.training
    return export(model, example, torch.onnx.TrainingMode.PRESERVE, dynamic_batch, opset)


def export_training(model: nn.Module, example: torch.Tensor, dynamic_batch: bool = False,
                    opset: int = TRAINING_OPSET) -> bytes:
    """A model in training mode, its BatchNormalizations with extra outputs.

    From opset 14 on they have training_mode = 1 and three outputs, the last two the running statistics;
    before, training shows only as five outputs. Tracing runs the model and so moves its running statistics; in the file they are as they were before.
    """
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    model.train()
    exported = onnx.load_from_string(export(model, example, torch.onnx.TrainingMode.TRAINING, dynamic_batch, opset))
    model.load_state_dict(before)
    for initializer in exported.graph.initializer:
        if initializer.name in before:
            initializer.CopyFrom(onnx.numpy_helper.from_array(before[initializer.name].numpy(), initializer.name))
    return exported.SerializeToString(deterministic=True)


def export(model: nn.Module, example: torch.Tensor, mode: torch.onnx.TrainingMode, dynamic_batch: bool,
           opset: int) -> bytes:
    file = io.BytesIO()
    axes = {"input": {0: "batch"}, "output": {0: "batch"}} if dynamic_batch else None
    old_exporter = {} if torch.__version__.startswith("1.") else {"dynamo": False}
    torch.onnx.export(model, example, file, training=mode, do_constant_folding=False, opset_version=opset,
                      input_names=["input"], output_names=["output"], dynamic_axes=axes, **old_exporter)
    onnx.checker.check_model(onnx.load_from_string(file.getvalue()), full_check=True)
    return file.getvalue()
