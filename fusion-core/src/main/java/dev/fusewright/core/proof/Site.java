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
package dev.fusewright.core.proof;

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A part of a model in which fusions that build on one another changed something.
 *
 * @param fusions their ids in the plan
 * @param rule the ids of their rules, joined by {@code +}
 * @param scope as a plan names it
 * @param nodes labels of the nodes of the original, in graph order
 * @param before the part in the original
 * @param constants those of its inputs that are stored constants: the other side has the same
 * @param computed those that are computed: the other side's are nearly the same
 * @param otherwise the same part with a constant entering it, where nothing else does; null if it
 *     is none or has none
 * @param defect why the part could not be cut out of the original, which is a defect; empty if it
 *     was
 */
record Site(
    List<Integer> fusions,
    String rule,
    ScopePath scope,
    List<String> nodes,
    Subgraph before,
    Boundary boundary,
    Map<String, Tensor> constants,
    Map<String, NdArray> computed,
    @Nullable Site otherwise,
    String defect) {
  /** Copies the lists. */
  Site {
    fusions = List.copyOf(fusions);
    nodes = List.copyOf(nodes);
    constants = Map.copyOf(constants);
    computed = Map.copyOf(computed);
  }

  /** A part that could be cut out. */
  Site(
      List<Integer> fusions,
      String rule,
      ScopePath scope,
      List<String> nodes,
      Subgraph before,
      Boundary boundary,
      Map<String, Tensor> constants,
      Map<String, NdArray> computed,
      @Nullable Site otherwise) {
    this(fusions, rule, scope, nodes, before, boundary, constants, computed, otherwise, "");
  }

  /** A part that could not be cut out of the original: nothing is known but its fusions. */
  static Site uncut(List<Fusion> fusions, Throwable cause) {
    Subgraph nothing =
        new Subgraph(
            new Graph("site", List.of(), List.of(), List.of(), List.of()),
            Map.of(),
            List.of(),
            Map.of());
    return new Site(
        fusions.stream().map(Fusion::id).sorted().toList(),
        fusions.stream().map(Fusion::rule).distinct().collect(Collectors.joining("+")),
        fusions.get(0).scope(),
        fusions.stream().flatMap(fusion -> fusion.nodes().stream()).distinct().toList(),
        nothing,
        new Boundary(List.of(), List.of(), List.of()),
        Map.of(),
        Map.of(),
        null,
        Defects.message("the site cannot be cut out of the original", cause));
  }

  /** The values that enter the site. */
  List<String> inputs() {
    return boundary.inputs();
  }

  /** The values that leave the site. */
  List<String> outputs() {
    return boundary.outputs();
  }
}
