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

import dev.fusewright.core.graph.GraphException;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.reference.ReferenceException;
import dev.fusewright.core.tensor.FloatFormat;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.OperandDigest;
import dev.fusewright.core.verdict.SiteResult;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A site with its counterpart in the fused model, ready to be proven by any thread.
 *
 * @param after null if the site could not be cut out of both models
 * @param uncut what that says of the site
 * @param digests of what the original sides rest on
 * @param otherwise the same with a constant entering, where nothing else does; null if it is none
 */
record CutSite(
    Site site,
    @Nullable Subgraph after,
    LevelVerdict uncut,
    OperandDigests digests,
    @Nullable CutSite otherwise) {
  private static final LevelVerdict CUT = LevelVerdict.notChecked("");

  /** Of the largest value, by how much computed constants may differ: rounding is less. */
  private static final double NEAR = 0x1p-10;

  private static final double NEAR_ULPS = 256;

  static CutSite of(Site site, SubgraphExtractor candidate, OperandDigests digests) {
    if (!site.defect().isEmpty()) {
      return new CutSite(
          site,
          null,
          LevelVerdict.inconclusive(InconclusiveReason.DEFECT, site.defect()),
          digests,
          null);
    }
    return Defects.guarded(
        () -> cut(site, candidate, digests),
        failed -> new CutSite(site, null, failed, digests, null));
  }

  private static CutSite cut(Site site, SubgraphExtractor candidate, OperandDigests digests) {
    Site next = site.otherwise();
    CutSite otherwise = next == null ? null : of(next, candidate, digests);
    try {
      Subgraph after = candidate.cutCounterpart(site.boundary());
      requireConstants(site, candidate);
      return new CutSite(site, after, CUT, digests, otherwise);
    } catch (GraphException e) {
      return new CutSite(
          site, null, LevelVerdict.different(String.valueOf(e.getMessage())), digests, otherwise);
    } catch (ReferenceException e) {
      LevelVerdict unknown =
          LevelVerdict.inconclusive(
              InconclusiveReason.NO_KERNEL, "a constant cannot be computed: " + e.getMessage());
      return new CutSite(site, null, unknown, digests, otherwise);
    }
  }

  /** Constants that enter the site stand for any value; what they are here must not be lost. */
  private static void requireConstants(Site site, SubgraphExtractor candidate) {
    Boundary boundary = site.boundary();
    site.constants()
        .forEach(
            (name, constant) -> {
              Tensor other = candidate.counterpartConstant(boundary, name);
              if (other == null || !Tensors.areEqual(constant, other)) {
                throw new GraphException("the constant '%s' is another".formatted(name));
              }
            });
    site.computed()
        .forEach(
            (name, constant) -> {
              Boundary alone =
                  new Boundary(boundary.scope(), boundary.names(), List.of(), List.of(name));
              NdArray other = candidate.cutCounterpart(alone).constant(name);
              if (!isNear(constant, other)) {
                throw new GraphException("the computed constant '%s' is another".formatted(name));
              }
            });
  }

  /** Whether two are the same but for what other sites made of their parameters. */
  private static boolean isNear(NdArray a, NdArray b) {
    double near =
        a.type().isFoldable() ? Math.min(NEAR, NEAR_ULPS * FloatFormat.of(a.type()).epsilon()) : 0;
    double largest = Arrays.stream(a.values()).map(Math::abs).max().orElse(0);
    boolean isNear = a.shape().equals(b.shape());
    for (int i = 0; isNear && i < a.size(); i++) {
      double x = a.values()[i];
      double y = b.values()[i];
      isNear = Double.compare(x, y) == 0 || Math.abs(x - y) <= near * largest;
    }
    return isNear;
  }

  /**
   * Result of one site.
   *
   * @param assumptions what it rests on and the files do not show
   */
  record Proven(SiteResult result, List<Assumption> assumptions) {
    Proven {
      assumptions = List.copyOf(assumptions);
    }

    boolean isEquivalent() {
      return result.isProven();
    }
  }

  Proven prove(long seed) {
    Proven proven = proveAsIs(seed);
    CutSite other = otherwise;
    return other == null || proven.isEquivalent()
        ? proven
        : Optional.of(other.prove(seed)).filter(Proven::isEquivalent).orElse(proven);
  }

  private Proven proveAsIs(long seed) {
    Subgraph fused = after;
    if (fused == null) {
      return new Proven(result(new Certificate.Finding(uncut, null), uncut), List.of());
    }
    return Defects.guarded(
        () -> prove(fused, seed),
        failed -> new Proven(result(new Certificate.Finding(failed, null), failed), List.of()));
  }

  private Proven prove(Subgraph fused, long seed) {
    try {
      ExtentProof proof = PairProof.of(site.before(), fused, seed);
      return new Proven(result(proof.certificate(), proof.check()), assumptions(proof.promised()));
    } catch (GraphException e) {
      Certificate.Finding finding = Certificate.Finding.different(String.valueOf(e.getMessage()));
      return new Proven(result(finding, finding.verdict()), List.of());
    } catch (UncertifiableException | ReferenceException e) {
      LevelVerdict verdict =
          LevelVerdict.inconclusive(
              InconclusiveReason.NO_INPUTS,
              "the extents of the site cannot be looked at: " + e.getMessage());
      return new Proven(result(new Certificate.Finding(verdict, null), verdict), List.of());
    }
  }

  private List<Assumption> assumptions(String promised) {
    return promised.isEmpty()
        ? List.of()
        : List.of(
            new Assumption(
                Assumption.Kind.DECLARED,
                "at %s: %s".formatted(String.join(", ", site.nodes()), promised),
                "the declared extents of the model's inputs"));
  }

  private SiteResult result(Certificate.Finding certificate, LevelVerdict check) {
    return Defects.guarded(
        () -> result(certificate, check, digests.of(site.before())),
        failed -> result(new Certificate.Finding(failed, null), check, List.of()));
  }

  private SiteResult result(
      Certificate.Finding certificate, LevelVerdict check, List<OperandDigest> operands) {
    return new SiteResult(
        site.rule(),
        site.scope().text(),
        site.nodes(),
        certificate.verdict(),
        check,
        operands,
        certificate.stored());
  }

  /** What shows the fault; empty where no inputs for it can be made. */
  Optional<Repro> repro(long irVersion, long seed) {
    Subgraph fused = after;
    return fused == null
        ? Optional.empty()
        : Defects.guarded(() -> repro(fused, irVersion, seed), failed -> Optional.empty());
  }

  private Optional<Repro> repro(Subgraph fused, long irVersion, long seed) {
    return SiteCheck.inputs(site.before(), seed)
        .map(inputs -> Repro.of(site, fused, irVersion, inputs));
  }
}
