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

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.proof.FusionProof;
import dev.fusewright.core.verdict.SiteResult;
import dev.fusewright.core.verdict.StoredFigures;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Proof of the sites of one model's normal form against what the other model has in their place:
 * its certificates compare the nodes of before the folds with the parameters that somebody else
 * folded.
 */
final class FoldedSites {
  private final NormalizedModel own;
  private final ModelGraph other;
  private final Map<String, String> names;
  private final long seed;
  private @Nullable FusionProof proof;

  /**
   * Sites of a model.
   *
   * @param other model, in normal form
   * @param names of the other model's values, with what this model calls them
   */
  FoldedSites(NormalizedModel own, ModelGraph other, Map<String, String> names, long seed) {
    this.own = own;
    this.other = other;
    this.names = names;
    this.seed = seed;
  }

  /**
   * Why a parameter is not proven to be a fold of the same; null if it is.
   *
   * @param node that reads it
   */
  @Nullable String doubt(int node, String parameter) {
    Set<Integer> fusions = own.fusionsOf(node, parameter);
    if (fusions.isEmpty()) {
      return "no fold made it";
    }
    FusionProof found = proof();
    return fusions.stream().noneMatch(found.culprits()::contains)
        ? null
        : "%s; %s".formatted(found.certificate().reason(), found.site().reason());
  }

  private FusionProof proof() {
    if (proof == null) {
      Set<String> taken = new HashSet<>();
      own.plan().original().graph().inputs().forEach(input -> taken.add(input.name()));
      own.plan().original().graph().initializers().forEach(it -> taken.add(it.name()));
      for (Node node : own.plan().original().graph().nodes()) {
        taken.addAll(node.outputs());
      }
      proof = FusionProof.of(own.plan(), RenamedModel.of(other, names, taken), seed);
    }
    return proof;
  }

  double weightUlps() {
    return worst(/* ofWeights= */ true);
  }

  double biasUlps() {
    return worst(/* ofWeights= */ false);
  }

  private double worst(boolean ofWeights) {
    double worst = 0;
    if (proof != null) {
      for (SiteResult site : proof.sites()) {
        StoredFigures stored = site.stored();
        if (stored != null) {
          worst = Math.max(worst, ofWeights ? stored.weightUlps() : stored.biasUlps());
        }
      }
    }
    return worst;
  }
}
