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
"""The report of one model, as ``--json`` prints it, with types for what is asked most."""

from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional


@dataclass(frozen=True)
class Fusion:
    """Layers that became one: ``result`` is "folded" or "unchanged", of what a runtime may fuse itself."""

    rule: str
    module: str
    nodes: List[str]
    result: str


@dataclass(frozen=True)
class Refusal:
    """A site that was not fused, and why: ``reason`` is a stable code, ``message`` a sentence."""

    rule: str
    nodes: List[str]
    reason: str
    message: str


@dataclass(frozen=True)
class ModelFigures:
    """How large a model is."""

    nodes: Optional[int]
    parameters: Optional[int]
    bytes: Optional[int]


@dataclass(frozen=True)
class Report:
    """What was done with one model, and what that rests on.

    :ivar outcome: FUSED, NOTHING_TO_FUSE, UNCHANGED, REJECTED or FAILED
    :ivar verdict: EQUIVALENT, AS_LISTED, DIFFERENT, INCONCLUSIVE or NOT_CHECKED
    :ivar data: the whole report
    """

    outcome: str
    verdict: str
    output: Optional[str]
    fusions: List[Fusion]
    refusals: List[Refusal]
    before: Optional[ModelFigures]
    after: Optional[ModelFigures]
    notes: List[str]
    error: Optional[str]
    data: Mapping[str, Any] = field(repr=False)

    @staticmethod
    def of(data: Dict[str, Any]) -> "Report":
        """A report as it was printed. What a newer program adds is in ``data``."""
        return Report(
            outcome=data["outcome"],
            verdict=data["equivalence"]["verdict"],
            output=data["output"]["uri"] if data["output"] else None,
            fusions=[Fusion(f["rule"], f["module"], f["nodes"], f["result"]) for f in data["fusions"]],
            refusals=[Refusal(r["rule"], r["nodes"], r["reason"], r["message"]) for r in data["refusals"]],
            before=_figures(data["before"]),
            after=_figures(data["after"]),
            notes=list(data["notes"]),
            error=data["error"]["message"] if data["error"] else None,
            data=data,
        )


def _figures(data: Optional[Dict[str, Any]]) -> Optional[ModelFigures]:
    return ModelFigures(data["nodes"], data["parameters"], data["bytes"]) if data else None
