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
package dev.fusewright.core.diff;

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.TensorDifference;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.text.Amounts;
import dev.fusewright.core.text.GraphText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Difference of two models' parameters by their names, bit by bit.
 *
 * @param same names of those that have the same type, shape and bits
 * @param changed under the same name, and not the same
 * @param removed names that only the first has
 * @param added names that only the second has
 * @param uncompared names of those of the same type and shape whose values are not there, or are
 *     texts
 */
public record ParameterDiff(
    List<String> same,
    List<Changed> changed,
    List<String> removed,
    List<String> added,
    List<String> uncompared) {
  /** Named in a sentence on many. */
  private static final int NAMED = 3;

  /** Copies the lists. */
  public ParameterDiff {
    same = List.copyOf(same);
    changed = List.copyOf(changed);
    removed = List.copyOf(removed);
    added = List.copyOf(added);
    uncompared = List.copyOf(uncompared);
  }

  /** What a tensor is without its values. */
  public record Form(ElementType type, Shape shape) {
    static Form of(Tensor tensor) {
      return new Form(tensor.type(), tensor.shape());
    }

    /** Such as {@code float[64,3,7,7]}. */
    public String text() {
      return type.text() + shape;
    }
  }

  /**
   * A parameter that is not the same.
   *
   * @param difference of its elements; null where the forms are not one, or have elements that are
   *     no whole bytes
   */
  public record Changed(
      String name, Form before, Form after, @Nullable TensorDifference difference) {
    /** How it changed, as a sentence goes on behind its name. */
    public String how() {
      if (!before.equals(after)) {
        return "is %s in the first and %s in the second".formatted(before.text(), after.text());
      }
      return difference == null
          ? "has other bytes"
          : String.format(
              Locale.ROOT,
              "differs in %d of %s, by %.3g at most",
              difference.differing(),
              Amounts.count(difference.elements(), "element"),
              difference.worst());
    }
  }

  /**
   * Compares them in the order of the first.
   *
   * @throws dev.fusewright.core.tensor.TensorReadException if a file fails
   */
  public static ParameterDiff of(
      Map<String, ? extends Tensor> first, Map<String, ? extends Tensor> second) {
    List<String> same = new ArrayList<>();
    List<Changed> changed = new ArrayList<>();
    List<String> removed = new ArrayList<>();
    List<String> uncompared = new ArrayList<>();
    first.forEach(
        (name, tensor) -> {
          Tensor other = second.get(name);
          if (other == null) {
            removed.add(name);
          } else if (Form.of(tensor).equals(Form.of(other)) && !haveValues(tensor, other)) {
            uncompared.add(name);
          } else if (Tensors.areEqual(tensor, other)) {
            same.add(name);
          } else {
            changed.add(changed(name, tensor, other));
          }
        });
    List<String> added =
        second.keySet().stream()
            .<String>map(name -> name)
            .filter(name -> !first.containsKey(name))
            .toList();
    return new ParameterDiff(same, changed, removed, added, uncompared);
  }

  private static boolean haveValues(Tensor first, Tensor second) {
    return first.type().bits() > 0 && !GraphText.isElided(first) && !GraphText.isElided(second);
  }

  private static Changed changed(String name, Tensor first, Tensor second) {
    Form before = Form.of(first);
    Form after = Form.of(second);
    boolean isCounted = before.equals(after) && before.type().bits() % Byte.SIZE == 0;
    return new Changed(name, before, after, isCounted ? TensorDifference.of(first, second) : null);
  }

  /** Whether nothing is known to differ. */
  public boolean isEmpty() {
    return changed.isEmpty() && removed.isEmpty() && added.isEmpty();
  }

  /** Whether both have the same names, and every tensor the same type, shape and bits. */
  public boolean isSame() {
    return isEmpty() && uncompared.isEmpty();
  }

  /** The names alone. */
  public Changes changes() {
    return new Changes(removed, added, changed.stream().map(Changed::name).toList());
  }

  /** What differs, in a sentence that names the first of each kind. */
  public String summary() {
    return Stream.of(
            part(
                "%d of %s differ: ",
                changed.stream()
                    .map(tensor -> "'%s' %s".formatted(tensor.name(), tensor.how()))
                    .toList()),
            part("%d only in the first: ", removed),
            part("%d only in the second: ", added),
            part("%d without values to compare: ", uncompared))
        .filter(part -> !part.isEmpty())
        .reduce((a, b) -> a + "; " + b)
        .orElse(
            same.size() == 1
                ? "the one tensor is the same, bit for bit"
                : "all %d tensors are the same, bit for bit".formatted(same.size()));
  }

  private String part(String format, List<String> items) {
    if (items.isEmpty()) {
      return "";
    }
    int shown = Math.min(NAMED, items.size());
    String more = items.size() > shown ? ", and %d more".formatted(items.size() - shown) : "";
    return format.formatted(items.size(), Amounts.count(same.size() + changed.size(), "tensor"))
        + String.join(", ", items.subList(0, shown))
        + more;
  }
}
