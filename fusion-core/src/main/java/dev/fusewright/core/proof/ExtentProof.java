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

import dev.fusewright.core.analysis.shape.Basis;
import dev.fusewright.core.graph.GraphException;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.verdict.LevelVerdict;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Certificate and site check on extents that prove something: small ones, where the site leaves
 * them open; those that the inputs of the graph promise, where it holds on no others.
 *
 * @param promised what is assumed of the inputs; empty if nothing
 */
record ExtentProof(Certificate.Finding certificate, LevelVerdict check, String promised) {

  static ExtentProof of(Subgraph before, Subgraph after, long seed) {
    ExtentProof open =
        new ExtentProof(
            certificate(() -> Certificate.of(before, after, InputShapes.candidates(before, WIDE))),
            check(() -> SiteCheck.of(before, after, InputShapes.candidates(before, NARROW), seed)),
            "");
    if (open.isEquivalent()) {
      return open.whereRepeated(before, after, seed);
    }
    List<Map<String, Shape>> promised = InputShapes.promised(before);
    if (promised.isEmpty()) {
      return open;
    }
    ExtentProof kept =
        new ExtentProof(
            certificate(() -> Certificate.of(before, after, promised)),
            check(() -> SiteCheck.of(before, after, promised, seed)),
            text(before));
    return kept.isEquivalent() ? kept : open;
  }

  /** A defect in one of the two does not hide what the other says. */
  private static Certificate.Finding certificate(Supplier<Certificate.Finding> certificate) {
    return Defects.guarded(certificate, failed -> new Certificate.Finding(failed, null));
  }

  private static LevelVerdict check(Supplier<LevelVerdict> check) {
    return Defects.guarded(
        () -> {
          try {
            return check.get();
          } catch (GraphException e) {
            return LevelVerdict.different(String.valueOf(e.getMessage()));
          }
        },
        failed -> failed);
  }

  boolean isEquivalent() {
    return LevelVerdict.areProof(certificate.verdict(), check);
  }

  /** A constant that repeats what arrives must do so on both sides, unless that is ruled out. */
  private ExtentProof whereRepeated(Subgraph before, Subgraph after, long seed) {
    String assumed = "";
    for (InputShapes.Repeating repeating : InputShapes.repeating(before)) {
      Map<String, Shape> shapes = repeating.shapes();
      LevelVerdict repeated = SiteCheck.of(before, after, List.of(shapes), seed);
      if (!LevelVerdict.areProof(certificate.verdict(), repeated)
          && SiteCheck.runs(before, shapes, seed)) {
        if (!repeating.isRuledOut()) {
          return new ExtentProof(certificate, repeated, "");
        }
        assumed = text(before);
      }
    }
    return new ExtentProof(certificate, check, assumed);
  }

  private static String text(Subgraph side) {
    return side.inputs().stream()
        .map(input -> "'%s' is %s".formatted(input, side.known(input).restingOn(Basis.PROMISED)))
        .collect(Collectors.joining(", "));
  }
}
