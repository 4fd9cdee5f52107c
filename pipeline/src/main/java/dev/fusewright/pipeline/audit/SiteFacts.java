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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A site of a model: a fusion, what was proven of it, or both. They belong together by rule, scope
 * and nodes.
 *
 * @param number within the model, from 0: fusions first, then those that were dropped
 * @param fusion null where only the proof tells of the site
 * @param proof null where nothing was proven of the site by itself
 */
record SiteFacts(
    FusionReport report,
    int number,
    @Nullable FusionRecord fusion,
    boolean isDropped,
    @Nullable SiteRecord proof) {

  private record Key(String rule, String scope, List<String> nodes) {}

  static Stream<SiteFacts> of(FusionReport report) {
    Map<Key, SiteRecord> proofs = new LinkedHashMap<>();
    for (SiteRecord site : report.getEquivalence().getSites()) {
      proofs.put(new Key(site.getRule(), site.getScope(), site.getNodes()), site);
    }
    List<SiteFacts> sites = new ArrayList<>();
    for (FusionRecord fusion : report.getFusions()) {
      SiteRecord proof = proofs.remove(key(fusion));
      sites.add(new SiteFacts(report, sites.size(), fusion, /* isDropped= */ false, proof));
    }
    for (FusionRecord fusion : report.getDropped()) {
      SiteRecord proof = proofs.remove(key(fusion));
      sites.add(new SiteFacts(report, sites.size(), fusion, /* isDropped= */ true, proof));
    }
    for (SiteRecord proof : proofs.values()) {
      sites.add(new SiteFacts(report, sites.size(), null, /* isDropped= */ false, proof));
    }
    return sites.stream();
  }

  private static Key key(FusionRecord fusion) {
    return new Key(fusion.getRule(), fusion.getScope(), fusion.getNodes());
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
