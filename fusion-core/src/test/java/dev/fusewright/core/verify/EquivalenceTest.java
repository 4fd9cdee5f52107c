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
package dev.fusewright.core.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.Verdict;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EquivalenceTest {
  private static final LevelVerdict YES = LevelVerdict.equivalent("");
  private static final LevelVerdict NO = LevelVerdict.different("off by one");
  private static final LevelVerdict UNASKED = LevelVerdict.notChecked("");

  private static Verdict verdict(LevelVerdict certificate, LevelVerdict site, LevelVerdict model) {
    return new Equivalence(
            Map.of(Level.CERTIFICATE, certificate, Level.SITE, site, Level.MODEL, model),
            9,
            7,
            List.of(),
            List.of())
        .verdict();
  }

  @Test
  void any_level_that_says_different_decides() {
    assertThat(verdict(YES, YES, NO)).isEqualTo(Verdict.DIFFERENT);
    assertThat(verdict(NO, YES, YES)).isEqualTo(Verdict.DIFFERENT);
    assertThat(verdict(UNASKED, NO, LevelVerdict.inconclusive(InconclusiveReason.RUNNER, "")))
        .isEqualTo(Verdict.DIFFERENT);
  }

  @Test
  void the_structure_decides_where_it_is_the_same_and_says_nothing_where_it_is_not() {
    LevelVerdict other = LevelVerdict.inconclusive(InconclusiveReason.OTHER_STRUCTURE, "");
    LevelVerdict vacuous = LevelVerdict.inconclusive(InconclusiveReason.VACUOUS, "");
    assertThat(verdict(Map.of(Level.STRUCTURE, YES))).isEqualTo(Verdict.EQUIVALENT);
    assertThat(verdict(Map.of(Level.STRUCTURE, YES, Level.MODEL, vacuous)))
        .isEqualTo(Verdict.EQUIVALENT);
    assertThat(verdict(Map.of(Level.STRUCTURE, YES, Level.MODEL, NO))).isEqualTo(Verdict.DIFFERENT);
    assertThat(verdict(Map.of(Level.STRUCTURE, other, Level.MODEL, YES)))
        .isEqualTo(Verdict.EQUIVALENT);
    assertThat(verdict(Map.of(Level.STRUCTURE, other, Level.MODEL, vacuous)))
        .isEqualTo(Verdict.INCONCLUSIVE);
    assertThat(verdict(Map.of(Level.STRUCTURE, other))).isEqualTo(Verdict.INCONCLUSIVE);
  }

  private static Verdict verdict(Map<Level, LevelVerdict> levels) {
    return new Equivalence(levels, 9, 7, List.of(), List.of()).verdict();
  }

  @Test
  void every_level_that_was_asked_must_agree() {
    assertThat(verdict(YES, YES, YES)).isEqualTo(Verdict.EQUIVALENT);
    assertThat(verdict(UNASKED, UNASKED, YES)).isEqualTo(Verdict.EQUIVALENT);
    assertThat(verdict(YES, LevelVerdict.inconclusive(InconclusiveReason.NO_KERNEL, ""), YES))
        .isEqualTo(Verdict.INCONCLUSIVE);
    assertThat(verdict(UNASKED, UNASKED, UNASKED)).isEqualTo(Verdict.NOT_CHECKED);
    assertThat(Equivalence.notChecked("--verify none").verdict()).isEqualTo(Verdict.NOT_CHECKED);
  }

  @ParameterizedTest
  @EnumSource(InconclusiveReason.class)
  void a_doubt_about_the_whole_model_is_excused_only_by_proofs_of_all_sites(
      InconclusiveReason doubt) {
    LevelVerdict model = LevelVerdict.inconclusive(doubt, "");
    boolean excusable =
        !Set.of(
                InconclusiveReason.RUNNER,
                InconclusiveReason.DEFECT,
                InconclusiveReason.OTHER_FILES,
                InconclusiveReason.OTHER_STRUCTURE)
            .contains(doubt);
    assertThat(verdict(YES, YES, model))
        .isEqualTo(excusable ? Verdict.EQUIVALENT : Verdict.INCONCLUSIVE);
    assertThat(verdict(YES, UNASKED, model)).isEqualTo(Verdict.INCONCLUSIVE);
    assertThat(verdict(UNASKED, UNASKED, model)).isEqualTo(Verdict.INCONCLUSIVE);
  }

  @Test
  void a_doubt_belongs_to_an_inconclusive_verdict_and_to_no_other() {
    assertThatThrownBy(() -> new LevelVerdict(Verdict.INCONCLUSIVE, null, ""))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new LevelVerdict(Verdict.EQUIVALENT, InconclusiveReason.NOISE, ""))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
