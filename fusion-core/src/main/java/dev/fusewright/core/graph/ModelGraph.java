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
package dev.fusewright.core.graph;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A whole model.
 *
 * @param irVersion ONNX's IR version; from 4 on an initializer that is also an input is only a
 *     default
 * @param opsets version of each imported operator set, by domain; {@code ai.onnx} is the empty one
 */
public record ModelGraph(
    long irVersion, Map<String, Long> opsets, Graph graph, List<Function> functions) {
  /**
   * The first IR version in which callers may override an initializer that is listed as an input.
   */
  public static final long OVERRIDABLE_INITIALIZERS_SINCE = 4;

  /** The first IR version with model-local functions. */
  public static final long FUNCTIONS_SINCE = 8;

  /** Copies the collections. */
  public ModelGraph {
    opsets = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(opsets));
    functions = List.copyOf(functions);
  }

  /** This model with another main graph. */
  public ModelGraph withGraph(Graph newGraph) {
    return new ModelGraph(irVersion, opsets, newGraph, functions);
  }

  /**
   * This model with no initializer that callers may override: none is among the inputs. Before
   * {@value #OVERRIDABLE_INITIALIZERS_SINCE} all have to be, and none can be overridden.
   */
  public ModelGraph frozen() {
    Set<String> overridable = defaults().keySet();
    return overridable.isEmpty()
        ? this
        : withGraph(
            graph.withInputs(
                graph.inputs().stream()
                    .filter(input -> !overridable.contains(input.name()))
                    .toList()));
  }

  /**
   * Initializers that callers may override, by name: those among the inputs, from IR version
   * {@value #OVERRIDABLE_INITIALIZERS_SINCE} on.
   */
  public Map<String, Initializer> defaults() {
    Map<String, Initializer> defaults = new LinkedHashMap<>();
    if (irVersion >= OVERRIDABLE_INITIALIZERS_SINCE) {
      Set<String> inputs = graph.inputs().stream().map(ValueInfo::name).collect(Collectors.toSet());
      graph.initializers().stream()
          .filter(initializer -> inputs.contains(initializer.name()))
          .forEach(initializer -> defaults.put(initializer.name(), initializer));
    }
    return defaults;
  }
}
