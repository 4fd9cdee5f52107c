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
package dev.fusewright.io.runtime;

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementType;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Inputs and outputs of an archive by their places. A tensor of which the code does not say the
 * type has that of most parameters.
 */
record TorchInterface(List<ValueInfo> inputs, List<ValueInfo> outputs) {
  TorchInterface {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** The interface that an archive's code was read as having. */
  static TorchInterface of(ModelGraph graph) {
    ElementType type = typeOfMost(graph);
    return new TorchInterface(
        typed(graph.graph().inputs(), type), typed(graph.graph().outputs(), type));
  }

  /**
   * The interface of a candidate: where it is called the same, what is said of the original holds
   * for both, as far as the runs do not show otherwise. The types of parameters may be others once
   * some are folded.
   */
  TorchInterface ofCandidate(ModelGraph graph) {
    TorchInterface own = of(graph);
    return names(own.inputs).equals(names(inputs)) && names(own.outputs).equals(names(outputs))
        ? this
        : own;
  }

  private static List<String> names(List<ValueInfo> values) {
    return values.stream().map(ValueInfo::name).toList();
  }

  private static List<ValueInfo> typed(List<ValueInfo> values, ElementType type) {
    return values.stream()
        .map(
            value ->
                value.type() == ElementType.UNDEFINED
                    ? new ValueInfo(value.name(), type, value.dims())
                    : value)
        .toList();
  }

  private static ElementType typeOfMost(ModelGraph graph) {
    return graph.graph().initializers().stream()
        .map(one -> one.tensor().type())
        .filter(ElementType::isFoldable)
        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()))
        .entrySet()
        .stream()
        .max(
            Map.Entry.<ElementType, Long>comparingByValue()
                .thenComparing(Map.Entry.comparingByKey()))
        .map(Map.Entry::getKey)
        .orElse(ElementType.FLOAT);
  }
}
