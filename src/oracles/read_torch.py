#!/usr/bin/env python3
"""Reads PyTorch checkpoints with real PyTorch and prints what they hold.

  1. torch.load with weights_only=True; with --trusted, without, for files of our own making. A TorchScript archive is
     loaded by torch.jit.load, and its state_dict() taken.
  2. Dicts, lists and tuples are walked; each tensor is printed with its path (a list of keys and indices), shape,
     dtype, stride, sha256 of its contiguous bytes, and the number of its storage, equal for tensors that share one.
  3. Numbers, text, booleans and None are printed as values, _metadata's versions by the path of their dict.

A JSON array, an object for each file. Exits 1 if a file is refused, saying why. Runs under torch 1.13 and torch 2.
"""

import argparse
import hashlib
import json
import pathlib
import sys
import zipfile
from typing import Any, Dict, List

import torch


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("files", nargs="+", type=pathlib.Path, metavar="FILE")
    arguments.add_argument("--trusted", action="store_true", help="run whatever the pickle says")
    options = arguments.parse_args()
    reports = [report(file, not options.trusted) for file in options.files]
    print(json.dumps(reports, indent=1))
    return 1 if any("error" in it for it in reports) else 0


def report(file: pathlib.Path, weights_only: bool) -> Dict[str, Any]:
    found: Dict[str, Any] = {"file": str(file), "torch": torch.__version__, "tensors": [], "values": [], "versions": []}
    try:
        if is_script(file):
            loaded = torch.jit.load(str(file), map_location="cpu").state_dict()
        else:
            loaded = torch.load(file, map_location="cpu", weights_only=weights_only)
    except Exception as error:  # Whatever torch objects to is the answer.
        return {"file": str(file), "error": f"{type(error).__name__}: {error}"}
    walk(loaded, [], found, {})
    return found


def is_script(file: pathlib.Path) -> bool:
    if not zipfile.is_zipfile(file):
        return False
    with zipfile.ZipFile(file) as archive:
        return any(name.endswith("/constants.pkl") for name in archive.namelist())


def walk(value: Any, path: List[Any], found: Dict[str, Any], storages: Dict[int, int]) -> None:
    if isinstance(value, torch.Tensor):
        found["tensors"].append(tensor(value, path, storages))
    elif isinstance(value, torch.nn.Module):
        walk(value.state_dict(), path, found, storages)
    elif isinstance(value, dict):
        metadata = getattr(value, "_metadata", None)
        if metadata is not None:
            found["versions"].append({"path": path, "versions": {k: v.get("version") for k, v in metadata.items()}})
        for key, item in value.items():
            walk(item, path + [key], found, storages)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            walk(item, path + [index], found, storages)
    elif value is None or isinstance(value, (bool, int, float, str)):
        found["values"].append({"path": path, "value": value})
    else:
        found["values"].append({"path": path, "type": type(value).__name__, "value": str(value)})


def tensor(value: torch.Tensor, path: List[Any], storages: Dict[int, int]) -> Dict[str, Any]:
    plain = (value.int_repr() if value.is_quantized else value).detach().resolve_conj().resolve_neg().contiguous()
    data = plain.reshape(-1).view(torch.uint8) if plain.numel() else torch.empty(0, dtype=torch.uint8)
    storage = value.untyped_storage() if hasattr(value, "untyped_storage") else value.storage()
    number = storages.setdefault(storage.data_ptr(), len(storages)) if plain.numel() else -1
    return {"path": path, "shape": list(value.shape), "stride": list(value.stride()), "dtype": str(value.dtype)[6:],
            "storage": number, "sha256": hashlib.sha256(data.numpy().tobytes()).hexdigest()}


if __name__ == "__main__":
    sys.exit(main())
