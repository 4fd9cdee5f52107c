#!/usr/bin/env python3
"""Makes small checkpoints with real PyTorch, one peculiarity each, for the reader to be compared on.

  types.pth           every element type that this torch can save       views.pth   strides, sharing, scalars, no elements
  nested.pth          state_dict, optimizer, epoch, arguments           legacy.pth  the same in the legacy format
  list.pth            models_state_dict, a list                         parallel.pth  DataParallel's prefix
  module.pth          a whole pickled module                            module_legacy.pth  the same in the legacy format
  quantized.pth       per tensor and per channel                        parameters.pth  nn.Parameter among tensors
  deflated.pth        nested.pth, packed again with deflate             protocol4.pth  nested.pth in pickle protocol 4
  extras.pth          what cannot be written without running code       channels_last.pth  a model in that memory format
  legacy4.pth, legacy5.pth  the legacy format in pickle protocols 4, 5  trailing.pth  nested.pth with bytes behind its end
  own_dict.pth        a state dict of a subclass of OrderedDict
  big_endian.pth      types.pth as a big-endian machine saves it; no_checksums.pth  nested.pth without CRC-32 (torch 2)

Runs under torch 1.13 and torch 2.
"""

import argparse
import collections
import pathlib
import warnings
import zipfile
from typing import Any, Dict

import torch
from torch import nn


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("out", type=pathlib.Path, metavar="OUT", help="the folder to write to")
    out = arguments.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")
    torch.manual_seed(6)

    torch.save(types(), out / "types.pth")
    torch.save(views(), out / "views.pth")
    torch.save(nested(), out / "nested.pth")
    torch.save(nested(), out / "legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(nested(), out / "protocol4.pth", pickle_protocol=4)
    torch.save({"models_state_dict": [model().state_dict()], "is_best": False}, out / "list.pth")
    torch.save(nn.DataParallel(model()).state_dict(), out / "parallel.pth")
    torch.save(model(), out / "module.pth")
    torch.save(model(), out / "module_legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(model().to(memory_format=torch.channels_last).state_dict(), out / "channels_last.pth")
    torch.save(quantized(), out / "quantized.pth")
    torch.save({"a.weight": nn.Parameter(torch.randn(3, 2)), "a.bias": torch.randn(3)}, out / "parameters.pth")
    torch.save(dict(nested(), config=argparse.Namespace(lr=0.1), path=pathlib.Path("/tmp/x")), out / "extras.pth")
    repack(out / "nested.pth", out / "deflated.pth")
    for protocol in (4, 5):
        torch.save(nested(), out / f"legacy{protocol}.pth", pickle_protocol=protocol, _use_new_zipfile_serialization=False)
    (out / "trailing.pth").write_bytes((out / "nested.pth").read_bytes() + bytes(100))
    # Of this module's name, so that whoever reads the file can import the class.
    from torch_files import OwnDict as Importable
    torch.save(Importable(model().state_dict()), out / "own_dict.pth")
    if not torch.__version__.startswith("1."):
        big_endian(out / "types.pth", out / "big_endian.pth")
        torch.utils.serialization.config.save.compute_crc32 = False
        torch.save(nested(), out / "no_checksums.pth")


class OwnDict(collections.OrderedDict):
    pass


def big_endian(source: pathlib.Path, target: pathlib.Path) -> None:
    """The same as a big-endian machine writes it: torch knows the width of every storage that has a type."""
    values = {name: value for name, value in torch.load(source).items() if value.dtype not in UNTYPED}
    torch.save(values, target)
    swapped = {str(i): bytes(value.reshape(-1).view(torch.uint8).tolist())
               for i, value in enumerate(values.values())}
    widths = [value.element_size() // (2 if value.is_complex() else 1) for value in values.values()]
    with zipfile.ZipFile(target) as old:
        records = [(info.filename, old.read(info)) for info in old.infolist()]
    with zipfile.ZipFile(target, "w") as new:
        for name, content in records:
            folder, _, key = name.rpartition("/")
            if name.endswith("/byteorder"):
                content = b"big"
            elif folder.endswith("/data"):
                width = widths[int(key)]
                assert content == swapped[key]
                content = b"".join(content[at:at + width][::-1] for at in range(0, len(content), width))
            new.writestr(name, content)


UNTYPED = [getattr(torch, name) for name in ("uint16", "uint32", "uint64", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz",
                                             "float8_e5m2fnuz") if hasattr(torch, name)]


def model() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 4, 3, bias=False))


def nested() -> Dict[str, Any]:
    trained = model()
    optimizer = torch.optim.Adam(trained.parameters())
    trained(torch.randn(2, 3, 8, 8)).sum().backward()
    optimizer.step()
    return {"epoch": 17, "state_dict": trained.state_dict(), "optimizer": optimizer.state_dict(), "loss": 0.25,
            "best": torch.tensor(91.5), "name": "tést", "classes": ["cat", "dog"], "size": torch.Size([3, 8]),
            "large": 1 << 70, "negative": -5, "none": None, "flag": True, "device": torch.device("cpu")}


def types() -> Dict[str, torch.Tensor]:
    names = ["float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool", "complex64",
             "complex128", "uint16", "uint32", "uint64", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz",
             "float8_e5m2fnuz"]
    found = [(name, getattr(torch, name)) for name in names if hasattr(torch, name)]
    return collections.OrderedDict((name, torch.arange(6).reshape(2, 3).to(dtype)) for name, dtype in found)


def views() -> Dict[str, torch.Tensor]:
    base = torch.randn(6, 8)
    return collections.OrderedDict(
        base=base, transposed=base.t(), rows=base[1:3], columns=base[:, 2:5], every_other=base[::2, ::3],
        scalar=base[2, 3], empty=torch.empty(0, 4), none_of=base[3:3], expanded=base[:, :1].expand(6, 5),
        permuted=torch.randn(2, 3, 4, 5).permute(0, 2, 3, 1), shared=base, ones=torch.ones(1, 1, 7)[..., ::2],
        zero_dim=torch.tensor(7))


def quantized() -> Dict[str, Any]:
    whole = torch.quantize_per_tensor(torch.randn(4, 3), 0.1, 3, torch.quint8)
    each = torch.quantize_per_channel(torch.randn(4, 3), torch.rand(4) + 0.1, torch.zeros(4), 0, torch.qint8)
    return {"whole": whole, "each": each, "packed": (each, None), "dtype": torch.qint8, "scale": torch.tensor(0.1)}


def repack(source: pathlib.Path, target: pathlib.Path) -> None:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, old.read(info))


if __name__ == "__main__":
    main()
