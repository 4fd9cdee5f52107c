#!/usr/bin/env python3
"""Prints the table of operators that ONNX Runtime's CPU provider can run: by kernel, or by the standard's function body.

model-io decides from it whether a model that ONNX Runtime refuses has an operator that it has no kernel for (OrtKernels).
Needs onnx and onnxruntime: run it with FUSEWRIGHT_PYTHON_TORCH2 (see src/oracles/setup), anew for each version of ONNX Runtime:

  ort_kernels.py > model-io/src/main/resources/dev/fusewright/io/runtime/cpu-kernels.tsv

A line is domain, operator, the first version of the operator set and the last one (empty: none yet). ONNX Runtime takes a kernel for a
node if the version in which the node's operator was last changed is the one that the kernel begins with, or lies in the kernel's
closed range. Element types are left out: for those ONNX Runtime has an error code of its own.
"""

import collections

import onnx
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as state

OPEN = 2**31 - 1


def takes(kernel, since):
    first, last = kernel
    return first == since or (first < since and last != OPEN and since <= last)


def main():
    kernels = collections.defaultdict(set)
    for kernel in state.get_all_opkernel_def():
        kernels[kernel.domain, kernel.op_name].add(tuple(kernel.version_range))
    changes = collections.defaultdict(set)
    functions = set()
    for schema in onnx.defs.get_all_schemas_with_history():
        key = schema.domain, schema.name
        changes[key].add(schema.since_version)
        if schema.has_function or schema.has_context_dependent_function:
            functions.add((*key, schema.since_version))
    for schema in state.get_all_operator_schema():
        changes[schema.domain, schema.name].add(schema.since_version)
    rows = [("", "Constant", 1, "")]  # It becomes an initializer when a model is loaded.
    for (domain, name), versions in changes.items():
        ordered = sorted(versions)
        for since, following in zip(ordered, ordered[1:] + [None]):
            last = "" if following is None else following - 1
            if (domain, name, since) in functions or any(takes(kernel, since) for kernel in kernels[domain, name]):
                rows.append((domain, name, since, last))
    print(f"# ONNX Runtime {onnxruntime.__version__}, CPU; made by src/oracles/ort_kernels.py")
    for row in sorted(merged(sorted(rows))):
        print("\t".join(str(column) for column in row))


def merged(rows):
    """Ranges that follow each other, as one."""
    result = []
    for domain, name, first, last in rows:
        if result and result[-1][:2] == (domain, name) and result[-1][3] != "" and result[-1][3] + 1 == first:
            result[-1] = (domain, name, result[-1][2], last)
        else:
            result.append((domain, name, first, last))
    return result


if __name__ == "__main__":
    main()
