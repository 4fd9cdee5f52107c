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
package dev.fusewright.io.aten;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the program of an archive says, and where.
 *
 * @param inputs names of the graph's inputs
 * @param inputSpecs names of the same inputs, in the signature
 * @param parameters by their names in the graph
 * @param mutated names in the model of the buffers that the program changes
 * @param outputs names of values that leave the graph
 * @param values what is said of each tensor
 */
public record Program(
    List<Placed<String>> inputs,
    List<Placed<String>> inputSpecs,
    Map<String, Parameter> parameters,
    Set<String> mutated,
    List<String> outputs,
    List<Placed<AtenNode>> nodes,
    Map<String, Placed<TensorMeta>> values,
    long opset,
    String torchVersion) {
  public Program {
    inputs = List.copyOf(inputs);
    inputSpecs = List.copyOf(inputSpecs);
    parameters = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    mutated = Set.copyOf(mutated);
    outputs = List.copyOf(outputs);
    nodes = List.copyOf(nodes);
    values = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }
}
