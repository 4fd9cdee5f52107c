# Copyright the Fusewright authors.
#
# Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
# in compliance with the License. You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software distributed under the License
# is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
# or implied. See the License for the specific language governing permissions and limitations under
# the License.
"""The three calls."""

import json
import os
import subprocess
from typing import List, Optional, Sequence, Union

from fusewright import _java
from fusewright._report import Report

StrPath = Union[str, "os.PathLike[str]"]
Setting = Union[str, int, float, bool, Sequence[str]]


class FusewrightError(RuntimeError):
    """A model could not be worked on, or the call was wrong.

    :ivar report: what is known of it; none where the call was wrong
    """

    def __init__(self, message: str, report: Optional[Report] = None):
        super().__init__(message)
        self.report = report


class RejectedError(FusewrightError):
    """A fusion could not be proven, or was proven wrong. Nothing was written; ``report`` says why."""


def fuse(path: StrPath, out: StrPath, **settings: Setting) -> Report:
    """Fuses one model and writes it, proven.

    A model in which there is nothing to fuse is copied as it is (NOTHING_TO_FUSE).

    :param path: a model: .onnx, .pt, .pth, .safetensors, or an index of shards
    :param out: where the fused model is written
    :param settings: options of ``fusewright fuse``, such as ``verify="site"`` or ``modules="recipe:resnet18"``
    :raises RejectedError: if it is not proven; nothing was written
    :raises FusewrightError: if it could not be read or written, or a setting is wrong
    :raises JavaNotFoundError: if there is no Java 17 or newer
    """
    report = _report(["fuse", os.fspath(path), "-o", os.fspath(out)], settings)
    if report.outcome == "REJECTED":
        raise RejectedError(f"{os.fspath(path)}: rejected: {report.error or report.verdict}", report)
    return report


def inspect(path: StrPath, **settings: Setting) -> Report:
    """Says what would be fused, what not, and why. Writes nothing; the verdict is NOT_CHECKED.

    :param settings: options of ``fusewright inspect``
    :raises FusewrightError: if it could not be read, or a setting is wrong
    :raises JavaNotFoundError: if there is no Java 17 or newer
    """
    return _report(["inspect", os.fspath(path)], settings)


def verify(original: StrPath, candidate: StrPath, **settings: Setting) -> Report:
    """Compares two models, whoever made the second; ``verdict`` says whether they are the same.

    :param settings: options of ``fusewright verify``
    :raises FusewrightError: if one could not be read, or a setting is wrong
    :raises JavaNotFoundError: if there is no Java 17 or newer
    """
    return _report(["verify", os.fspath(original), os.fspath(candidate)], settings)


def _report(arguments: List[str], settings: "dict[str, Setting]") -> Report:
    command, environment = _java.command([*arguments, "--json", *_options(settings)])
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
    if not done.stdout.lstrip().startswith("{"):
        raise FusewrightError(done.stderr.strip() or f"the program ended with {done.returncode} and said nothing")
    report = Report.of(json.loads(done.stdout))
    if report.outcome == "FAILED":
        raise FusewrightError(f"{arguments[1]}: {report.error}", report)
    return report


def _options(settings: "dict[str, Setting]") -> List[str]:
    options: List[str] = []
    for name, value in settings.items():
        option = "--" + name.replace("_", "-")
        if value is True:
            options.append(option)
        elif isinstance(value, (str, int, float)) and value is not False:
            options.append(f"{option}={value}")
        elif value is not False:
            options.extend(f"{option}={one}" for one in value)
    return options
