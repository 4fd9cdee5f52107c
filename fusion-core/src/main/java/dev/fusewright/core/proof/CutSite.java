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
package dev.fusewright.core.proof;

import static dev.fusewright.core.proof.ExtentSolver.Spread.NARROW;
import static dev.fusewright.core.proof.ExtentSolver.Spread.WIDE;

import dev.fusewright.core.graph.GraphException;
import dev.fusewright.core.reference.EvaluationMemoryException;
import dev.fusewright.core.reference.ReferenceException;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.SiteResult;
import dev.fusewright.core.verdict.Verdict;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A site with its counterpart in the fused model, ready to be proven by any thread.
 *
 * @param after null if the fused model lacks the site
 * @param missing what it lacks; empty if nothing
 * @param digests of what the original sides rest on
 */
record CutSite(Site site, @Nullable Subgraph after, String missing, OperandDigests digests) {

  static CutSite of(Site site, SubgraphExtractor candidate, OperandDigests digests) {
    try {
      return new CutSite(site, candidate.cut(site.boundary()), "", digests);
    } catch (GraphException e) {
      return new CutSite(site, null, String.valueOf(e.getMessage()), digests);
    }
  }

  /**
   * Result of one site.
   *
   * @param assumptions what it rests on and the site does not show
   */
  record Proven(SiteResult result, List<Assumption> assumptions) {
    Proven {
      assumptions = List.copyOf(assumptions);
    }
  }

  Proven prove(long seed) {
    Subgraph fused = after;
    if (fused == null) {
      return new Proven(different(missing), List.of());
    }
    try {
      return prove(fused, seed);
    } catch (GraphException e) {
      return new Proven(different(String.valueOf(e.getMessage())), List.of());
    }
  }

  /**
   * On extents that the nodes leave open, and where that proves nothing, on those that the inputs
   * of the graph promise.
   */
  private Proven prove(Subgraph fused, long seed) {
    Subgraph before = site.before();
    SiteResult result =
        result(
            Certificate.of(before, fused, InputShapes.candidates(before, WIDE)),
            SiteCheck.of(before, fused, InputShapes.candidates(before, NARROW), seed));
    if (isProven(result)) {
      return whereRepeated(result, fused, seed);
    }
    List<Map<String, Shape>> promised = InputShapes.promised(before);
    if (promised.isEmpty()) {
      return new Proven(result, List.of());
    }
    SiteResult again =
        result(
            Certificate.of(before, fused, promised), SiteCheck.of(before, fused, promised, seed));
    return isProven(again)
        ? new Proven(again, List.of(assumption(promised.get(0))))
        : new Proven(result, List.of());
  }

  /** A constant that repeats what arrives must do so on both sides, unless that is ruled out. */
  private Proven whereRepeated(SiteResult result, Subgraph fused, long seed) {
    Subgraph before = site.before();
    for (Map<String, Shape> shapes : InputShapes.repeating(before)) {
      if (SiteCheck.runs(before, shapes, seed)) {
        LevelVerdict check = SiteCheck.of(before, fused, List.of(shapes), seed);
        if (check.verdict() != Verdict.EQUIVALENT) {
          List<Map<String, Shape>> promised = InputShapes.promised(before);
          return promised.isEmpty() || promised.get(0).equals(shapes)
              ? new Proven(withSite(result, check), List.of())
              : new Proven(result, List.of(assumption(promised.get(0))));
        }
      }
    }
    return new Proven(result, List.of());
  }

  private static boolean isProven(SiteResult result) {
    return result.certificate().verdict() == Verdict.EQUIVALENT
        && result.site().verdict() == Verdict.EQUIVALENT;
  }

  private Assumption assumption(Map<String, Shape> shapes) {
    return new Assumption(
        Assumption.Kind.DECLARED,
        "%s takes %s"
            .formatted(
                site.nodes(),
                shapes.entrySet().stream()
                    .map(it -> "'" + it.getKey() + "' as " + it.getValue())
                    .collect(Collectors.joining(", "))),
        "the declared extents of the model's inputs");
  }

  private static SiteResult withSite(SiteResult result, LevelVerdict check) {
    return new SiteResult(
        result.rule(),
        result.scope(),
        result.nodes(),
        result.certificate(),
        check,
        result.operands(),
        result.stored());
  }

  private SiteResult different(String reason) {
    Certificate.Finding finding = Certificate.Finding.different(reason);
    return result(finding, finding.verdict());
  }

  private SiteResult result(Certificate.Finding certificate, LevelVerdict check) {
    return new SiteResult(
        site.rule(),
        site.scope().text(),
        site.nodes(),
        certificate.verdict(),
        check,
        digests.of(site.before()),
        certificate.stored());
  }

  /** What shows the fault; empty where no inputs for it can be made. */
  Optional<Repro> repro(long irVersion, long seed) {
    Subgraph fused = after;
    if (fused == null) {
      return Optional.empty();
    }
    try {
      return SiteCheck.inputs(site.before(), seed)
          .map(inputs -> Repro.of(site, fused, irVersion, inputs));
    } catch (GraphException
        | ReferenceException
        | UncertifiableException
        | EvaluationMemoryException e) {
      return Optional.empty();
    }
  }
}
