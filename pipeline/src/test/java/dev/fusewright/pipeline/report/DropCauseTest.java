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

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.SiteResult;
import dev.fusewright.core.verify.Equivalence;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class DropCauseTest {
  private static final LevelVerdict SAME = LevelVerdict.equivalent("");

  private static Fusion fusion() {
    return new Fusion(
        0,
        "conv-batch-norm",
        "Conv2d",
        ScopePath.MAIN,
        List.of("conv", "bn"),
        List.of(0, 1),
        "y",
        Fusion.Result.FOLDED,
        List.of(),
        Set.of(),
        List.of());
  }

  private static Equivalence found(SiteResult... sites) {
    return new Equivalence(
        Map.of(Level.MODEL, LevelVerdict.different("y is off by 3")),
        1,
        0,
        List.of(),
        List.of(sites));
  }

  private static SiteResult site(List<String> nodes, LevelVerdict certificate, LevelVerdict site) {
    return new SiteResult("conv-batch-norm", nodes, certificate, site);
  }

  @Test
  void a_certificate_that_fails_is_the_cause_whatever_its_site_shows() {
    assertThat(
            DropCause.of(
                fusion(),
                "",
                found(
                    site(
                        List.of("conv", "bn"),
                        LevelVerdict.different("channel 2 is off by 0.5"),
                        LevelVerdict.different("off by 1")))))
        .isEqualTo(new DropCause("certificate", "DIFFERENT", "channel 2 is off by 0.5"));
  }

  @Test
  void a_site_that_cannot_tell_is_the_cause_with_its_code() {
    assertThat(
            DropCause.of(
                fusion(),
                "",
                found(
                    site(
                        List.of("conv", "bn"),
                        SAME,
                        LevelVerdict.inconclusive(InconclusiveReason.MEMORY, "too big")))))
        .isEqualTo(new DropCause("site", "MEMORY", "too big"));
  }

  @Test
  void a_site_that_could_not_have_shown_a_fault_is_no_cause_where_its_certificate_holds() {
    LevelVerdict mute = LevelVerdict.inconclusive(InconclusiveReason.VACUOUS, "always the same");
    assertThat(DropCause.of(fusion(), "", found(site(List.of("conv", "bn"), SAME, mute))))
        .isEqualTo(new DropCause("model", "DIFFERENT", "y is off by 3"));
  }

  @Test
  void the_failure_of_another_site_is_not_the_cause() {
    assertThat(
            DropCause.of(
                fusion(),
                "",
                found(
                    site(List.of("conv", "bn"), SAME, SAME),
                    site(List.of("conv2", "bn2"), LevelVerdict.different("off"), SAME))))
        .isEqualTo(new DropCause("model", "DIFFERENT", "y is off by 3"));
  }

  @Test
  void a_site_in_one_of_several_state_dicts_is_the_cause_in_that_one() {
    LevelVerdict off = LevelVerdict.different("off by 1");
    assertThat(
            DropCause.of(
                fusion(),
                "model",
                found(
                    site(List.of("ema: conv", "ema: bn"), SAME, LevelVerdict.different("by 2")),
                    site(List.of("model: conv", "model: bn"), SAME, off))))
        .isEqualTo(new DropCause("site", "DIFFERENT", "off by 1"));
  }

  @Test
  void what_builds_on_a_dropped_fusion_says_so() {
    assertThat(DropCause.dependent(new DropCause("site", "DIFFERENT", "off by 1")))
        .isEqualTo(
            new DropCause(
                "site", "BUILDS_ON_DROPPED", "it builds on a fusion that was dropped: off by 1"));
  }
}
