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
package dev.fusewright.pipeline.report;

import dev.fusewright.core.analysis.shape.MultiplyAdds;
import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.report.ModelSize;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts of a model's nodes, parameters and operators, over all its scopes, and of what a run
 * takes.
 */
public final class ModelSizes {
  private static final Logger LOG = LoggerFactory.getLogger(ModelSizes.class);

  private final Map<String, Long> operators = new TreeMap<>();
  private long nodes;
  private long parameters;

  private ModelSizes() {}

  /**
   * The size of a model.
   *
   * @param bytes of its file
   */
  public static ModelSize of(ModelGraph model, long bytes) {
    ModelSizes sizes = new ModelSizes();
    sizes.add(model.graph());
    for (Function function : model.functions()) {
      sizes.add(function.body());
    }
    ModelSize.Builder size = sizes.total(bytes);
    multiplyAdds(model).ifPresent(count -> set(size, count));
    return size.build();
  }

  /** A defect of the analysis costs this figure, not the model. */
  private static Optional<MultiplyAdds.Count> multiplyAdds(ModelGraph model) {
    try {
      return MultiplyAdds.of(model);
    } catch (TensorReadException e) {
      throw e;
    } catch (RuntimeException | StackOverflowError e) {
      LOG.warn("multiply-adds cannot be counted, which is a defect; please report it", e);
      return Optional.empty();
    }
  }

  private static void set(ModelSize.Builder size, MultiplyAdds.Count count) {
    count.perSample().ifPresent(size::setMultiplyAdds);
    if (count.isOpen()) {
      size.setMultiplyAddsFormula(count.formula());
    }
  }

  private ModelSize.Builder total(long bytes) {
    return ModelSize.newBuilder()
        .setNodes(nodes)
        .setParameters(parameters)
        .setBytes(bytes)
        .setOperators(operators);
  }

  /**
   * The size of a file of state dicts, which have parameters and no nodes.
   *
   * @param bytes of the file
   */
  public static ModelSize of(List<StateDict> states, long bytes) {
    ModelSizes sizes = new ModelSizes();
    long tensors = 0;
    for (StateDict state : states) {
      tensors += state.tensors().size();
      state.tensors().values().forEach(tensor -> sizes.parameters += tensor.shape().elementCount());
    }
    return sizes.total(bytes).setTensors(tensors).build();
  }

  private void add(Graph graph) {
    for (Initializer initializer : graph.initializers()) {
      parameters += initializer.tensor().shape().elementCount();
    }
    for (Node node : graph.nodes()) {
      nodes++;
      operators.merge(node.op().toString(), 1L, Long::sum);
      for (Attribute attribute : node.attributes().values()) {
        if (attribute instanceof Attribute.TensorValue constant) {
          parameters += constant.value().shape().elementCount();
        }
      }
      node.bodies().forEach(this::add);
    }
  }
}
