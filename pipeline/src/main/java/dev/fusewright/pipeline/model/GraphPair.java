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

import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.core.verify.structure.InterfaceByPlace;
import dev.fusewright.core.verify.structure.OverridableInputs;
import dev.fusewright.core.verify.structure.StructuralProof;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.runtime.VerifyModels;
import dev.fusewright.io.storage.Staged;
import dev.fusewright.pipeline.verification.Verifier;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Two models with graphs: their structure, and where that does not show it, samples. */
final class GraphPair {
  private final Staged first;
  private final Staged second;
  private final JobContext context;

  GraphPair(Staged first, Staged second, JobContext context) {
    this.first = first;
    this.second = second;
    this.context = context;
  }

  /** What is known of both without running them. */
  private record Compared(
      StructuralProof structure,
      InterfaceByPlace places,
      OverridableInputs inputs,
      List<Map<String, Tensor>> samples,
      List<Assumption> premises) {}

  Verifier.Finding compare() throws Exception {
    Compared compared = context.clock().at(Stage.VERIFY, this::structure);
    return compared.structure().verdict().verdict() == Verdict.EQUIVALENT
        ? proven(compared)
        : context.clock().at(Stage.VERIFY, () -> sampled(compared));
  }

  /** Reads both and compares their structure; the report begins with what they are. */
  private Compared structure() throws Exception {
    try (GraphCheckpoint before = Formats.openGraph(first.file());
        GraphCheckpoint after = Formats.openGraph(second.file())) {
      context.report().model(before);
      context.report().after(after.graph());
      context.report().output(second.source(), second.sha256(), after.dataFiles());
      boolean sameBytes =
          first.sha256().equals(second.sha256())
              && before.dataFiles().isEmpty()
              && after.dataFiles().isEmpty();
      InterfaceByPlace paired = VerifyModels.paired(before, before.graph(), after, after.graph());
      StructuralProof proof =
          sameBytes
              ? StructuralProof.sameBytes()
              : StructuralProof.of(before.graph(), paired, context.settings().seed());
      return new Compared(
          proof,
          paired,
          OverridableInputs.of(before.graph(), after.graph()),
          ModelInputs.samples(before.graph(), context),
          sameBytes ? List.of() : Premises.of(before, after));
    }
  }

  private Verifier.Finding proven(Compared compared) {
    StructuralProof structure = compared.structure();
    Map<Level, LevelVerdict> levels =
        Map.of(
            Level.STRUCTURE,
            structure.verdict(),
            Level.MODEL,
            LevelVerdict.notChecked("the structure says it, for every input"));
    return new Verifier.Finding(
        Premises.under(
            compared.premises(),
            new Equivalence(
                levels,
                0,
                context.settings().seed(),
                List.of(),
                List.of(),
                structure.assumptions())),
        null);
  }

  private Verifier.Finding sampled(Compared compared) {
    Verifier.Pair pair =
        new Verifier.Pair(first.file(), first.sha256(), second.file(), compared.samples());
    Verifier.Finding found = context.flow().proof().compare(pair, context.settings());
    Map<Level, LevelVerdict> levels = new EnumMap<>(found.equivalence().levels());
    levels.put(Level.STRUCTURE, compared.structure().verdict());
    levels.computeIfPresent(Level.MODEL, (level, ran) -> compared.inputs().judged(ran));
    Equivalence judged =
        Premises.under(compared.premises(), found.equivalence().withLevels(levels));
    List<Assumption> assumptions = new ArrayList<>(compared.places().assumptions());
    assumptions.addAll(compared.inputs().assumptions());
    return new Verifier.Finding(
        judged.verdict() == Verdict.EQUIVALENT ? judged.alsoAssuming(assumptions) : judged,
        found.runner());
  }
}
