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

import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.GraphInvariants;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Result of comparing two graphs.
 *
 * @param difference the first one, in words; null if there is none but in {@code near}
 * @param nodes of the first model that were compared
 * @param parameters of the first model that were compared
 * @param near parameters that are not the same bits, and may be two ways to fold the same; to be
 *     proven, or else they are differences
 * @param names of values of the second model's main graph, with what the first calls them
 * @param restsOnPromise whether integers were taken from the declared extents of inputs
 */
public record StructureComparison(
    @Nullable String difference,
    int nodes,
    int parameters,
    List<NearParameters> near,
    Map<String, String> names,
    boolean restsOnPromise) {
  /** Copies the collections. */
  public StructureComparison {
    near = List.copyOf(near);
    names = Map.copyOf(names);
  }

  /** Whether every node and every bit of every parameter is the same. */
  public boolean isExact() {
    return difference == null && near.isEmpty();
  }

  /**
   * Compares two models.
   *
   * @throws dev.fusewright.core.graph.GraphException if one breaks an invariant, such as a cycle
   */
  public static StructureComparison of(ModelGraph first, ModelGraph second) {
    GraphInvariants.check(first);
    GraphInvariants.check(second);
    Difference interfaces = interfaces(first, second);
    if (!interfaces.isNone()) {
      return different(interfaces);
    }
    ScopeMatcher matcher =
        ScopeMatcher.main(
            ScopeSide.main(first), ScopeSide.main(second), size(first) + size(second));
    List<ScopeMatcher.ValuePair> outputs = new ArrayList<>();
    for (ValueInfo output : first.graph().outputs()) {
      Difference found = matcher.compare(output.name(), output.name());
      if (!found.isNone()) {
        return different(found.within("output '%s'".formatted(output.name())));
      }
      outputs.add(new ScopeMatcher.ValuePair(output.name(), output.name()));
    }
    Correspondence correspondence = matcher.correspondence(outputs);
    if (!correspondence.difference().isNone()) {
      return different(correspondence.difference());
    }
    return new StructureComparison(
        null,
        correspondence.nodeCount(),
        correspondence.parameterCount(),
        correspondence.near(),
        correspondence.names(),
        matcher.restsOnPromise());
  }

  private static StructureComparison different(Difference difference) {
    return new StructureComparison(
        Objects.requireNonNull(difference.what()),
        0,
        0,
        List.of(),
        Map.of(),
        /* restsOnPromise= */ false);
  }

  private static long size(ModelGraph model) {
    return model.graph().nodes().size()
        + model.functions().stream().mapToLong(it -> it.body().nodes().size()).sum();
  }

  private static Difference interfaces(ModelGraph first, ModelGraph second) {
    Difference outputs = signatures("output", first.graph().outputs(), second.graph().outputs());
    if (!outputs.isNone()) {
      return outputs;
    }
    Map<String, Initializer> defaults = first.defaults();
    Map<String, Initializer> others = second.defaults();
    if (!defaults.keySet().equals(others.keySet())) {
      return Difference.of(
          "the inputs that have defaults are %s in the first and %s in the second",
          defaults.keySet(), others.keySet());
    }
    for (Map.Entry<String, Initializer> entry : defaults.entrySet()) {
      ParameterComparison found =
          ParameterComparison.of(
              entry.getValue().tensor(),
              Objects.requireNonNull(others.get(entry.getKey())).tensor());
      if (found.likeness() != ParameterComparison.Likeness.SAME) {
        return Difference.of(
            "the default of the input '%s': %s", entry.getKey(), found.difference());
      }
    }
    return signatures(
        "input", sorted(first.graph().requiredInputs()), sorted(second.graph().requiredInputs()));
  }

  private static List<ValueInfo> sorted(List<ValueInfo> values) {
    return values.stream().sorted(java.util.Comparator.comparing(ValueInfo::name)).toList();
  }

  private static Difference signatures(String what, List<ValueInfo> a, List<ValueInfo> b) {
    List<String> one = a.stream().map(ValueInfo::name).toList();
    List<String> other = b.stream().map(ValueInfo::name).toList();
    if (!one.equals(other)) {
      return Difference.of("the %ss are %s in the first and %s in the second", what, one, other);
    }
    return IntStream.range(0, a.size())
        .filter(i -> !isSame(what, a.get(i), b.get(i)))
        .mapToObj(i -> Difference.of("%s '%s' has another type", what, one.get(i)))
        .findFirst()
        .orElse(Difference.NONE);
  }

  /**
   * What an input is, callers are told. The extents of an output follow from the graph, and so does
   * its type; but a model that states another one is refused by runtimes.
   */
  private static boolean isSame(String what, ValueInfo a, ValueInfo b) {
    if (what.equals("output")) {
      return isUntyped(a)
          || isUntyped(b)
          || (a.type() == b.type() && a.container().equals(b.container()));
    }
    return a.type() == b.type()
        && a.container().equals(b.container())
        && sameExtents(a.dims(), b.dims());
  }

  private static boolean isUntyped(ValueInfo value) {
    return value.type() == ElementType.UNDEFINED && value.container().isEmpty();
  }

  private static boolean sameExtents(@Nullable List<Dim> a, @Nullable List<Dim> b) {
    if (a == null || b == null) {
      return a == b;
    }
    if (a.size() != b.size()) {
      return false;
    }
    for (int axis = 0; axis < a.size(); axis++) {
      boolean bothOpen = !(a.get(axis) instanceof Dim.Fixed) && !(b.get(axis) instanceof Dim.Fixed);
      if (!bothOpen && !a.get(axis).equals(b.get(axis))) {
        return false;
      }
    }
    return true;
  }
}
