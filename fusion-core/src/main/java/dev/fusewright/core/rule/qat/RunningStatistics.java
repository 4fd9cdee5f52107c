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
package dev.fusewright.core.rule.qat;

import static dev.fusewright.core.graph.OpKind.BATCH_NORMALIZATION;

import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The statistics that the BatchNorms of a training form update, made visible: a proof compares them
 * as it compares the outputs.
 */
public final class RunningStatistics {
  private static final int FIRST_OPERAND = 3;

  private RunningStatistics() {}

  /**
   * A model whose outputs are followed by the updated means and variances of its BatchNorms, as far
   * as they have names; itself where there are none.
   */
  public static ModelGraph exposed(ModelGraph model) {
    Graph graph = model.graph();
    Map<String, Tensor> constants = new HashMap<>();
    for (Initializer initializer : graph.initializers()) {
      constants.put(initializer.name(), initializer.tensor());
    }
    List<ValueInfo> outputs = new ArrayList<>(graph.outputs());
    Set<String> known = new HashSet<>();
    outputs.forEach(output -> known.add(output.name()));
    for (Node node : graph.nodes()) {
      if (node.is(BATCH_NORMALIZATION) && node.intAttribute("training_mode", 0) == 1) {
        for (int i = 1; i < Math.min(node.outputs().size(), 3); i++) {
          String name = node.outputs().get(i);
          Tensor before = constants.get(node.input(FIRST_OPERAND + i - 1));
          if (!name.isEmpty() && before != null && known.add(name)) {
            List<Dim> dims = before.shape().dims().stream().map(Dim::of).toList();
            outputs.add(new ValueInfo(name, before.type(), dims));
          }
        }
      }
    }
    return outputs.size() == graph.outputs().size()
        ? model
        : model.withGraph(
            new Graph(
                graph.name(),
                graph.nodes(),
                graph.initializers(),
                graph.inputs(),
                outputs,
                graph.valueInfos(),
                graph.annotations(),
                graph.sparseInitializers()));
  }
}
