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
package dev.fusewright.core.verify.structure;

import dev.fusewright.core.graph.GraphException;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.proof.structure.ExactForm;
import dev.fusewright.core.proof.structure.NearParameters;
import dev.fusewright.core.proof.structure.StructureComparison;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.core.text.Amounts;
import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.LevelVerdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Result of comparing two models by their structure.
 *
 * @param verdict EQUIVALENT, for every input, or INCONCLUSIVE with the first difference: two models
 *     may compute the same in two ways
 * @param assumptions what the verdict rests on and the graphs do not show
 */
public record StructuralProof(LevelVerdict verdict, List<Assumption> assumptions) {
  /** Copies the list. */
  public StructuralProof {
    assumptions = List.copyOf(assumptions);
  }

  /** The models are made of the same bytes. */
  public static StructuralProof sameBytes() {
    return new StructuralProof(
        LevelVerdict.equivalent("for every input: both are made of the same bytes"), List.of());
  }

  /**
   * Compares two models as they are, and where they differ, in normal form.
   *
   * @param seed for the inputs on which the sites of the normal forms are checked
   */
  public static StructuralProof of(ModelGraph original, ModelGraph candidate, long seed) {
    return of(original, InterfaceByPlace.named(candidate), seed);
  }

  /** Compares two models whose inputs and outputs may have been paired by their places. */
  public static StructuralProof of(ModelGraph original, InterfaceByPlace candidate, long seed) {
    try {
      return new Comparing(original, candidate, seed).result();
    } catch (GraphException | TensorReadException e) {
      return inconclusive("not compared: " + e.getMessage());
    } catch (RuntimeException e) { // Of a rule, say: it costs this level, and samples still decide.
      return inconclusive("not compared, which is a defect: " + e);
    }
  }

  private static StructuralProof inconclusive(String reason) {
    return new StructuralProof(
        LevelVerdict.inconclusive(InconclusiveReason.OTHER_STRUCTURE, reason), List.of());
  }

  /** One comparison. */
  private static final class Comparing {
    private final ModelGraph original;
    private final ModelGraph candidate;
    private final long seed;
    private final List<Assumption> assumptions = new ArrayList<>();

    Comparing(ModelGraph original, InterfaceByPlace paired, long seed) {
      this.seed = seed;
      ModelGraph candidate = paired.candidate();
      assumptions.addAll(paired.assumptions());
      Set<String> defaults = original.defaults().keySet();
      Set<String> others = candidate.defaults().keySet();
      boolean sameDefaults = defaults.equals(others);
      this.original = sameDefaults ? original : original.frozen();
      this.candidate = sameDefaults ? candidate : candidate.frozen();
      if (!sameDefaults) {
        Set<String> all = new java.util.TreeSet<>(defaults);
        all.addAll(others);
        assumptions.add(
            new Assumption(
                Assumption.Kind.DECLARED,
                "%s, first '%s'"
                    .formatted(
                        Amounts.count(
                            all.size(),
                            "input is left at its default",
                            "inputs are left at their defaults"),
                        all.iterator().next()),
                "the model that has no such inputs"));
      }
    }

    StructuralProof result() {
      StructureComparison asTheyAre = StructureComparison.of(original, candidate);
      if (asTheyAre.isExact()) {
        return equivalent(asTheyAre, "as they are");
      }
      NormalizedModel first = NormalizedModel.of(ExactForm.of(original), seed);
      NormalizedModel second = NormalizedModel.of(ExactForm.of(candidate), seed);
      StructureComparison normal = StructureComparison.of(first.model(), second.model());
      if (normal.difference() != null) {
        return inconclusive("the normal forms differ: " + normal.difference());
      }
      Stream.of(first, second)
          .flatMap(one -> one.assumptions().stream())
          .distinct()
          .forEach(assumptions::add);
      return normal.isExact()
          ? equivalent(normal, "in normal form")
          : folded(first, second, normal);
    }

    /** Both fold the same, and not with the same arithmetic. */
    private StructuralProof folded(
        NormalizedModel first, NormalizedModel second, StructureComparison normal) {
      Map<String, String> there = normal.names();
      Map<String, String> back = new HashMap<>();
      there.forEach((own, others) -> back.putIfAbsent(others, own));
      FoldedSites ofFirst = new FoldedSites(first, second.model(), there, seed);
      FoldedSites ofSecond = new FoldedSites(second, first.model(), back, seed);
      for (NearParameters near : normal.near()) {
        String doubt = ofFirst.doubt(near.firstReader(), near.first());
        if (doubt != null && ofSecond.doubt(near.secondReader(), near.second()) != null) {
          return inconclusive(
              "the normal forms differ in a parameter: " + near.where() + "; " + doubt);
        }
      }
      double weightUlps = Math.max(ofFirst.weightUlps(), ofSecond.weightUlps());
      double biasUlps = Math.max(ofFirst.biasUlps(), ofSecond.biasUlps());
      return equivalent(
          normal,
          String.format(
              Locale.ROOT,
              "in normal form, %d of them folded in another arithmetic: weights within %.3g ulp,"
                  + " biases within %.3g ulp of the largest term",
              normal.near().size(),
              weightUlps,
              biasUlps));
    }

    private StructuralProof equivalent(StructureComparison found, String how) {
      if (found.restsOnPromise()) {
        assumptions.add(
            new Assumption(
                Assumption.Kind.DECLARED,
                "inputs have the extents that they are declared with",
                "the models' interface"));
      }
      return new StructuralProof(
          LevelVerdict.equivalent(
              "for every input: %s and %s are the same, %s%s"
                  .formatted(
                      Amounts.count(found.nodes(), "node"),
                      Amounts.count(found.parameters(), "parameter"),
                      how,
                      provided())),
          assumptions);
    }

    /** What the verdict rests on is part of the sentence. */
    private String provided() {
      return assumptions.stream()
          .map(assumption -> "; provided that " + assumption.what())
          .collect(Collectors.joining());
    }
  }
}
