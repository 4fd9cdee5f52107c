"""Reads a file as a CronWorkflow, with Argo's own model in Hera. Prints every field that the model does not know."""

import sys

import yaml
from hera.workflows.models import CronWorkflow


def unknown(given, known, path):
    """The model drops what it does not know: so what was given and is not there any more."""
    if isinstance(given, dict):
        for key, value in given.items():
            if not isinstance(known, dict) or key not in known:
                yield f"{path}.{key}"
            else:
                yield from unknown(value, known[key], f"{path}.{key}")
    elif isinstance(given, list):
        for index, (one, other) in enumerate(zip(given, known)):
            yield from unknown(one, other, f"{path}[{index}]")


with open(sys.argv[1], encoding="utf-8") as file:
    workflow = yaml.safe_load(file)
read = CronWorkflow.model_validate(workflow).model_dump(by_alias=True, exclude_none=True)
lost = list(unknown(workflow, read, ""))
print("\n".join(lost))
sys.exit(1 if lost else 0)
