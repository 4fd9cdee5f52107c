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
package dev.fusewright.io.aten;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which values of a program share memory that one of its nodes writes into.
 *
 * <p>A graph in ONNX's terms has no memory: each value is what its node computed. A program may
 * write into a value in place ({@code relu_}). That is the same as long as nobody reads what was
 * there before, under its old name or through a view of it, once it is overwritten. Where somebody
 * may, all values of that memory are <em>unsafe</em>: nothing that reads or makes them is
 * translated, and nothing is folded into or out of it. Operators that are not known are taken to
 * give back views of all that they read, and those of other libraries to write into it.
 */
final class Aliases {
  private static final Set<String> TRAINING_ONLY =
      Set.of("batch_norm.default", "instance_norm.default");
  private static final Set<String> UPDATING =
      Set.of(
          "native_batch_norm.default",
          "_native_batch_norm_legit.default",
          "_batch_norm_with_update.default",
          "_batch_norm_impl_index.default",
          "cudnn_batch_norm.default",
          "miopen_batch_norm.default");
  private static final Set<String> PURE =
      Set.of("_operator", "math", "python", "script", "torchvision");

  private final Map<String, String> parents = new HashMap<>();
  private final Map<String, Integer> made = new LinkedHashMap<>();
  private final Map<String, List<Integer>> uses = new HashMap<>();
  private final Set<String> unsafe = new HashSet<>();
  private final Set<String> written = new HashSet<>();
  private final Set<String> outside = new HashSet<>();

  /** A node that writes into a value. */
  private record Write(int node, String value) {}

  /**
   * Looks at a program.
   *
   * @param reads what each node reads, of values that are defined
   */
  Aliases(Program program, List<Set<String>> reads) {
    program.inputs().forEach(input -> made.put(input.value(), -1));
    List<Write> writes = new ArrayList<>();
    for (int i = 0; i < program.nodes().size(); i++) {
      AtenNode node = program.nodes().get(i).value();
      for (String read : reads.get(i)) {
        uses.computeIfAbsent(read, name -> new ArrayList<>()).add(i);
      }
      for (String output : node.outputs()) {
        made.putIfAbsent(output, i);
        memory(node, reads.get(i)).forEach(read -> unite(output, read));
      }
      for (String value : writtenBy(node, reads.get(i))) {
        writes.add(new Write(i, value));
      }
    }
    int end = program.nodes().size();
    for (String output : program.outputs()) {
      uses.computeIfAbsent(output, name -> new ArrayList<>()).add(end);
    }
    judge(writes);
    program.inputs().forEach(input -> outside.add(root(input.value())));
    program.outputs().forEach(output -> outside.add(root(output)));
  }

  /** Those of the values that a node reads of whose memory its results may be. */
  private static Set<String> memory(AtenNode node, Set<String> reads) {
    boolean isKnown = node.isAten() && !node.hasOut() && AtenOperators.isFresh(node.functional());
    if (!isKnown) {
      return reads;
    }
    return node.isInPlace() && !node.arguments().isEmpty()
        ? Set.copyOf(node.arguments().get(0).value().reads())
        : Set.of();
  }

  private static Set<String> writtenBy(AtenNode node, Set<String> reads) {
    Set<String> values = new LinkedHashSet<>();
    if (!node.isAten()) {
      return PURE.contains(node.domain()) ? Set.of() : reads;
    }
    boolean trains =
        UPDATING.contains(node.operator())
            || (TRAINING_ONLY.contains(node.operator())
                && !(node.argument("training") instanceof AtenValue.Flag flag && !flag.value()));
    for (AtenArgument argument : node.arguments()) {
      boolean isFirst = argument == node.arguments().get(0);
      boolean isStatistic = argument.name().startsWith("running_");
      if ((node.isInPlace() && isFirst)
          || (node.hasOut() && AtenNode.isOut(argument.name()))
          || (trains && isStatistic)) {
        values.addAll(argument.value().reads());
      }
    }
    if (node.hasOut() && values.isEmpty()) {
      return reads;
    }
    values.retainAll(reads);
    return values;
  }

  private void judge(List<Write> writes) {
    if (writes.isEmpty()) {
      return;
    }
    Map<String, List<String>> members = new LinkedHashMap<>();
    for (String value : made.keySet()) {
      members.computeIfAbsent(root(value), root -> new ArrayList<>()).add(value);
    }
    for (Write write : writes) {
      String memory = root(write.value());
      written.add(memory);
      for (String value : members.getOrDefault(memory, List.of())) {
        int since = made.getOrDefault(value, -1);
        boolean isOld = since < write.node();
        boolean isReadAgain =
            uses.getOrDefault(value, List.of()).stream()
                .anyMatch(
                    use ->
                        use > write.node()
                            || (use == write.node() && !value.equals(write.value())));
        if (since < 0 || (isOld && isReadAgain)) {
          unsafe.add(memory);
        }
      }
    }
  }

  /** Whether a value may be something else by the time that it is read. */
  boolean isUnsafe(String value) {
    return unsafe.contains(root(value));
  }

  /**
   * Whether the value's memory is the program's own and never written into: then nobody can tell a
   * copy of it from itself.
   */
  boolean isPrivate(String value) {
    return !written.contains(root(value)) && !outside.contains(root(value));
  }

  private void unite(String a, String b) {
    String first = root(a);
    String second = root(b);
    if (!first.equals(second)) {
      parents.put(first, second);
    }
  }

  private String root(String value) {
    String root = value;
    for (String next = parents.get(root); next != null; next = parents.get(root)) {
      String beyond = parents.get(next);
      if (beyond != null) {
        parents.put(root, beyond);
      }
      root = next;
    }
    return root;
  }
}
