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
package dev.fusewright.core.state;

import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One module of a state dict: what it registered itself, without its children.
 *
 * @param name dotted; empty for the root
 * @param version of its class, as {@code _metadata} has it
 * @param entries by the last part of their names, in order
 */
record StateModule(String name, long version, Map<String, StateEntry> entries) {
  /** What a class of one's own keeps beside its parameters: carried, and read by nobody else. */
  static final String EXTRA = "_extra_state";

  private static final Set<String> LAYER = Set.of("weight", "bias", EXTRA);
  private static final Set<String> NORM =
      Set.of("weight", "bias", "running_mean", "running_var", "num_batches_tracked", EXTRA);

  StateModule {
    entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
  }

  StateModule named(String newName) {
    return new StateModule(newName, version, entries);
  }

  Optional<Tensor> tensor(String local) {
    return entries.get(local) instanceof StateEntry.Parameter parameter
        ? Optional.of(parameter.tensor())
        : Optional.empty();
  }

  /** The shape of an entry; a scalar's if there is no such tensor. */
  Shape shape(String local) {
    return tensor(local).map(Tensor::shape).orElse(Shape.SCALAR);
  }

  /**
   * Has a weight of two to five axes, at most a bias of one, and nothing else: a Linear or a
   * convolution.
   */
  boolean isLayer() {
    int rank = shape("weight").rank();
    return LAYER.containsAll(entries.keySet())
        && rank >= 2
        && rank <= 5
        && (!entries.containsKey("bias") || shape("bias").rank() == 1);
  }

  /**
   * Has running statistics: a BatchNorm (or an InstanceNorm that tracks them, which no list fuses).
   */
  boolean isNorm() {
    return NORM.containsAll(entries.keySet())
        && shape("running_mean").rank() == 1
        && shape("running_var").rank() == 1
        && isAbsentOrVector("weight")
        && isAbsentOrVector("bias");
  }

  /** What is there and cannot be read, as a sparse or quantized tensor, is not absent. */
  private boolean isAbsentOrVector(String local) {
    return !entries.containsKey(local) || shape(local).rank() == 1;
  }

  /**
   * Has a weight and a bias of one axis, as a BatchNorm without statistics has, and many another
   * norm.
   */
  boolean isNormWithoutStatistics() {
    return !entries.isEmpty() && LAYER.containsAll(entries.keySet()) && shape("weight").rank() == 1;
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }
}
