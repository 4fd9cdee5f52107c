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
package dev.fusewright.core.engine;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;

/** How many bytes the parameters of a model take in its file, in initializers and attributes. */
final class StoredBytes {
  private StoredBytes() {}

  static long of(ModelGraph model) {
    long bytes = of(model.graph());
    for (Function function : model.functions()) {
      bytes += of(function.body());
    }
    return bytes;
  }

  static long of(Graph graph) {
    long bytes = 0;
    for (var initializer : graph.initializers()) {
      bytes += initializer.tensor().byteCount();
    }
    for (Node node : graph.nodes()) {
      bytes += of(node);
      for (Graph body : node.bodies()) {
        bytes += of(body);
      }
    }
    return bytes;
  }

  /** In the attributes of a node, without its bodies. */
  static long of(Node node) {
    long bytes = 0;
    for (Attribute attribute : node.attributes().values()) {
      if (attribute instanceof Attribute.TensorValue tensor) {
        bytes += tensor.value().byteCount();
      }
    }
    return bytes;
  }
}
