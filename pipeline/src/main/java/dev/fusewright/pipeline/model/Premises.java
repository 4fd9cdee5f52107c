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
package dev.fusewright.pipeline.model;

import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.io.format.GraphCheckpoint;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What verdicts on files with graphs rest on, where the files leave open what they compute. */
final class Premises {
  private static final String BY = "the reader of the file";

  /** The newest version of ONNX's own operators whose meaning is known: that of onnx 1.23. */
  private static final long NEWEST_OPSET = 28;

  private Premises() {}

  /** The premises of all that was read. */
  static List<Assumption> of(GraphCheckpoint... models) {
    return Arrays.stream(models)
        .flatMap(model -> Stream.concat(model.premises().stream(), ofOpset(model.graph()).stream()))
        .distinct()
        .map(what -> new Assumption(Assumption.Kind.CODE, what, BY))
        .toList();
  }

  /** Nobody has said yet what the operators of a version to come mean. */
  private static Optional<String> ofOpset(ModelGraph model) {
    return Stream.concat(
            Stream.of(model.opsets()), model.functions().stream().map(Function::opsets))
        .map(opsets -> opsets.getOrDefault("", 0L))
        .max(Comparator.naturalOrder())
        .filter(version -> version > NEWEST_OPSET)
        .map(
            version ->
                "operators of opset %d mean what they mean in opset %d, the newest that is known here"
                    .formatted(version, NEWEST_OPSET));
  }

  /** What was found, with its premises if it is something that they bear. */
  static Equivalence under(List<Assumption> premises, Equivalence found) {
    return found.verdict() == Verdict.NOT_CHECKED ? found : found.alsoAssuming(premises);
  }
}
