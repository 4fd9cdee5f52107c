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
package dev.fusewright.core.plan;

import java.util.List;
import java.util.Set;

/**
 * One application of a rule.
 *
 * @param id position in the plan, from 0
 * @param rule id of the rule
 * @param module what PyTorch calls the result, for example {@code ConvReLU2d}
 * @param nodes labels of the nodes of the site, in data order
 * @param nodeIds ids of those nodes
 * @param output name of the value that the site computes, before and after
 * @param edits what carries it out; empty unless {@code result} is {@link Result#FOLDED}
 * @param touched ids of nodes and names of values that the edits make or change; two fusions that
 *     share one depend on each other
 * @param notes what a person should know of it, each one sentence: a weight that was copied because
 *     it is shared, a call of a module that stays, documentation that went with its node
 */
public record Fusion(
    int id,
    String rule,
    String module,
    ScopePath scope,
    List<String> nodes,
    List<Integer> nodeIds,
    String output,
    Result result,
    List<Edit> edits,
    Set<String> touched,
    List<String> notes) {

  /** Effect of a fusion on the file. */
  public enum Result {
    /** The graph changed: parameters were folded or modules built. */
    FOLDED("folded"),
    /**
     * The site only forms a container, such as Conv and ReLU in eval mode: nothing changes in the
     * file.
     */
    UNCHANGED("unchanged"),
    /** Modules moved into a container: keys of a state dict are others, no value is. */
    RENAMED("renamed");

    private final String text;

    Result(String text) {
      this.text = text;
    }

    /** As the report spells it. */
    public String text() {
      return text;
    }
  }

  /** Copies the collections. */
  public Fusion {
    nodes = List.copyOf(nodes);
    nodeIds = List.copyOf(nodeIds);
    edits = List.copyOf(edits);
    touched = Set.copyOf(touched);
    notes = List.copyOf(notes);
  }

  /** Whether the edits make or change the value called {@code name}. */
  public boolean touchesValue(String name) {
    return touched.contains("value " + name);
  }
}
