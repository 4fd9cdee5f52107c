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
import dev.fusewright.core.reference.EvaluationMemoryException;
import dev.fusewright.core.reference.ReferenceException;
import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.SiteResult;
import java.util.List;
import java.util.Optional;
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
   * @param assumptions what it rests on and the files do not show
   */
  record Proven(SiteResult result, List<Assumption> assumptions) {
    Proven {
      assumptions = List.copyOf(assumptions);
    }
  }

  Proven prove(long seed) {
    if (after == null) {
      return new Proven(different(missing), List.of());
    }
    try {
      ExtentProof proof = ExtentProof.of(site.before(), after, seed);
      return new Proven(result(proof.certificate(), proof.check()), assumptions(proof.promised()));
    } catch (GraphException e) {
      return new Proven(different(String.valueOf(e.getMessage())), List.of());
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
