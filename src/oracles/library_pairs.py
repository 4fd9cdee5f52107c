#!/usr/bin/env python3
"""Finds the layers and BatchNorms that follow each other in other people's models: library_pairs.json.

  1. Builds each model on torch's device "meta", where tensors have no values; YOLOs, which ask for values, on the CPU.
  2. Runs it, and watches every call: a BatchNorm is a layer's, if the very tensor that the layer returned is what the
     BatchNorm takes, and nothing else reads that tensor. Between a Linear and a BatchNorm1d may stand a flatten.
  3. Writes the tree of the modules that have parameters: a class for each, `BatchNorm2d<conv1` for one behind its
     sibling conv1, `BatchNorm2d</stem.conv` for one behind a layer elsewhere.

Needs timm, transformers, ultralytics, yolov5 and yolox beside what requirements.txt has, in an environment of
your own; the file is committed as fusion-core's test data. A library that is not there is left out, and said.
"""

import argparse
import json
import pathlib
import sys
import warnings
from typing import Any, Callable, Dict, List, Tuple

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

LAYERS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.Linear, nn.ConvTranspose2d)
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
VIEWS = ("flatten", "reshape", "view")
IMAGE = (2, 3, 224, 224)
SMALL = (1, 3, 64, 64)

TIMM = {
    "timm_efficientnet": """efficientnet_b0 efficientnet_es mobilenetv2_100 mnasnet_small fbnetc_100 mobilenetv3_large_100
        mixnet_s mobilenetv4_conv_small lcnet_050 tf_efficientnet_b0 tf_efficientnet_lite0 tf_efficientnetv2_b0
        tf_mobilenetv3_large_100 tf_mobilenetv3_small_minimal_100""",
    "levit": "levit_128s levit_conv_128s repvit_m0_9",
    "hrnet": "hrnet_w18_small",
    "dla": "dla34 dla60x",
    "conv-bn": "inception_v3 efficientvit_m0 vovnet39a darknet53",
}
TIMM_MORE = {
    "timm_efficientnet": """efficientnet_lite0 efficientnetv2_rw_t mnasnet_100 spnasnet_100 mobilenetv3_small_050 fbnetv3_b
        mobilenetv4_conv_medium tf_efficientnet_es tf_efficientnetv2_s tf_mixnet_s hardcorenas_a tinynet_e""",
    "levit": "levit_256 repvit_m1",
    "hrnet": "hrnet_w32",
    "dla": "dla46_c dla60 dla102",
    "conv-bn": "cspresnet50 cspdarknet53",
}
HUGGING_FACE = {"ResNet": "resnet", "RegNet": "regnet", "MobileNetV1": "mobilenet_v1", "MobileNetV2": "mobilenet_v2",
                "MobileViT": "mobilevit", "HGNetV2": "hgnet_v2", "Levit": "levit", "EfficientNet": "efficientnet"}
RECIPES = {"Levit": "transformers_levit", "EfficientNet": "transformers_efficientnet"}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("out", type=pathlib.Path, metavar="FILE", help="the file to write")
    arguments.add_argument("--more", action="store_true", help="models that are checked once, and not committed, too")
    options = arguments.parse_args()
    warnings.filterwarnings("ignore")
    lines = []
    for recipe, name, build, shape in (*timm_models(TIMM), *(timm_models(TIMM_MORE) if options.more else ()), *hugging_face_models(), *yolo_models()):
        try:
            device = "cpu" if name.startswith("yolo") else "meta"
            with torch.device(device):
                model = build().eval()
            facts = {"recipe": recipe, **facts_of(model, shape, device)}
        except Exception as error:  # A library that is not there, or a model that meta tensors cannot run.
            print(f"{name}: {type(error).__name__}: {str(error)[:200]}", file=sys.stderr)
            continue
        lines.append(f"{json.dumps(name)}: {json.dumps(facts, separators=(',', ':'))}")
        print(f"{name}: {facts['pairs']} pairs of {facts['norms']} BatchNorms, eps {facts['eps']}", file=sys.stderr)
    options.out.write_text("{\n" + ",\n".join(lines) + "\n}\n")


Model = Tuple[str, str, Callable[[], nn.Module], Tuple[int, ...]]


def timm_models(listed: Dict[str, str]) -> List[Model]:
    def build(name: str) -> nn.Module:
        import timm
        return timm.create_model(name, pretrained=False)

    sizes = {"inception_v3": 299}
    return [(recipe, f"timm/{name}", lambda name=name: build(name), (2, 3, sizes.get(name, 224), sizes.get(name, 224)))
            for recipe, names in listed.items() for name in names.split()]


def hugging_face_models() -> List[Model]:
    def build(name: str) -> nn.Module:
        import transformers
        model = getattr(transformers, "HGNetV2Backbone" if name == "HGNetV2" else f"{name}Model")
        return model(getattr(transformers, f"{name}Config")())

    return [(RECIPES.get(name, "transformers_conv"), f"transformers/{model}",
             lambda name=name: build(name), IMAGE) for name, model in HUGGING_FACE.items()]


def yolo_models() -> List[Model]:
    def ultralytics(file: str) -> nn.Module:
        from ultralytics.nn.tasks import DetectionModel
        return DetectionModel(file, verbose=False)

    def yolov5(file: str) -> nn.Module:
        from yolov5.models.yolo import Model as Yolo
        import yolov5 as package
        return Yolo(pathlib.Path(package.__file__).parent / "models" / file)

    def yolox() -> nn.Module:
        from yolox.models import YOLOPAFPN, YOLOX, YOLOXHead
        model = YOLOX(YOLOPAFPN(0.33, 0.25), YOLOXHead(2, 0.25))
        for module in model.modules():
            if isinstance(module, NORMS):
                module.eps = 1e-3  # As yolox's Exp.get_model sets it.
        return model

    return [("yolov5", "yolov5n", lambda: yolov5("yolov5n.yaml"), SMALL),
            ("yolov8", "yolov8n", lambda: ultralytics("yolov8n.yaml"), SMALL),
            ("yolov8", "yolo11n", lambda: ultralytics("yolo11n.yaml"), SMALL),
            ("yolox", "yolox_nano", yolox, SMALL)]


class Uses(TorchFunctionMode):
    """Counts who reads each tensor, and remembers which are flattened others."""

    def __init__(self) -> None:
        self.readers: Dict[int, int] = {}
        self.viewed: Dict[int, torch.Tensor] = {}
        self.kept: List[Any] = []

    def __torch_function__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        name = getattr(function, "__name__", "")
        if name == "__get__" or name in ("dim", "size", "numel", "is_floating_point", "stride"):
            return result
        # reshape_as reads no more than the shape of its second operand.
        for value in tensors((args[:1] if name == "reshape_as" else args, kwargs or {})):
            self.kept.append(value)
            self.readers[id(value)] = self.readers.get(id(value), 0) + 1
        if name in VIEWS and isinstance(result, torch.Tensor) and result.shape[-1:] == args[0].shape[-1:]:
            self.kept.append(result)
            self.viewed[id(result)] = args[0]
        return result


def tensors(value: Any) -> List[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [tensor for item in value for tensor in tensors(item)] if isinstance(value, (list, tuple)) else []


def facts_of(model: nn.Module, shape: Tuple[int, ...], device: str) -> Dict[str, Any]:
    names = {module: name for name, module in model.named_modules()}
    made: Dict[int, str] = {}
    taken: List[Tuple[str, torch.Tensor]] = []
    calls: Dict[str, int] = {}
    uses = Uses()

    def made_by(module: nn.Module, inputs: Any, output: torch.Tensor) -> None:
        made[id(output)] = names[module]
        calls[names[module]] = calls.get(names[module], 0) + 1
        uses.kept.append(output)

    def taken_by(module: nn.Module, inputs: Tuple[torch.Tensor, ...]) -> None:
        taken.append((names[module], inputs[0]))
        calls[names[module]] = calls.get(names[module], 0) + 1
        uses.kept.append(inputs[0])

    for module in names:
        if isinstance(module, LAYERS):
            module.register_forward_hook(made_by)
        elif isinstance(module, NORMS):
            module.register_forward_pre_hook(taken_by)
    with torch.no_grad(), torch.device(device), uses:
        model(torch.zeros(shape, device=device))
    pairs: Dict[str, str] = {}
    for norm, value in taken:
        alone = uses.readers.get(id(value)) == 1
        if id(value) not in made and id(value) in uses.viewed and isinstance(model.get_submodule(norm), nn.BatchNorm1d):
            value = uses.viewed[id(value)]
            alone = alone and uses.readers.get(id(value)) == 1
        layer = made.get(id(value))
        if layer is not None and alone and calls[norm] == calls[layer] == 1:
            pairs[norm] = layer
    norms = [module for module in names if isinstance(module, NORMS)]
    eps = sorted({module.eps for module in norms})
    return {"eps": eps[0] if len(eps) == 1 else eps, "norms": len(norms), "pairs": len(pairs),
            "tree": tree(model, "", pairs)}


def tree(module: nn.Module, name: str, pairs: Dict[str, str]) -> Any:
    """Nested by children; a class where a module has parameters of its own and none below."""
    if isinstance(module, (*LAYERS, *NORMS)):
        kind = next(base.__name__ for base in (*LAYERS, *NORMS) if isinstance(module, base))
        layer = pairs.get(name)
        if layer is None:
            return kind
        parent = name.rpartition(".")[0]
        sibling = layer.rpartition(".")[0] == parent
        return f"{kind}<{layer.rpartition('.')[2] if sibling else '/' + layer}"
    children = {child: tree(below, f"{name}.{child}".lstrip("."), pairs) for child, below in module.named_children()}
    return {child: below for child, below in children.items() if below}


if __name__ == "__main__":
    main()
