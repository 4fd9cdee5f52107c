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

import dev.fusewright.core.graph.Captures;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.tensor.ElementCodec;
import dev.fusewright.core.tensor.Tensor;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The values that the nodes of a scope may read: given and computed ones, its constants, and those
 * of the scopes around it. A value is dropped after its last reader.
 */
final class Values {
  private final StoredConstants constants;
  private final Map<String, NdArray> given;
  private final Map<String, NdArray> made = new HashMap<>();
  private final Map<String, Integer> reads;
  private final HeldMemory memory;
  private final @Nullable Values outer;

  /**
   * Values of a scope.
   *
   * @param reads of each value, by nodes that are still to come
   * @param outer null for a model's main graph, and in a function
   */
  Values(
      Graph graph,
      Map<String, NdArray> given,
      Map<String, Integer> reads,
      HeldMemory memory,
      @Nullable Values outer) {
    this.constants = new StoredConstants(graph);
    this.given = given;
    this.reads = new HashMap<>(reads);
    this.memory = memory;
    this.outer = outer;
  }

  /**
   * A value, whole; null if there is none.
   *
   * @throws EvaluationMemoryException if it is a constant, and does not fit into the heap
   */
  @Nullable NdArray value(String name) {
    NdArray value = known(name);
    if (value != null) {
      return value;
    }
    Tensor constant = constants.find(name);
    if (constant == null) {
      return outer == null ? null : outer.value(name);
    }
    memory.hold(name, constant.shape().elementCount());
    value = NdArray.of(constant);
    made.put(name, value);
    return value;
  }

  /** A constant of numbers, to be read where it is stored; null if it is here whole, or is none. */
  @Nullable Tensor constant(String name) {
    if (known(name) != null) {
      return null;
    }
    Tensor constant = constants.find(name);
    if (constant == null) {
      return outer == null ? null : outer.constant(name);
    }
    return ElementCodec.supports(constant.type()) ? constant : null;
  }

  private @Nullable NdArray known(String name) {
    NdArray value = given.get(name);
    return value == null ? made.get(name) : value;
  }

  /** Whether somebody will read a value that a node makes. */
  boolean isAsked(String name) {
    return reads.containsKey(name) && !given.containsKey(name);
  }

  void put(String name, NdArray value) {
    memory.hold(name, value.size());
    made.put(name, value);
  }

  /** Drops what a node was the last to read. */
  void release(Node node) {
    LinkedHashSet<String> read = new LinkedHashSet<>(node.inputs());
    read.addAll(Captures.of(node));
    for (String name : read) {
      if (reads.containsKey(name) && reads.merge(name, -1, Integer::sum) == 0) {
        drop(made.remove(name));
      }
    }
  }

  /** Drops the rest. */
  void releaseAll() {
    made.values().forEach(this::drop);
    made.clear();
  }

  private void drop(@Nullable NdArray value) {
    if (value != null) {
      memory.release(value.size());
    }
  }
}
