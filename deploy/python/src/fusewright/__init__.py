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
"""Folds the BatchNormalizations of models into the layers before them, and proves it.

A thin layer over the program ``fusewright``: each call starts it once, with ``--json``, and waits for
its end. Options of the command line are keyword arguments, with underscores for dashes; a list gives
an option more than once, and ``True`` one that takes no value.
"""

from fusewright._api import FusewrightError, RejectedError, fuse, inspect, verify
from fusewright._java import JavaNotFoundError
from fusewright._report import Fusion, ModelFigures, Refusal, Report
from fusewright._version import VERSION as __version__

__all__ = [
    "Fusion",
    "FusewrightError",
    "JavaNotFoundError",
    "ModelFigures",
    "Refusal",
    "RejectedError",
    "Report",
    "__version__",
    "fuse",
    "inspect",
    "verify",
]
