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
package dev.fusewright.core.reference;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.tensor.ElementCodec;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FilledTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.tensor.TransposedTensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The constants of one scope that can be read where they are stored: initializers, what Constant
 * and ConstantOfShape nodes say, and what a Transpose makes of any of them. The rules have their
 * own knowledge of constants: a proof shares no code with them.
 */
public final class StoredConstants {
  private static final OpKind TRANSPOSE = OpKind.onnx("Transpose");
  private static final OpKind OF_SHAPE = OpKind.onnx("ConstantOfShape");
  private static final int MOST_AXES = 32;

  private final Map<String, Tensor> initializers = new HashMap<>();
  private final Map<String, Node> producers = new HashMap<>();

  /** Those of {@code graph}, not those of the scopes around it. */
  public StoredConstants(Graph graph) {
    for (Initializer initializer : graph.initializers()) {
      initializers.put(initializer.name(), initializer.tensor());
    }
    for (Node node : graph.nodes()) {
      if (node.is(OpKind.CONSTANT) || node.is(OF_SHAPE) || node.is(TRANSPOSE)) {
        producers.put(node.output(), node);
      }
    }
  }

  /** The tensor of a constant; null if the name is not that of one. */
  public @Nullable Tensor find(String name) {
    Tensor tensor = initializers.get(name);
    if (tensor == null) {
      Node producer = producers.get(name);
      tensor = producer == null ? null : made(producer);
    }
    return tensor;
  }

  private @Nullable Tensor made(Node producer) {
    if (producer.is(OpKind.CONSTANT)) {
      return producer.tensorAttribute("value");
    }
    if (producer.is(OF_SHAPE)) {
      return filled(producer);
    }
    Tensor source = initializers.get(producer.input(0));
    if (source == null) {
      Node before = producers.get(producer.input(0));
      source = before == null || before.is(TRANSPOSE) ? null : made(before);
    }
    boolean isOpen = producer.attributes().get("perm") instanceof Attribute.Reference;
    return source == null || isOpen ? null : transposed(source, producer.intsAttribute("perm"));
  }

  private @Nullable Tensor filled(Node node) {
    Tensor shape = initializers.get(node.input(0));
    boolean isShape =
        shape != null
            && shape.type() == ElementType.INT64
            && shape.shape().rank() == 1
            && shape.shape().elementCount() <= MOST_AXES;
    Tensor value = node.tensorAttribute("value");
    if (shape == null || !isShape || (value == null && !node.attributes().isEmpty())) {
      return null;
    }
    try {
      Shape filled = Shape.of(Tensors.longs(shape, MOST_AXES));
      if (value == null) {
        return new FilledTensor(ElementType.FLOAT, filled, 0);
      }
      return value.shape().elementCount() == 1 && ElementCodec.supports(value.type())
          ? new FilledTensor(value.type(), filled, Tensors.doubles(value, 1)[0])
          : null;
    } catch (IllegalArgumentException e) {
      return null; // No shape: the operator says so when it is evaluated.
    }
  }

  private static @Nullable Tensor transposed(Tensor source, @Nullable List<Long> perm) {
    int rank = source.shape().rank();
    List<Integer> order =
        perm == null
            ? IntStream.range(0, rank).map(axis -> rank - 1 - axis).boxed().toList()
            : perm.stream().map(Long::intValue).toList();
    boolean permutes =
        order.stream().sorted().toList().equals(IntStream.range(0, rank).boxed().toList());
    return permutes ? new TransposedTensor(source, order) : null;
  }
}
