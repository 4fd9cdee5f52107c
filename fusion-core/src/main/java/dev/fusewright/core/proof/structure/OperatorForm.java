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
package dev.fusewright.core.proof.structure;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Form of a node by which it is compared: what does not change its meaning is left out. */
final class OperatorForm {
  private static final Set<String> WINDOWED =
      Set.of(
          "Conv",
          "ConvTranspose",
          "ConvInteger",
          "QLinearConv",
          "MaxPool",
          "AveragePool",
          "LpPool");
  private static final Set<String> WEIGHTED = Set.of("Conv", "ConvTranspose");
  private static final Set<String> COMMUTATIVE =
      Set.of("Add", "Mul", "And", "Or", "Xor", "Equal", "Sum", "Max", "Min");

  /** Results beyond the first are extras, and asking for them changes nothing in the first. */
  private static final Set<String> WITH_EXTRA_RESULTS = Set.of("MaxPool", "LayerNormalization");

  private OperatorForm() {}

  /** The attributes that are no bodies and do not hold what they would without being given. */
  static Map<String, Attribute> attributes(Node node, ScopeSide side) {
    Map<String, Attribute> kept = new LinkedHashMap<>();
    boolean isOnnx = node.op().domain().isEmpty() && !side.calls(node.op());
    node.attributes()
        .forEach(
            (name, value) -> {
              boolean isBody = value instanceof Attribute.Body || value instanceof Attribute.Bodies;
              boolean isImplied =
                  isOnnx
                      && (OperatorDefaults.isDefault(node, name, value)
                          || isUsual(node, name, value)
                          || isKernelOfWeight(node, name, value, side)
                          || isUnread(node, name));
              if (!isBody && !isImplied) {
                kept.put(name, value);
              }
            });
    return kept;
  }

  /** Lists whose default depends on the number of axes alone. */
  private static boolean isUsual(Node node, String name, Attribute value) {
    if (!WINDOWED.contains(node.op().type()) || !(value instanceof Attribute.Ints numbers)) {
      return false;
    }
    boolean isExplicit = node.textAttribute("auto_pad", "NOTSET").equals("NOTSET");
    return switch (name) {
      case "pads" -> isExplicit && numbers.values().stream().allMatch(it -> it == 0);
      case "output_padding" -> numbers.values().stream().allMatch(it -> it == 0);
      case "strides", "dilations" -> numbers.values().stream().allMatch(it -> it == 1);
      default -> false;
    };
  }

  private static boolean isWithout(@Nullable List<Long> pads) {
    return pads == null || pads.stream().allMatch(it -> it == 0);
  }

  /** A convolution's weight says how large the kernel is. */
  private static boolean isKernelOfWeight(Node node, String name, Attribute value, ScopeSide side) {
    if (!name.equals("kernel_shape")
        || !WEIGHTED.contains(node.op().type())
        || !(side.origin(node.input(1)) instanceof Origin.Constant weight)) {
      return false;
    }
    Shape shape = weight.tensor().shape();
    return shape.rank() > 2
        && value.equals(new Attribute.Ints(shape.dims().subList(2, shape.rank())));
  }

  /**
   * A norm's running statistics are not updated outside of training, and an average over windows
   * that never leave their input does not ask how to count what lies outside.
   */
  private static boolean isUnread(Node node, String name) {
    return switch (name) {
      case "momentum" ->
          node.op().type().equals("BatchNormalization")
              && node.intAttribute("training_mode", 0) == 0
              && !node.hasFurtherOutputs();
      case "count_include_pad" ->
          node.op().type().equals("AveragePool")
              && node.intAttribute("ceil_mode", 0) == 0
              && isWithout(node.intsAttribute("pads"))
              && node.textAttribute("auto_pad", "NOTSET").equals("NOTSET");
      default -> false;
    };
  }

  /** Inputs without absent ones at the end. */
  static List<String> inputs(Node node) {
    return trimmed(node.inputs());
  }

  private static List<String> trimmed(List<String> names) {
    List<String> trimmed = new ArrayList<>(names);
    while (!trimmed.isEmpty() && trimmed.get(trimmed.size() - 1).isEmpty()) {
      trimmed.remove(trimmed.size() - 1);
    }
    return trimmed;
  }

  /** Some operators do something else if they are asked for more results, or for fewer. */
  static boolean sameResults(Node a, Node b) {
    boolean areExtras = a.op().domain().isEmpty() && WITH_EXTRA_RESULTS.contains(a.op().type());
    return areExtras || trimmed(a.outputs()).size() == trimmed(b.outputs()).size();
  }

  /** Whether the two inputs may be exchanged. */
  static boolean isCommutative(Node node, ScopeSide side) {
    return node.op().domain().isEmpty()
        && COMMUTATIVE.contains(node.op().type())
        && !side.calls(node.op())
        && node.intAttribute("broadcast", 0) == 0
        && inputs(node).size() == 2;
  }
}
