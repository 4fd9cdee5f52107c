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
package dev.fusewright.core.verify;

import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.ValueInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Comparison of the inputs and outputs of two models; the names of values inside do not matter. */
final class Signatures {
  private Signatures() {}

  /** What the candidate wants or answers otherwise, each as a sentence for the user. */
  static List<String> mismatches(
      List<ValueInfo> inputs,
      List<ValueInfo> outputs,
      List<ValueInfo> opaqueOutputs,
      ModelSession candidate) {
    List<String> mismatches = new ArrayList<>();
    compare("input", inputs, candidate.inputs(), mismatches);
    compare("output", outputs, candidate.outputs(), mismatches);
    compare("output", opaqueOutputs, candidate.opaqueOutputs(), mismatches);
    return mismatches;
  }

  private static void compare(
      String what, List<ValueInfo> ours, List<ValueInfo> theirs, List<String> mismatches) {
    for (ValueInfo our : ours) {
      ValueInfo their = named(our.name(), theirs);
      if (their == null) {
        mismatches.add(
            "the candidate has no %s '%s'; its %ss are %s"
                .formatted(what, our.name(), what, names(theirs)));
      } else if (our.type() != their.type() || !fits(our, their)) {
        mismatches.add(
            "%s %s is %s in the candidate".formatted(what, describe(our), describe(their)));
      }
    }
    for (ValueInfo their : theirs) {
      if (named(their.name(), ours) == null) {
        mismatches.add(
            "the candidate has an %s '%s' that the original has not".formatted(what, their.name()));
      }
    }
  }

  private static @org.jspecify.annotations.Nullable ValueInfo named(
      String name, List<ValueInfo> values) {
    return values.stream().filter(value -> value.name().equals(name)).findFirst().orElse(null);
  }

  private static String names(List<ValueInfo> values) {
    return values.stream().map(ValueInfo::name).collect(Collectors.joining("', '", "'", "'"));
  }

  private static String describe(ValueInfo value) {
    List<Dim> dims = value.dims();
    return "%s[%s] '%s'"
        .formatted(
            value.type().text(),
            dims == null
                ? "unknown rank"
                : dims.stream().map(Dim::toString).collect(Collectors.joining(",")),
            value.name());
  }

  /** Whether no known size contradicts another; what stays open is seen when the models run. */
  private static boolean fits(ValueInfo ours, ValueInfo theirs) {
    List<Dim> our = ours.dims();
    List<Dim> their = theirs.dims();
    if (our == null || their == null) {
      return true;
    }
    if (our.size() != their.size()) {
      return false;
    }
    for (int axis = 0; axis < our.size(); axis++) {
      if (our.get(axis) instanceof Dim.Fixed a
          && their.get(axis) instanceof Dim.Fixed b
          && a.size() != b.size()) {
        return false;
      }
    }
    return true;
  }
}
