#!/usr/bin/env python3
"""Runs onnx's own checker, with shape inference, on models before and after fusion.

Prints a JSON array, an object for each pair: what the checker says of the original and of the fused model
(null: nothing), and whether the fused one has a complaint that the original has not. Exits 1 if any has.
Needs onnx of the environment that setup makes: Debian's knows only opsets up to 17.
"""

import argparse
import json
import sys
from typing import Optional

import onnx


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("models", nargs="+", metavar="ORIGINAL FUSED", help="pairs of files")
    models = arguments.parse_args().models
    if len(models) % 2:
        arguments.error("models come in pairs: ORIGINAL FUSED")
    reports = [report(original, fused) for original, fused in zip(models[::2], models[1::2])]
    print(json.dumps(reports, indent=1))
    return 1 if any(it["worse"] for it in reports) else 0


def report(original: str, fused: str) -> dict:
    before, after = complaint(original), complaint(fused)
    return {
        "onnx": onnx.__version__,
        "original": {"file": original, "complaint": before},
        "fused": {"file": fused, "complaint": after},
        # The checker stops at the first complaint, and one about another node may name the same fault.
        "worse": after is not None and (before is None or first_line(before) != first_line(after)),
    }


def complaint(path: str) -> Optional[str]:
    try:
        onnx.checker.check_model(path, full_check=True)
    except Exception as error:  # The checker, the inference and the parser each raise their own.
        return f"{type(error).__name__}: {error}".replace(path, "the file")
    return None


def first_line(text: str) -> str:
    return text.splitlines()[0]


if __name__ == "__main__":
    sys.exit(main())
