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
package dev.fusewright.core.verify.inputs;

import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.ValueInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Replaces what a model says of its inputs' shapes by what the user says. */
public final class HintedInputs {
  private HintedInputs() {}

  /**
   * The inputs with the shapes of the hints. A name that stands for an open dimension of a hinted
   * input stands for its size in all others, too.
   */
  public static List<ValueInfo> of(List<ValueInfo> inputs, Map<String, InputHint> hints) {
    Map<String, Dim> named = new HashMap<>();
    List<ValueInfo> hinted = new ArrayList<>();
    for (ValueInfo input : inputs) {
      InputHint hint = hints.get(input.name());
      if (hint == null || hint.shape() == null) {
        hinted.add(input);
        continue;
      }
      List<Dim> sizes = hint.shape().stream().map(Dim::of).toList();
      List<Dim> open = input.dims();
      for (int axis = 0; open != null && axis < Math.min(open.size(), sizes.size()); axis++) {
        if (open.get(axis) instanceof Dim.Symbolic symbolic) {
          named.put(symbolic.name(), sizes.get(axis));
        }
      }
      hinted.add(new ValueInfo(input.name(), input.type(), sizes));
    }
    return hinted.stream().map(input -> withSizes(input, named)).toList();
  }

  /** An input where names stand for sizes. */
  static ValueInfo withSizes(ValueInfo input, Map<String, Dim> named) {
    List<Dim> dims = input.dims();
    return dims == null
        ? input
        : new ValueInfo(
            input.name(),
            input.type(),
            dims.stream()
                .map(
                    dim ->
                        dim instanceof Dim.Symbolic symbolic
                            ? named.getOrDefault(symbolic.name(), dim)
                            : dim)
                .toList());
  }
}
