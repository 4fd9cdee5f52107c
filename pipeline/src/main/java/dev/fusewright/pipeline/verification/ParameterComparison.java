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
package dev.fusewright.pipeline.verification;

import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.TensorDifference;
import dev.fusewright.core.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Comparison of parameters by their names, bit by bit.
 *
 * @param same names of those that have the same type, shape and bits
 * @param differences a sentence each, naming the tensor, how many elements differ, and by how much
 * @param removed names that only the first has
 * @param added names that only the second has
 */
public record ParameterComparison(
    List<String> same, List<String> differences, List<String> removed, List<String> added) {
  /** Named in a sentence on many. */
  private static final int NAMED = 3;

  /** Copies the lists. */
  public ParameterComparison {
    same = List.copyOf(same);
    differences = List.copyOf(differences);
    removed = List.copyOf(removed);
    added = List.copyOf(added);
  }

  /**
   * Compares them in the order of the first.
   *
   * @throws dev.fusewright.core.tensor.TensorReadException if a file fails
   */
  public static ParameterComparison of(
      Map<String, ? extends Tensor> first, Map<String, ? extends Tensor> second) {
    List<String> same = new ArrayList<>();
    List<String> differences = new ArrayList<>();
    List<String> removed = new ArrayList<>();
    first.forEach(
        (name, tensor) -> {
          Tensor other = second.get(name);
          if (other == null) {
            removed.add(name);
          } else if (Tensors.areEqual(tensor, other)) {
            same.add(name);
          } else {
            differences.add(difference(name, tensor, other));
          }
        });
    List<String> added =
        second.keySet().stream()
            .<String>map(name -> name)
            .filter(n -> !first.containsKey(n))
            .toList();
    return new ParameterComparison(same, differences, removed, added);
  }

  private static String difference(String name, Tensor first, Tensor second) {
    if (first.type() != second.type() || !first.shape().equals(second.shape())) {
      return "'%s' is %s%s in the first and %s%s in the second"
          .formatted(
              name, first.type().text(), first.shape(), second.type().text(), second.shape());
    }
    try {
      TensorDifference found = TensorDifference.of(first, second);
      return String.format(
          Locale.ROOT,
          "'%s' differs in %d of %d elements, by %.3g at most",
          name,
          found.differing(),
          found.elements(),
          found.worst());
    } catch (IllegalArgumentException e) {
      return "'%s' has other bytes".formatted(name);
    }
  }

  /** Whether both have the same names, and every tensor the same type, shape and bits. */
  public boolean isSame() {
    return differences.isEmpty() && removed.isEmpty() && added.isEmpty();
  }

  /** What differs, in a sentence that names the first of each kind. */
  public String summary() {
    return Stream.of(
            part("%d of %d tensors differ: ", differences),
            part("%d are only in the first: ", removed),
            part("%d are only in the second: ", added))
        .filter(part -> !part.isEmpty())
        .reduce((a, b) -> a + "; " + b)
        .orElse("all %d tensors are the same, bit for bit".formatted(same.size()));
  }

  private String part(String format, List<String> items) {
    if (items.isEmpty()) {
      return "";
    }
    int shown = Math.min(NAMED, items.size());
    String more = items.size() > shown ? ", and %d more".formatted(items.size() - shown) : "";
    return format.formatted(items.size(), same.size() + differences.size())
        + String.join(", ", items.subList(0, shown))
        + more;
  }
}
