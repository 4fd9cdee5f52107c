#!/usr/bin/env python3
"""Reads safetensors files with the real library and prints what they hold.

A JSON array, an object for each file: its metadata and, by name, each tensor's shape, dtype (the format's
name for it) and sha256 of its bytes. Exits 1 if a file is refused, saying why.
"""

import argparse
import hashlib
import json
import pathlib
import sys
from typing import Any, Dict, List

import safetensors


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("files", nargs="+", type=pathlib.Path, metavar="FILE")
    reports = [report(file) for file in arguments.parse_args().files]
    print(json.dumps(reports, indent=1))
    return 1 if any("error" in it for it in reports) else 0


def report(file: pathlib.Path) -> Dict[str, Any]:
    try:
        with safetensors.safe_open(str(file), framework="np") as opened:
            metadata = opened.metadata()
        return {"file": str(file), "metadata": metadata, "tensors": tensors(file)}
    except (OSError, safetensors.SafetensorError) as error:
        return {"file": str(file), "error": f"{type(error).__name__}: {error}"}


def tensors(file: pathlib.Path) -> List[Dict[str, Any]]:
    return [{"name": name, "shape": it["shape"], "dtype": it["dtype"],
             "sha256": hashlib.sha256(it["data"]).hexdigest()}
            for name, it in sorted(safetensors.deserialize(file.read_bytes()), key=lambda pair: pair[0])]


if __name__ == "__main__":
    sys.exit(main())
