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
package dev.fusewright.core.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which BatchNorms a glob of {@code --eps} means. */
final class EpsilonsTest {
  @ParameterizedTest
  @CsvSource({
    "*, bn1, true",
    "bn1, bn1, true",
    "bn1, bn11, false",
    "backbone.*, backbone.layer1.0.bn1, true",
    "backbone.*, head.bn, false",
    "*.bn, backbone.bn, true",
    "*.bn, backbone.bn1, false",
    "a*b*a, ababa, true",
    "a*b*a, aba, true",
    "a*a, a, false",
    "ab*ba, aba, false",
    "*b*b*, ab, false",
    "**, anything, true",
  })
  void a_star_stands_for_any_text_and_nothing_else_for_anything_but_itself(
      String glob, String name, boolean fits) {
    assertThat(Epsilons.fits(glob, name)).isEqualTo(fits);
  }

  /** With a regular expression this would not end before the sun does. */
  @Test
  void a_glob_of_many_stars_costs_what_the_name_is_long() {
    assertThat(Epsilons.fits("*a".repeat(200) + "b", "a".repeat(100_000))).isFalse();
    assertThat(Epsilons.fits("*a".repeat(200), "a".repeat(100_000))).isTrue();
  }

  @Test
  void behind_a_prefix_a_glob_may_write_it_and_the_longest_counts_as_it_was_written() {
    Epsilons asked =
        Epsilons.of(1e-5, "default")
            .asked(Map.of("backbone.*", 1e-3, "*bn2", 1e-2, "backbone.bn2", 1e-4), "--eps")
            .behind("backbone.");

    assertThat(asked.of("bn1")).isEqualTo(1e-3);
    assertThat(asked.of("bn2")).isEqualTo(1e-4);
    assertThat(asked.behind("").of("bn1")).isEqualTo(1e-5);
  }

  @Test
  void a_whole_name_counts_before_a_glob_of_as_many_characters() {
    Epsilons asked =
        Epsilons.of(1e-5, "default")
            .asked(Map.of("bn*", 1e-3, "bn1", 1e-4, "*1*****", 1.0), "--eps");

    assertThat(asked.of("bn1")).isEqualTo(1e-4);
    assertThat(asked.of("bn2")).isEqualTo(1e-3);
    assertThat(asked.of("bn10")).as("two letters of it, not one").isEqualTo(1e-3);
  }
}
