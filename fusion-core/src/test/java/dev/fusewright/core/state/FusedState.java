/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.core.state;

import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.core.proof.FusionProof;
import dev.fusewright.core.rule.RuleSet;
import dev.fusewright.core.rule.fold.Rules;
import java.util.List;
import java.util.Map;

/** A single state dict with its plan carried out, for tests. */
public record FusedState(StatePlan plan) {
  /**
   * With PyTorch's rules.
   *
   * @throws ModuleListException if the list cannot be carried out
   */
  public static FusedState of(StateDict state, StateFusionRequest request) {
    return of(state, request, Rules.torch());
  }

  static FusedState of(StateDict state, StateFusionRequest request, RuleSet rules) {
    return new FusedState(
        StatePlan.of(Map.of("", ListedState.of(state, request)), List.of(), rules));
  }

  public StateDict state() {
    return plan.states(plan.plan()).get("");
  }

  public List<FusedGroup> groups() {
    return plan.groups(plan.plan(), "");
  }

  public List<ModuleGroup> listed() {
    return groups().stream().map(FusedGroup::group).toList();
  }

  List<Refusal> refusals() {
    return plan.plan().refusals();
  }

  /** What is proven of a file that holds {@code written}. */
  FusionProof proof(StateDict written) {
    return FusionProof.of(plan.plan(), plan.reread(plan.plan(), Map.of("", written)), 5);
  }
}
