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
package dev.fusewright.core.modules;

import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import java.util.List;
import java.util.Optional;

/** The module that a node's parameters are named after: {@code conv1} for {@code conv1.weight}. */
final class ParameterScope {
  private static final List<String> PARAMETERS =
      List.of(".weight", ".bias", ".running_mean", ".running_var");

  private ParameterScope() {}

  static Optional<String> of(GraphView graph, Node node) {
    for (int i = 0; i < node.inputs().size(); i++) {
      String name = node.input(i);
      Node producer = graph.producer(name);
      if (producer != null && producer.is(OpKind.TRANSPOSE)) {
        name = producer.input(0);
      }
      for (String parameter : PARAMETERS) {
        if (name.endsWith(parameter) && name.length() > parameter.length()) {
          return Optional.of(name.substring(0, name.length() - parameter.length()));
        }
      }
    }
    return Optional.empty();
  }
}
