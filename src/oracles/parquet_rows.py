"""Reads Parquet files with DuckDB, and through it with pandas.

    parquet_rows.py FILE...

Prints a JSON object, by the name of each file: {"types": {column: type}, "duckdb": [a row as an object, ...],
"pandas": [the first column's values]}. Times are as ISO 8601 in UTC; a number that is not finite is null.
"""
import datetime
import json
import math
import os
import sys

import duckdb


def plain(value):
    if isinstance(value, datetime.datetime):
        moment = value.astimezone(datetime.timezone.utc)
        fraction = f".{moment.microsecond // 1000:03d}" if moment.microsecond else ""
        return moment.strftime("%Y-%m-%dT%H:%M:%S") + fraction + "Z"
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def read(path):
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    table = connection.read_parquet(path)
    rows = [{name: plain(value) for name, value in zip(table.columns, row)} for row in table.fetchall()]
    frame = connection.read_parquet(path).df()
    return {
        "types": {name: str(kind) for name, kind in zip(table.columns, table.types)},
        "duckdb": rows,
        "pandas": [str(value) for value in frame[frame.columns[0]]],
    }


print(json.dumps({os.path.basename(path): read(path) for path in sys.argv[1:]}))
