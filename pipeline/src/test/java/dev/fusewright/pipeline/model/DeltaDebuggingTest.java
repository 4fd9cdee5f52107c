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
package dev.fusewright.pipeline.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DeltaDebuggingTest {
  private static List<Integer> elements(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 17, 38, 47})
  void a_single_element_that_is_needed_is_found_among_dozens_in_a_few_attempts(int needed)
      throws Exception {
    AtomicInteger attempts = new AtomicInteger();

    List<Integer> least =
        DeltaDebugging.least(
            elements(48),
            32,
            some -> {
              attempts.incrementAndGet();
              return some.contains(needed);
            });

    assertThat(least).containsExactly(needed);
    assertThat(attempts.get()).isLessThanOrEqualTo(12);
  }

  @Test
  void two_elements_that_are_needed_together_are_found() throws Exception {
    assertThat(DeltaDebugging.least(elements(12), 64, some -> some.containsAll(Set.of(1, 10))))
        .containsExactly(1, 10);
  }

  @Test
  void of_two_elements_of_which_either_is_enough_the_last_is_left() throws Exception {
    assertThat(DeltaDebugging.least(elements(2), 8, some -> true)).containsExactly(1);
  }

  @Test
  void what_no_attempt_confirmed_is_never_the_answer() throws Exception {
    List<List<Integer>> confirmed = new ArrayList<>();
    List<Integer> least =
        DeltaDebugging.least(
            elements(40),
            5,
            some -> {
              boolean enough = some.containsAll(Set.of(3, 30, 39));
              if (enough) {
                confirmed.add(some);
              }
              return enough;
            });
    assertThat(confirmed.isEmpty() ? elements(40) : confirmed.get(confirmed.size() - 1))
        .isEqualTo(least);
  }

  @Test
  void all_are_left_where_no_fewer_are_enough() throws Exception {
    assertThat(DeltaDebugging.least(elements(4), 100, some -> false)).isEqualTo(elements(4));
    assertThat(DeltaDebugging.least(elements(1), 100, some -> true)).isEqualTo(elements(1));
  }
}
