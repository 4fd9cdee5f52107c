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
package dev.fusewright.pipeline.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SettingsTest {
  private static final Settings SEEDED = Settings.NONE.with(SettingFields.SEED, 5L);

  @Test
  void an_entry_has_the_last_word_and_the_run_says_the_rest() {
    Settings run = SEEDED.with(SettingFields.RULES, "inference");
    Settings entry = Settings.NONE.with(SettingFields.RULES, "torch");
    FuseSettings both = FuseSettings.resolve(Settings.merge(run, entry));
    assertThat(both.rules()).contains("torch");
    assertThat(both.seed()).isEqualTo(5);
    assertThat(Settings.merge(run, Settings.NONE)).isEqualTo(run);
  }

  @Test
  void what_an_entry_says_holds_also_where_it_is_the_default() {
    Settings run = Settings.NONE.with(SettingFields.VERIFY_LEVEL, VerifyLevel.NONE);
    Settings entry = Settings.NONE.with(SettingFields.VERIFY_LEVEL, VerifyLevel.ALL);
    assertThat(FuseSettings.resolve(Settings.merge(run, entry)).proof()).isEqualTo(VerifyLevel.ALL);
  }

  @Test
  void saying_the_default_decides_nothing() {
    FuseSettings said = FuseSettings.resolve(Settings.NONE.with(SettingFields.MODE, Mode.EVAL));
    assertThat(said).isEqualTo(FuseSettings.defaults());
    assertThat(said.digest()).isEqualTo(FuseSettings.defaults().digest());
  }

  @Test
  void it_does_not_matter_in_which_order_something_was_said_or_how_a_list_was_set() {
    FuseSettings one = FuseSettings.resolve(SEEDED.with(SettingFields.MODULES, "[[\"a\", \"b\"]]"));
    FuseSettings other =
        FuseSettings.resolve(
            Settings.NONE
                .withOption(SettingFields.MODULES, List.of(" [ [\"a\",\"b\"] ]"), SettingPlace.FUSE)
                .with(SettingFields.SEED, 5L));
    assertThat(one.digest()).isEqualTo(other.digest());
    assertThat(one.digest())
        .isNotEqualTo(one.with(SettingFields.MODULES, "[[\"a\", \"c\"]]").digest());
  }

  @ParameterizedTest
  @CsvSource({
    "GRAPH, , , inference",
    "GRAPH, recipe:resnet, , torch",
    "GRAPH, recipe:resnet, inference, inference",
    "STATE_DICT, , , torch",
    "STATE_DICT, recipe:resnet, , torch",
    "STATE_DICT, recipe:resnet, inference, inference",
    "GRAPH, , conv-batch-norm, conv-batch-norm"
  })
  void rules_that_are_said_hold_and_else_what_the_file_and_the_request_are_like(
      RuleChoice.Kind kind, String modules, String rules, String expected) {
    Settings said = Settings.NONE;
    if (modules != null) {
      said = said.with(SettingFields.MODULES, modules);
    }
    if (rules != null) {
      said = said.with(SettingFields.RULES, rules);
    }
    assertThat(RuleChoice.of(FuseSettings.resolve(said), kind)).isEqualTo(expected);
  }
}
