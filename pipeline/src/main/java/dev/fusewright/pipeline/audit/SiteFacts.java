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
package dev.fusewright.pipeline.audit;

import dev.fusewright.report.FusionRecord;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.SiteRecord;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A site of a model: a fusion, what was proven of it, or both. Fusions that build on one another
 * are proven together: a proof belongs to each fusion all of whose nodes are among its own.
 *
 * @param number within the model, from 0: fusions first, then those that were dropped
 * @param fusion null where only the proof tells of the site
 * @param proof null where nothing was proven of the site
 * @param proofNumber of the proof among the report's; -1 where there is none
 */
record SiteFacts(
    FusionReport report,
    int number,
    @Nullable FusionRecord fusion,
    boolean isDropped,
    @Nullable SiteRecord proof,
    int proofNumber) {

  static Stream<SiteFacts> of(FusionReport report) {
    List<SiteRecord> proofs = report.getEquivalence().getSites();
    Set<Integer> left = new HashSet<>();
    for (int i = 0; i < proofs.size(); i++) {
      left.add(i);
    }
    List<SiteFacts> sites = new ArrayList<>();
    for (FusionRecord fusion : report.getFusions()) {
      sites.add(of(report, sites.size(), fusion, /* isDropped= */ false));
    }
    for (FusionRecord fusion : report.getDropped()) {
      sites.add(of(report, sites.size(), fusion, /* isDropped= */ true));
    }
    sites.forEach(site -> left.remove(site.proofNumber()));
    for (int i = 0; i < proofs.size(); i++) {
      if (left.contains(i)) {
        sites.add(
            new SiteFacts(report, sites.size(), null, /* isDropped= */ false, proofs.get(i), i));
      }
    }
    return sites.stream();
  }

  private static SiteFacts of(
      FusionReport report, int number, FusionRecord fusion, boolean isDropped) {
    List<SiteRecord> proofs = report.getEquivalence().getSites();
    int at = proof(fusion, proofs);
    return new SiteFacts(report, number, fusion, isDropped, at < 0 ? null : proofs.get(at), at);
  }

  /** The smallest proof with all nodes of a fusion; of a container nothing is proven. */
  private static int proof(FusionRecord fusion, List<SiteRecord> proofs) {
    int found = -1;
    for (int i = 0; i < proofs.size() && ModelFacts.isFold(fusion); i++) {
      SiteRecord proof = proofs.get(i);
      if (proof.getScope().equals(fusion.getScope())
          && Set.copyOf(proof.getNodes()).containsAll(fusion.getNodes())
          && (found < 0 || proof.getNodes().size() < proofs.get(found).getNodes().size())) {
        found = i;
      }
    }
    return found;
  }

  String rule() {
    return fusion != null ? fusion.getRule() : proven().getRule();
  }

  String scope() {
    return fusion != null ? fusion.getScope() : proven().getScope();
  }

  List<String> nodes() {
    return fusion != null ? fusion.getNodes() : proven().getNodes();
  }

  private SiteRecord proven() {
    return Objects.requireNonNull(proof, "a site is a fusion or a proof");
  }

  /** What became of it: folded, unchanged, renamed, or dropped. */
  @Nullable String result() {
    if (fusion == null) {
      return null;
    }
    return isDropped ? "dropped" : fusion.getResult();
  }
}
