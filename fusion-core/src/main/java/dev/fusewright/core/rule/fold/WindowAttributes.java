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
package dev.fusewright.core.rule.fold;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.text.Amounts;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Attributes of a Conv or ConvTranspose, held against the axes of its weight. */
final class WindowAttributes {
  private static final Set<String> AUTO_PADS =
      Set.of("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER");

  private WindowAttributes() {}

  /**
   * The weight, unless an attribute makes no window of it: a list for another number of axes, a
   * step below 1, a number beyond 32 bits, a kernel of another size, or a value of another kind. No
   * runner takes such a node.
   */
  static Decision<Tensor> check(Node node, Tensor weight) {
    List<Long> dims = weight.shape().dims();
    int spatial = dims.size() - 2;
    List<Long> kernel = dims.subList(2, dims.size());
    String odd = odd(node, "strides", spatial, 1);
    odd = odd == null ? odd(node, "dilations", spatial, 1) : odd;
    odd = odd == null ? odd(node, "pads", 2 * spatial, Integer.MIN_VALUE) : odd;
    odd = odd == null ? odd(node, "output_padding", spatial, 0) : odd;
    odd = odd == null ? odd(node, "kernel_shape", spatial, 1) : odd;
    if (odd == null && node.attributes().containsKey("kernel_shape")) {
      List<Long> stated = node.intsAttribute("kernel_shape");
      odd = kernel.equals(stated) ? null : "kernel_shape %s, expected %s".formatted(stated, kernel);
    }
    odd = odd == null ? oddPadding(node) : odd;
    if (odd != null) {
      return Decision.refuse(Reason.UNSUPPORTED_ATTRIBUTE, "'%s' has %s", node.label(), odd);
    }
    return hasGroups(node, dims.get(0))
        ? Decision.sound(weight)
        : Decision.refuse(
            Reason.SHAPE_MISMATCH,
            "the weight of '%s' has the shape %s, of which its groups do not divide axis 0",
            node.label(),
            weight.shape());
  }

  private static @Nullable String odd(Node node, String name, int count, long least) {
    Attribute given = node.attributes().get(name);
    if (given == null) {
      return null;
    }
    if (!(given instanceof Attribute.Ints numbers)) {
      return name + " that are no list of integers";
    }
    if (numbers.values().size() != count) {
      return "%s in %s, expected %d"
          .formatted(Amounts.count(numbers.values().size(), "number"), name, count);
    }
    return numbers.values().stream()
        .filter(number -> number < least || number > Integer.MAX_VALUE)
        .findFirst()
        .map(number -> "%d in %s".formatted(number, name))
        .orElse(null);
  }

  /** The groups divide axis 0: output channels of a Conv, input channels of a ConvTranspose. */
  private static boolean hasGroups(Node node, long channels) {
    Attribute given = node.attributes().get("group");
    return given == null
        || (given instanceof Attribute.Int group
            && group.value() >= 1
            && channels % group.value() == 0);
  }

  private static @Nullable String oddPadding(Node node) {
    Attribute given = node.attributes().get("auto_pad");
    return given == null
            || (given instanceof Attribute.Text text && AUTO_PADS.contains(text.value()))
        ? null
        : "an auto_pad that there is not";
  }
}
