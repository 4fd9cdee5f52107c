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

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.tensor.StoredTensor;
import dev.fusewright.core.tensor.Tensor;

/** Bytes of tensors that lie in no file, with the small stretches that are copied beside each. */
final class ComputedBytes {
  private static final long BESIDE = 1L << 18;

  private long total;

  void add(Tensor tensor) {
    if (!(tensor instanceof StoredTensor)) {
      total = Math.addExact(total, tensor.byteCount() + BESIDE);
    }
  }

  void add(Graph graph) {
    for (Initializer initializer : graph.initializers()) {
      add(initializer.tensor());
    }
    for (Node node : graph.nodes()) {
      for (Attribute attribute : node.attributes().values()) {
        if (attribute instanceof Attribute.TensorValue constant) {
          add(constant.value());
        }
      }
      node.bodies().forEach(this::add);
    }
  }

  long total() {
    return total;
  }
}
