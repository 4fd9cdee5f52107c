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

import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verify.Equivalence;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LevelWordsTest {
  private static final LevelVerdict SAME = LevelVerdict.equivalent("all 2 sites");
  private static final LevelVerdict MUTE =
      LevelVerdict.inconclusive(InconclusiveReason.VACUOUS, "next to nothing");

  private static Equivalence found(Map<Level, LevelVerdict> levels) {
    return new Equivalence(levels, 9, 0, List.of(), List.of());
  }

  private static String words(Equivalence equivalence) {
    return LevelWords.of(EquivalenceRecords.of(equivalence, null));
  }

  @Test
  void a_verdict_names_the_levels_that_carry_it_and_why_another_was_not_judged() {
    assertThat(words(found(Map.of(Level.CERTIFICATE, SAME, Level.SITE, SAME, Level.MODEL, MUTE))))
        .isEqualTo("EQUIVALENT: certificate and sites; whole model VACUOUS");
  }

  @Test
  void sites_that_could_not_have_shown_a_fault_carry_nothing() {
    assertThat(words(found(Map.of(Level.CERTIFICATE, SAME, Level.SITE, MUTE, Level.MODEL, SAME))))
        .isEqualTo("EQUIVALENT: certificate and whole model; sites VACUOUS");
    assertThat(words(found(Map.of(Level.CERTIFICATE, SAME, Level.SITE, MUTE, Level.MODEL, MUTE))))
        .isEqualTo("EQUIVALENT: certificate; sites and whole model VACUOUS");
    // Without a certificate they prove nothing.
    assertThat(words(found(Map.of(Level.SITE, MUTE, Level.MODEL, SAME))))
        .isEqualTo("INCONCLUSIVE: sites VACUOUS; whole model EQUIVALENT");
  }

  @Test
  void all_three_levels_are_named_where_all_three_carry_it() {
    assertThat(words(found(Map.of(Level.CERTIFICATE, SAME, Level.SITE, SAME, Level.MODEL, SAME))))
        .isEqualTo("EQUIVALENT: certificate, sites and whole model");
  }

  @Test
  void a_level_that_was_not_asked_for_is_not_named() {
    assertThat(words(found(Map.of(Level.MODEL, SAME)))).isEqualTo("EQUIVALENT: whole model");
    assertThat(words(Equivalence.notChecked("not asked for"))).isEqualTo("NOT_CHECKED");
  }

  @Test
  void a_difference_names_its_level_first() {
    Map<Level, LevelVerdict> levels =
        Map.of(
            Level.CERTIFICATE, SAME, Level.SITE, SAME, Level.MODEL, LevelVerdict.different("off"));
    assertThat(words(found(levels)))
        .isEqualTo("DIFFERENT: whole model; certificate and sites EQUIVALENT");
  }

  @Test
  void what_cannot_be_told_rests_on_no_level() {
    assertThat(words(found(Map.of(Level.MODEL, MUTE))))
        .isEqualTo("INCONCLUSIVE: whole model VACUOUS");
  }

  @Test
  void as_listed_rests_on_the_levels_that_are_equivalent() {
    Equivalence listed =
        found(Map.of(Level.CERTIFICATE, SAME, Level.SITE, SAME))
            .assuming(
                List.of(
                    new Assumption(
                        Assumption.Kind.LISTED, "'bn1' follows 'conv1'", "the module list")));
    assertThat(words(listed)).isEqualTo("AS_LISTED: certificate and sites");
  }
}
