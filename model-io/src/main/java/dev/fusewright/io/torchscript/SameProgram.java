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
package dev.fusewright.io.torchscript;

import dev.fusewright.core.graph.Node;
import dev.fusewright.io.aten.AtenArgument;
import dev.fusewright.io.aten.AtenNode;
import dev.fusewright.io.aten.AtenValue;
import dev.fusewright.io.aten.Placed;
import dev.fusewright.io.aten.Program;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Whether an edited program is another one without some norms and with some biases more. */
final class SameProgram {
  private static final String BIAS = "bias";

  private final Program before;
  private final Program after;
  private final Map<String, String> same = new HashMap<>();
  private final Map<String, String> passed = new HashMap<>();

  private SameProgram(Program before, Program after) {
    this.before = before;
    this.after = after;
  }

  /**
   * Compares operator by operator.
   *
   * @param norms that are gone: whoever read one reads what it read
   * @param withBias numbers of the layers that have a bias now
   */
  static boolean isMeant(
      Program before, Program after, Collection<Node> norms, Set<Integer> withBias) {
    SameProgram compared = new SameProgram(before, after);
    Set<Integer> gone = new HashSet<>();
    norms.forEach(norm -> gone.add(norm.id()));
    return compared.isMeant(gone, withBias);
  }

  private String resolved(String value) {
    String name = value;
    while (passed.containsKey(name)) {
      name = passed.get(name);
    }
    return name;
  }

  private boolean isMeant(Set<Integer> gone, Set<Integer> withBias) {
    List<String> inputs = inputs(before);
    if (!inputs.equals(inputs(after))) {
      return false;
    }
    inputs.forEach(input -> same.put(input, input));
    int next = 0;
    for (int i = 0; i < before.nodes().size(); i++) {
      AtenNode old = before.nodes().get(i).value();
      if (gone.contains(i)) {
        if (!(old.argument("input") instanceof AtenValue.Tensor input)) {
          return false;
        }
        passed.put(old.outputs().get(0), input.name());
        continue;
      }
      if (next >= after.nodes().size()) {
        return false;
      }
      AtenNode now = after.nodes().get(next++).value();
      if (!isSame(old, now, withBias.contains(i))) {
        return false;
      }
      for (int output = 0; output < old.outputs().size(); output++) {
        same.put(old.outputs().get(output), now.outputs().get(output));
      }
    }
    return next == after.nodes().size() && outputs().equals(after.outputs());
  }

  private static List<String> inputs(Program program) {
    return program.inputs().stream()
        .map(Placed::value)
        .filter(input -> !program.parameters().containsKey(input))
        .toList();
  }

  private List<String> outputs() {
    return before.outputs().stream().map(this::renamed).toList();
  }

  private String renamed(String value) {
    String resolved = resolved(value);
    String known = same.get(resolved);
    return known != null
        ? known
        : before.parameters().containsKey(resolved) ? "parameter " + resolved : "? " + resolved;
  }

  private boolean isSame(AtenNode old, AtenNode now, boolean hasNewBias) {
    List<AtenArgument> first = given(old);
    List<AtenArgument> second = new ArrayList<>(given(now));
    if (hasNewBias) {
      if (old.argument(BIAS) != null || !(now.argument(BIAS) instanceof AtenValue.Tensor)) {
        return false;
      }
      second.removeIf(argument -> argument.name().equals(BIAS));
    }
    boolean isSame =
        old.target().equals(now.target())
            && old.outputs().size() == now.outputs().size()
            && first.size() == second.size();
    for (int i = 0; isSame && i < first.size(); i++) {
      isSame =
          first.get(i).name().equals(second.get(i).name())
              && first.get(i).text().equals(second.get(i).text())
              && first.get(i).value().getClass() == second.get(i).value().getClass()
              && isSame(first.get(i).value(), second.get(i).value());
    }
    return isSame;
  }

  /** Arguments but for those that say that there is none. */
  private static List<AtenArgument> given(AtenNode node) {
    return node.arguments().stream()
        .filter(argument -> !(argument.value() instanceof AtenValue.None))
        .toList();
  }

  /**
   * Parameters of constants may have other numbers: what they hold is compared by whoever reads.
   */
  private boolean isSame(AtenValue one, AtenValue other) {
    List<String> first = one.reads();
    List<String> second = other.reads();
    if (first.size() != second.size()) {
      return false;
    }
    List<String> expected = new ArrayList<>();
    List<String> found = new ArrayList<>();
    for (String name : first) {
      expected.add(parameter(before, name) ? "parameter" : renamed(name));
    }
    for (String name : second) {
      found.add(parameter(after, name) ? "parameter" : name);
    }
    if (one instanceof AtenValue.Other) { // Those are in no order.
      expected.sort(null);
      found.sort(null);
    }
    return expected.equals(found) && isSameParameters(first, second);
  }

  private static boolean parameter(Program program, String name) {
    return program.parameters().containsKey(name);
  }

  private boolean isSameParameters(List<String> first, List<String> second) {
    Set<String> expected = new HashSet<>();
    first.stream().filter(name -> parameter(before, name)).forEach(expected::add);
    Set<String> found = new HashSet<>();
    second.stream().filter(name -> parameter(after, name)).forEach(found::add);
    boolean isNumbered = expected.stream().anyMatch(name -> name.startsWith("CONSTANTS."));
    return isNumbered ? expected.size() == found.size() : expected.equals(found);
  }
}
