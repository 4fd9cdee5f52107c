"""Runs every query of a page of documentation over the tables and reports in a folder.

    report_queries.py PAGE FOLDER

Blocks of sql are run by DuckDB, blocks of python by this interpreter. Prints a JSON list with an object for each:
{"language": "sql", "rows": 3} or {"language": "python", "lines": 3}. The first that fails ends it.
"""
import contextlib
import io
import json
import os
import re
import sys

import duckdb


def run(language, text):
    if language == "sql":
        return {"language": language, "rows": len(duckdb.sql(text).fetchall())}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(text, "query", "exec"), {})
    return {"language": language, "lines": len(printed.getvalue().splitlines())}


page = open(sys.argv[1], encoding="utf-8").read()
os.chdir(sys.argv[2])
blocks = re.findall(r"^```(sql|python)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
print(json.dumps([run(language, text) for language, text in blocks]))
