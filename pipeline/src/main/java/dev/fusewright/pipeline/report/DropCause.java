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
package dev.fusewright.pipeline.report;

import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.SiteResult;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.core.verify.Equivalence;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Why a fusion was taken out of a plan again.
 *
 * @param level that did not confirm it: {@code certificate}, {@code site} or {@code model}
 * @param reason a stable code: {@code DIFFERENT}, why the level could not tell, or {@code
 *     BUILDS_ON_DROPPED}
 * @param message what was found, with figures
 */
public record DropCause(String level, String reason, String message) {
  /** Of a fusion that is not to blame itself. */
  private static final String DEPENDENT = "BUILDS_ON_DROPPED";

  /**
   * Of a fusion that a check blames.
   *
   * @param scope what a report calls the fusion's scope
   * @param found by the check
   */
  public static DropCause of(Fusion fusion, String scope, Equivalence found) {
    return site(fusion, scope, found.sites())
        .flatMap(DropCause::of)
        .orElseGet(() -> of(Level.MODEL, found.level(Level.MODEL)));
  }

  /** Of a fusion that cannot stay without one that is blamed. */
  public static DropCause dependent(DropCause blamed) {
    return new DropCause(
        blamed.level(), DEPENDENT, "it builds on a fusion that was dropped: " + blamed.message());
  }

  /**
   * The site of a fusion, the one that was not confirmed first: sites are told by their nodes,
   * which in a file of several state dicts are called after the one that they are of.
   */
  private static Optional<SiteResult> site(Fusion fusion, String scope, List<SiteResult> sites) {
    List<String> labelled =
        fusion.nodes().stream().map(node -> "%s: %s".formatted(scope, node)).toList();
    return sites.stream()
        .filter(
            site ->
                !Collections.disjoint(site.nodes(), fusion.nodes())
                    || !Collections.disjoint(site.nodes(), labelled))
        .filter(site -> of(site).isPresent())
        .min(Comparator.comparing(site -> !site.scope().equals(scope)));
  }

  private static Optional<DropCause> of(SiteResult site) {
    if (isUnconfirmed(site.certificate())) {
      return Optional.of(of(Level.CERTIFICATE, site.certificate()));
    }
    return site.isProven() || !isUnconfirmed(site.site())
        ? Optional.empty()
        : Optional.of(of(Level.SITE, site.site()));
  }

  private static boolean isUnconfirmed(LevelVerdict verdict) {
    return verdict.verdict() != Verdict.EQUIVALENT && verdict.verdict() != Verdict.NOT_CHECKED;
  }

  private static DropCause of(Level level, LevelVerdict found) {
    return new DropCause(
        level.name().toLowerCase(Locale.ROOT),
        found.doubt() == null ? found.verdict().name() : found.doubt().name(),
        found.reason());
  }
}
