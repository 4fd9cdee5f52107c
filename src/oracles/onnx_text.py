#!/usr/bin/env python3
"""ONNX's textual syntax by onnx itself: print or parse a folder of files.

    onnx_text.py print IN OUT   every IN/**/*.onnx becomes OUT/<name>.txt, by onnx.printer
    onnx_text.py parse IN OUT   every IN/*.txt becomes OUT/<name>.onnx, by onnx.parser

Needs onnx of the environment that setup makes: older printers leave out elements of tensors and names of nodes.
"""

import argparse
import pathlib

import onnx.parser
import onnx.printer


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("direction", choices=["print", "parse"])
    arguments.add_argument("source", metavar="IN", type=pathlib.Path)
    arguments.add_argument("out", metavar="OUT", type=pathlib.Path)
    options = arguments.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.direction == "print":
        for file in options.source.rglob("*.onnx"):
            text = onnx.printer.to_text(onnx.load(file))
            (options.out / f"{file.stem}.txt").write_text(text, encoding="utf-8")
    else:
        for file in options.source.glob("*.txt"):
            try:
                model = onnx.parser.parse_model(file.read_text(encoding="utf-8"))
            except onnx.parser.ParseError as error:
                raise SystemExit(f"{file}: {error}") from error
            onnx.save(model, options.out / f"{file.stem}.onnx")


if __name__ == "__main__":
    main()
