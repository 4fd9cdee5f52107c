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
package dev.fusewright.pipeline.verification;

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.proof.FusionProof;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verify.Equivalence;
import java.util.List;
import java.util.Map;

/** Proves the fusions of a plan, each by itself: its certificate, and its site before and after. */
public final class SiteProof {
  private SiteProof() {}

  /**
   * What is proven.
   *
   * @param written the model that was made, as it was read back from its file
   * @param threads that take part
   */
  public static Verifier.Finding of(FusionPlan plan, ModelGraph written, long seed, int threads) {
    FusionProof proof = FusionProof.of(plan, written, seed, threads);
    return new Verifier.Finding(
        new Equivalence(
            Map.of(Level.CERTIFICATE, proof.certificate(), Level.SITE, proof.site()),
            0,
            seed,
            List.of(),
            proof.sites(),
            proof.assumptions()),
        null,
        proof.culprits());
  }
}
