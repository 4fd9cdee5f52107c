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

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.tensor.Tensors;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Compares two bodies word by word: the same operators of ONNX in the same order, under the same
 * names, with constants that are the same bit by bit. What such bodies capture is not looked at.
 */
final class SameBodies {
  private SameBodies() {}

  /** Whether they are the same. */
  static boolean are(Graph a, Graph b) {
    return a.inputs().equals(b.inputs())
        && a.outputs().equals(b.outputs())
        && a.sparseInitializers().isEmpty()
        && b.sparseInitializers().isEmpty()
        && areConstants(a.initializers(), b.initializers())
        && areNodes(a.nodes(), b.nodes());
  }

  private static boolean areConstants(List<Initializer> a, List<Initializer> b) {
    boolean same = a.size() == b.size();
    for (int i = 0; same && i < a.size(); i++) {
      same =
          a.get(i).name().equals(b.get(i).name())
              && Tensors.areEqual(a.get(i).tensor(), b.get(i).tensor());
    }
    return same;
  }

  private static boolean areNodes(List<Node> a, List<Node> b) {
    boolean same = a.size() == b.size();
    for (int i = 0; same && i < a.size(); i++) {
      same = isSame(a.get(i), b.get(i));
    }
    return same;
  }

  private static boolean isSame(Node a, Node b) {
    return a.op().domain().isEmpty() // The others may be functions, whose bodies stand elsewhere.
        && a.op().equals(b.op())
        && a.inputs().equals(b.inputs())
        && a.outputs().equals(b.outputs())
        && a.attributes().keySet().equals(b.attributes().keySet())
        && a.attributes().entrySet().stream()
            .allMatch(entry -> isSame(entry.getValue(), b.attributes().get(entry.getKey())));
  }

  private static boolean isSame(Attribute a, @Nullable Attribute b) {
    if (a instanceof Attribute.TensorValue tensor) {
      return b instanceof Attribute.TensorValue other
          && Tensors.areEqual(tensor.value(), other.value());
    }
    if (a instanceof Attribute.Body body) {
      return b instanceof Attribute.Body other && are(body.value(), other.value());
    }
    return !(a instanceof Attribute.Bodies) && a.equals(b);
  }
}
