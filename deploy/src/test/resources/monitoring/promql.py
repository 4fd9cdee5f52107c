"""Reads one PromQL expression a line with a parser that follows Prometheus' own; prints what it refuses."""

import sys

import promql_parser

refused = 0
for line in sys.stdin:
    try:
        promql_parser.parse(line.strip())
    except ValueError as problem:
        refused += 1
        print(f"{line.strip()}: {problem}")
sys.exit(1 if refused else 0)
