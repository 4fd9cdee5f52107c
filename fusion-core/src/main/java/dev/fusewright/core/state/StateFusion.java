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

import dev.fusewright.core.plan.Refusal;
import java.util.List;

/**
 * What became of a state dict.
 *
 * @param state the fused state dict, its weights still lazy
 * @param groups what was fused, in the list's order
 * @param dropped what would have been, and was taken back; it is left as it was
 * @param pairs what was folded among it; empty for QAT
 * @param refusals groups that are unsound to fold and were left as they are
 * @param notes what had to be taken for granted beside the groups, since a state dict does not say
 *     it
 */
public record StateFusion(
    StateDict state,
    List<FusedGroup> groups,
    List<FusedGroup> dropped,
    List<FoldedPair> pairs,
    List<Refusal> refusals,
    List<String> notes) {
  /** Copies. */
  public StateFusion {
    groups = List.copyOf(groups);
    dropped = List.copyOf(dropped);
    pairs = List.copyOf(pairs);
    refusals = List.copyOf(refusals);
    notes = List.copyOf(notes);
  }

  /**
   * Modules that became one.
   *
   * @param names as listed, with the prefix
   * @param module what they became, such as {@code ConvBnReLU2d}
   * @param result whether values changed
   * @param notes what had to be taken for granted of them
   */
  public record FusedGroup(List<String> names, String module, Result result, List<String> notes) {
    /** Copies. */
    public FusedGroup {
      names = List.copyOf(names);
      notes = List.copyOf(notes);
    }
  }

  /** Whether a group changed values, or only names. */
  public enum Result {
    /** A BatchNorm was folded. */
    FOLDED,
    /** Modules were put into a container: keys changed, no value did. */
    RENAMED
  }
}
