#!/usr/bin/env python3
"""Reads Avro container files, and receipts, with two libraries that are not Java's and prints what they hold.

A JSON array, an object for each file: its records as `fastavro` (C) and as Apache's `avro` (Python) read
them, by nothing but the schema in the file; of a receipt, by the one that its fingerprint names. Times are milliseconds since 1970. Ends with an error if a
library refuses a file.
"""

import argparse
import datetime
import io
import json
import pathlib
import sys
from typing import Any, Dict

import avro.datafile
import avro.io
import avro.schema
import fastavro

MARKER = b"\xc3\x01"
RECEIPTS = (
    pathlib.Path(__file__).resolve().parents[2]
    / "pipeline/src/main/resources/dev/fusewright/pipeline/cache/receipts"
)
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("files", nargs="+", type=pathlib.Path, metavar="FILE")
    print(json.dumps([read(file) for file in arguments.parse_args().files], default=milliseconds))
    return 0


def read(file: pathlib.Path) -> Dict[str, Any]:
    content = file.read_bytes()
    if content.startswith(MARKER):
        return message(file, content)
    with file.open("rb") as opened:
        fast = list(fastavro.reader(opened))
    with avro.datafile.DataFileReader(file.open("rb"), avro.io.DatumReader()) as reader:
        plain = list(reader)
    return {"file": str(file), "fastavro": fast, "avro": plain}


def message(file: pathlib.Path, content: bytes) -> Dict[str, Any]:
    """A record in single-object encoding, with four bytes behind it that are no part of it."""
    fingerprint = int.from_bytes(content[2:10], "little")
    schema = (RECEIPTS / f"{fingerprint:016x}.avsc").read_text(encoding="utf-8")
    record = content[10:-4]
    fast = fastavro.schemaless_reader(io.BytesIO(record), fastavro.parse_schema(json.loads(schema)))
    rest = io.BytesIO(record)
    plain = avro.io.DatumReader(avro.schema.parse(schema)).read(avro.io.BinaryDecoder(rest))
    if rest.read():
        raise ValueError(f"{file}: more bytes than a record")
    return {"file": str(file), "fastavro": [fast], "avro": [plain]}


def milliseconds(value: Any) -> int:
    if isinstance(value, datetime.datetime):
        return round((value - EPOCH) / datetime.timedelta(milliseconds=1))
    raise TypeError(f"{type(value)} is not expected in a report")


if __name__ == "__main__":
    sys.exit(main())
