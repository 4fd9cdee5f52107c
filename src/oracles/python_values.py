#!/usr/bin/env python3
"""Checkpoints with every kind of Python value beside the weights, and what real PyTorch makes of their weights.

  make OUT    One checkpoint per kind of value in OUT, {"epoch": 3, "state_dict": ..., "beside": value}, and index.json,
              which says the module list and which kinds this Python or torch could not make or save.
  check OUT   Of each OUT/KIND.pth that has an OUT/KIND.fused.pth: whether that loads with weights_only=True, its state
              dict strictly into the fused model, with the bits of fuse_modules. Prints one JSON object.

Runs under torch 1.13 and torch 2. Packages that are not installed are played by modules of the same names.
"""

import argparse
import array
import ast
import collections
import copyreg
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import inspect
import io
import ipaddress
import itertools
import json
import logging
import math
import pathlib
import random
import re
import statistics
import string
import sys
import time
import types
import typing
import uuid
import warnings
import zoneinfo
from typing import Any, Callable, Dict

import numpy
import torch
from torch import nn

GROUPS = [["conv1", "bn1", "relu"], ["conv2", "bn2"], ["fc", "bnf"]]


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3)
        self.bn1 = nn.BatchNorm2d(8)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(8, 8, 3, bias=False)
        self.bn2 = nn.BatchNorm2d(8)
        self.fc = nn.Linear(8, 5)
        self.bnf = nn.BatchNorm1d(5)


def net() -> Net:
    torch.manual_seed(16)
    model = Net()
    for norm in (model.bn1, model.bn2, model.bnf):
        nn.init.uniform_(norm.weight, 0.5, 1.5)
        nn.init.normal_(norm.bias)
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2)
    return model.eval()


def played(module: str, **members: Any) -> None:
    """A module of this name, for packages that are not installed."""
    package = ""
    for part in module.split("."):
        package = package + "." + part if package else part
        sys.modules.setdefault(package, types.ModuleType(package))
    for name, member in members.items():
        member.__module__ = module
        member.__qualname__ = name
        setattr(sys.modules[module], name, member)


class Phase(enum.Enum):
    TRAIN = "train"


class Level(enum.IntEnum):
    HIGH = 3


class Switch(enum.Flag):
    ON = enum.auto()
    HOT = enum.auto()


@dataclasses.dataclass
class Settings:
    rate: float = 0.1
    phase: Phase = Phase.TRAIN


@dataclasses.dataclass(frozen=True)
class Frozen:
    size: int = 3


class Outer:
    class Inner:
        def __init__(self) -> None:
            self.x = 1

    class Mode(enum.Enum):
        FAST = 1

    def method(self, step: int) -> float:
        return 0.5 ** step

    @classmethod
    def made(cls) -> "Outer":
        return cls()


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self) -> None:
        self.a, self.b = 1, [2]


class Reduced:
    def __reduce__(self) -> Any:
        return rebuilt, (1, {"two": [3]})


class ReducedWithState:
    def __reduce__(self) -> Any:
        return rebuilt, (1,), {"state": 2}, iter([1, 2]), iter([("a", 1)])

    def append(self, item: int) -> None: ...

    def __setitem__(self, key: str, item: int) -> None: ...


def rebuilt(*parts: Any) -> Any:
    return parts


class NewArguments:
    def __new__(cls, *parts: Any) -> Any:
        return super().__new__(cls)

    def __getnewargs__(self) -> Any:
        return (1, "two")


class NewKeywords:
    def __new__(cls, *parts: Any, **named: Any) -> Any:
        return super().__new__(cls)

    def __getnewargs_ex__(self) -> Any:
        return (1,), {"key": 2}


class Registered:
    pass


copyreg.pickle(Registered, lambda it: (rebuilt, (7,)))


class OwnDict(dict):
    pass


class OwnOrdered(collections.OrderedDict):
    pass


class OwnList(list):
    pass


class OwnText(str):
    pass


class OwnInt(int):
    pass


class OwnError(Exception):
    pass


class OwnTensor(torch.Tensor):
    pass


class Data(torch.utils.data.Dataset):
    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> int:
        return index


Point = collections.namedtuple("Point", "x y")


class TypedPoint(typing.NamedTuple):
    x: int
    y: int


def function(x: int) -> int:
    return x


class DictConfig:
    """As OmegaConf's: metadata with Python types in it, nodes in nodes."""

    def __init__(self, content: Any) -> None:
        self.__dict__["_metadata"] = ContainerMetadata()
        self.__dict__["_content"] = content
        self.__dict__["_parent"] = None

    def __getstate__(self) -> Any:
        return dict(self.__dict__)


class ContainerMetadata:
    def __init__(self) -> None:
        self.ref_type, self.object_type = typing.Any, dict
        self.key_type, self.element_type = typing.Any, typing.Any
        self.optional, self.flags, self.resolver_cache = True, {}, collections.defaultdict(dict)


class AnyNode:
    def __init__(self, value: Any) -> None:
        self._val, self._parent = value, None


class EasyDict(dict):
    def __init__(self, **named: Any) -> None:
        super().__init__(named)
        self.__dict__.update(named)


class LocalPath:
    """As pathlib's of Python 3.13."""

    def __reduce__(self) -> Any:
        return LocalPath, ("/data", "model")

    def __init__(self, *parts: str) -> None: ...


class InCode:
    """A class of a user's package that is called as a module of the standard library is."""

    def __init__(self) -> None:
        self.x = 1


class InSite(InCode):
    pass


def optimizer() -> torch.optim.Optimizer:
    model = net()
    optimizer = torch.optim.AdamW(model.parameters())
    sum(parameter.sum() for parameter in model.parameters()).backward()
    optimizer.step()
    return optimizer


def transforms() -> Any:
    import torchvision
    return torchvision.transforms.Compose([
        torchvision.transforms.Resize(256), torchvision.transforms.ToTensor(),
        torchvision.transforms.Normalize([0.5], [0.5])])


def image() -> Any:
    from PIL import Image
    return Image.new("RGB", (2, 2))


def expression() -> Any:
    import sympy
    return sympy.Symbol("x") ** 2 + 1




def quantized() -> torch.Tensor:
    return torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8)


def kinds() -> Dict[str, Callable[[], Any]]:
    utc = datetime.timezone.utc
    east = datetime.timezone(datetime.timedelta(hours=2), "east")
    return {
        # Plain values.
        "none": lambda: None, "bool": lambda: True, "int": lambda: -5, "long_int": lambda: 1 << 200,
        "float": lambda: float("nan"), "complex": lambda: 1 + 2j, "text": lambda: "é\n", "bytes": lambda: b"\0\xff",
        "bytearray": lambda: bytearray(b"ab"), "list": lambda: [1, [2]], "tuple": lambda: (1, (2,)),
        "set": lambda: {1, "a"}, "frozenset": lambda: frozenset([1]), "dict": lambda: {1: {"a": (2,)}},
        "ordered_dict": lambda: collections.OrderedDict(a=1), "range": lambda: range(3), "slice": lambda: slice(1, 2),
        "ellipsis": lambda: ..., "loop": loop,
        # The standard library's collections.
        "default_dict": lambda: collections.defaultdict(list, a=[1]), "counter": lambda: collections.Counter("aab"),
        "deque": lambda: collections.deque([1], 3), "chain_map": lambda: collections.ChainMap({"a": 1}),
        "user_dict": lambda: collections.UserDict(a=1), "named_tuple": lambda: Point(1, 2),
        "typed_named_tuple": lambda: TypedPoint(1, 2), "array": lambda: array.array("f", [1, 2]),
        # Enums.
        "enum": lambda: Phase.TRAIN, "int_enum": lambda: Level.HIGH, "flag": lambda: Switch.ON | Switch.HOT,
        "nested_enum": lambda: Outer.Mode.FAST, "enum_class": lambda: Phase, "regex_flag": lambda: re.IGNORECASE,
        # Objects.
        "dataclass": Settings, "frozen_dataclass": Frozen, "nested_class": Outer.Inner, "slots": Slotted,
        "namespace": lambda: types.SimpleNamespace(a=1), "arguments": lambda: argparse.Namespace(lr=0.1, phase=Phase.TRAIN),
        "reduce": Reduced, "reduce_with_state": ReducedWithState, "new_arguments": NewArguments,
        "new_keywords": NewKeywords, "copyreg": Registered, "own_dict": lambda: OwnDict(a=1),
        "own_ordered": lambda: OwnOrdered(a=1), "own_list": lambda: OwnList([1]), "own_text": lambda: OwnText("a"),
        "own_int": lambda: OwnInt(3), "error": lambda: ValueError("a"), "own_error": lambda: OwnError("a"),
        "warning_class": lambda: UserWarning, "class": lambda: Outer, "builtin_class": lambda: dict,
        "in_a_list": lambda: [1, Phase.TRAIN], "in_a_tuple_key": lambda: {(1, Phase.TRAIN): 1},
        # Functions.
        "function": lambda: function, "builtin_function": lambda: max, "bound_method": lambda: Outer().method,
        "class_method": lambda: Outer.made, "partial": lambda: functools.partial(function, x=1),
        "math": lambda: math.sqrt, "torch_function": lambda: torch.relu, "generic_alias": lambda: list[int],
        "typing": lambda: typing.Optional[typing.List[int]], "list_iterator": lambda: iter([1, 2]),
        "count": lambda: itertools.count(3), "signature": lambda: inspect.signature(function),
        # Times, numbers, texts.
        "datetime": lambda: datetime.datetime(2026, 1, 2), "datetime_utc": lambda: datetime.datetime(2026, 1, 2, tzinfo=utc),
        "datetime_east": lambda: datetime.datetime(2026, 1, 2, tzinfo=east),
        "datetime_zone": lambda: datetime.datetime(2026, 1, 2, tzinfo=zoneinfo.ZoneInfo("UTC")),
        "date": lambda: datetime.date(2026, 1, 2), "time": lambda: datetime.time(1), "timedelta": lambda: datetime.timedelta(1),
        "struct_time": lambda: time.gmtime(0), "decimal": lambda: decimal.Decimal("1.5"),
        "fraction": lambda: fractions.Fraction(1, 3), "uuid": lambda: uuid.UUID(int=5),
        "normal_dist": lambda: statistics.NormalDist(), "template": lambda: string.Template("$a"),
        "regex": lambda: re.compile("a+", re.I), "syntax_tree": lambda: ast.parse("a + 1"),
        # The system.
        "path": lambda: pathlib.Path("/data/model"), "pure_path": lambda: pathlib.PurePosixPath("a"),
        "windows_path": lambda: pathlib.PureWindowsPath("c:/a"), "path_3_13": lambda: LocalPath(),
        "address": lambda: ipaddress.ip_address("10.0.0.1"), "logger": lambda: logging.getLogger("train"),
        "formatter": lambda: logging.Formatter("%(message)s"),
        "bytes_io": lambda: io.BytesIO(b"abc"), "string_io": lambda: io.StringIO("abc"),
        # Random generators.
        "random_state": random.getstate, "random": lambda: random.Random(1),
        "numpy_random_state": numpy.random.get_state, "numpy_random": lambda: numpy.random.RandomState(1),
        "numpy_generator": lambda: numpy.random.default_rng(1), "torch_random_state": torch.get_rng_state,
        # numpy.
        "numpy_array": lambda: numpy.ones((2, 3), numpy.float32), "numpy_0d": lambda: numpy.array(1.5),
        "numpy_objects": lambda: numpy.array([{"a": 1}, None], object), "numpy_strings": lambda: numpy.array(["a", "bc"]),
        "numpy_records": lambda: numpy.zeros(2, [("a", "f4"), ("b", "i8")]), "numpy_float": lambda: numpy.float32(1.5),
        "numpy_int": lambda: numpy.int64(3), "numpy_bool": lambda: numpy.bool_(True), "numpy_text": lambda: numpy.str_("a"),
        "numpy_time": lambda: numpy.datetime64("2026-01-02"), "numpy_dtype": lambda: numpy.dtype("float32"),
        "numpy_type": lambda: numpy.float32, "numpy_masked": lambda: numpy.ma.masked_array([1, 2], [True, False]),
        # Tensors.
        "tensor": lambda: torch.ones(2), "bfloat16": lambda: torch.ones(2, dtype=torch.bfloat16),
        "bool_tensor": lambda: torch.tensor([True]), "complex_tensor": lambda: torch.ones(2, dtype=torch.complex64),
        "conjugated": lambda: torch.ones(2, dtype=torch.complex64).conj(), "parameter": lambda: nn.Parameter(torch.ones(2)),
        "sparse": lambda: torch.eye(3).to_sparse(), "sparse_csr": lambda: torch.eye(3).to_sparse_csr(),
        "quantized": quantized, "own_tensor": lambda: torch.ones(2).as_subclass(OwnTensor),
        "meta": lambda: torch.ones(2, device="meta"), "nested_tensor": lambda: torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]),
        "float8": lambda: torch.ones(2).to(torch.float8_e4m3fn), "uint16": lambda: torch.ones(2, dtype=torch.uint16),
        "bits8": lambda: torch.ones(2, dtype=torch.uint8).view(torch.bits8),
        "int4": lambda: torch.empty(2, dtype=torch.int4), "storage": lambda: torch.ones(2).storage(),
        "untyped_storage": lambda: torch.ones(2).untyped_storage(), "hooked_tensor": hooked,
        # torch.
        "device": lambda: torch.device("cpu"), "dtype": lambda: torch.float16, "size": lambda: torch.Size([1, 2]),
        "layout": lambda: torch.strided, "memory_format": lambda: torch.channels_last, "scheme": lambda: torch.per_tensor_affine,
        "generator": lambda: torch.Generator(), "module": lambda: nn.Sequential(nn.Conv2d(1, 1, 1), nn.BatchNorm2d(1)),
        "loss": lambda: nn.CrossEntropyLoss(weight=torch.ones(3)), "optimizer": optimizer,
        "optimizer_state": lambda: optimizer().state_dict(),
        "schedule": lambda: torch.optim.lr_scheduler.StepLR(optimizer(), 1),
        "schedule_of_method": lambda: torch.optim.lr_scheduler.LambdaLR(optimizer(), Outer().method),
        "data_set": Data, "tensors_set": lambda: torch.utils.data.TensorDataset(torch.ones(2)),
        "loader": lambda: torch.utils.data.DataLoader(Data()), "sampler": lambda: torch.utils.data.RandomSampler(Data()),
        "distribution": lambda: torch.distributions.Normal(0.0, 1.0), "transforms": transforms,
        "traced": lambda: torch.fx.symbolic_trace(nn.Sequential(nn.Linear(2, 2))),
        # Other people's packages.
        "image": image, "expression": expression,
        "omega_conf": lambda: DictConfig({"lr": AnyNode(0.1), "sizes": AnyNode([1, 2])}),
        "easy_dict": lambda: EasyDict(a=1), "package_code": InCode, "package_site": InSite,
    }


def loop() -> Any:
    value = {"self": None}
    value["self"] = [value]
    return value


def hooked() -> torch.Tensor:
    tensor = nn.Parameter(torch.ones(2))
    tensor.note = Phase.TRAIN
    return tensor


def make(out: pathlib.Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    played("omegaconf.dictconfig", DictConfig=DictConfig)
    played("omegaconf.base", ContainerMetadata=ContainerMetadata)
    played("omegaconf.nodes", AnyNode=AnyNode)
    played("easydict", EasyDict=EasyDict)
    played("pathlib._local", PosixPath=LocalPath)
    played("code.models", InCode=InCode)
    played("site.models", InSite=InSite)
    absent = {}
    for kind, value in kinds().items():
        for protocol in (2, 4) if kind in ("enum", "nested_class", "bound_method", "frozenset", "bytearray") else (2,):
            name = kind if protocol == 2 else f"{kind}_{protocol}"
            try:
                torch.save({"epoch": 3, "state_dict": net().state_dict(), "beside": value()}, out / f"{name}.pth",
                           pickle_protocol=protocol)
            except Exception as error:  # This Python or torch has no such value, or cannot save it.
                (out / f"{name}.pth").unlink(missing_ok=True)
                absent[name] = f"{type(error).__name__}: {error}"[:200]
    (out / "index.json").write_text(json.dumps({"groups": GROUPS, "absent": absent}, indent=1))


def check(out: pathlib.Path) -> Dict[str, Any]:
    from torch.ao.quantization import fuse_modules
    expected = fuse_modules(net(), GROUPS)
    report = {}
    for fused in sorted(out.glob("*.fused.pth")):
        kind = fused.name[: -len(".fused.pth")]
        try:
            loaded = torch.load(fused, weights_only=True)
            model = fuse_modules(Net().eval(), GROUPS)
            model.load_state_dict(loaded["state_dict"], strict=True)
            bits = all(torch.equal(one, other) for one, other in
                       zip(model.state_dict().values(), expected.state_dict().values()))
            report[kind] = {"bits": bits, "order": list(loaded["state_dict"]) == list(expected.state_dict()),
                            "epoch": loaded["epoch"], "beside": type(loaded["beside"]).__name__ if "beside" in loaded else None}
        except Exception as error:
            report[kind] = {"error": f"{type(error).__name__}: {error}"[:300]}
    return report


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("step", choices=("make", "check"))
    arguments.add_argument("out", type=pathlib.Path)
    options = arguments.parse_args()
    warnings.simplefilter("ignore")
    if options.step == "make":
        make(options.out)
    else:
        print(json.dumps(check(options.out), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
