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
package dev.fusewright.pipeline.model;

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.ValueInfo;
import java.util.List;

/**
 * What a model takes and answers.
 *
 * @param inputs without those that have a value of their own
 * @param outputs in the model's order
 */
public record ModelInterface(List<ValueInfo> inputs, List<ValueInfo> outputs) {
  /** That of what has no graph. */
  public static final ModelInterface NONE = new ModelInterface(List.of(), List.of());

  /** Copies the lists. */
  public ModelInterface {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  static ModelInterface of(Graph graph) {
    return new ModelInterface(graph.requiredInputs(), graph.outputs());
  }
}
