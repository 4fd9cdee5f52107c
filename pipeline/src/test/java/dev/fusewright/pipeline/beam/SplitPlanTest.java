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
package dev.fusewright.pipeline.beam;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.testing.TakesLong;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SplitPlanTest {
  private static final long MB = 1 << 20;

  @Test
  void models_of_a_small_catalogue_are_splits_of_their_own_the_biggest_last() {
    long[] sizes = {3 * MB, 1 * MB, 2 * MB};
    SplitPlan plan = new SplitPlan(sizes);
    assertThat(plan.splits(plan.total() / 2))
        .containsExactly(new int[] {1}, new int[] {2}, new int[] {0});
  }

  @TakesLong
  @Test
  void a_million_small_models_are_packed_into_some_ten_thousand_splits() {
    long[] sizes = new SplittableRandom(1).longs(1_000_000, 0, 100_000).toArray();
    SplitPlan plan = new SplitPlan(sizes);
    List<int[]> splits = plan.splits(plan.total() / 8);
    assertThat(splits).hasSizeLessThanOrEqualTo(SplitPlan.MOST);
    assertThat(splits.stream().flatMapToInt(Arrays::stream).sorted().toArray())
        .isEqualTo(IntStream.range(0, sizes.length).toArray());
  }

  @Test
  void a_big_model_among_small_ones_is_not_packed_and_starts_first() {
    long[] sizes = new long[1000];
    Arrays.fill(sizes, 50_000);
    sizes[17] = 10_000 * MB;
    SplitPlan plan = new SplitPlan(sizes);
    List<int[]> splits = plan.splits(plan.total() / 2);
    assertThat(splits.get(splits.size() - 1)).containsExactly(17);
  }

  @Test
  void a_model_of_unknown_size_counts_as_an_average_one() {
    SplitPlan plan = new SplitPlan(new long[] {4 * MB, -1, 2 * MB});
    assertThat(plan.splits(plan.total()))
        .containsExactly(new int[] {2}, new int[] {1}, new int[] {0});
  }

  @Test
  void models_without_any_size_are_dealt_out_evenly() {
    long[] sizes = new long[100];
    Arrays.fill(sizes, -1);
    SplitPlan plan = new SplitPlan(sizes);
    assertThat(plan.splits(plan.total() / 2)).hasSizeBetween(50, 100);
  }

  @Test
  void pulled_from_the_end_splits_keep_two_workers_busy_to_the_end_of_a_skewed_catalogue() {
    // 2,000 models from 50 KB to 100 MB, as skewed as zoos are.
    SplittableRandom random = new SplittableRandom(7);
    long[] sizes = new long[2000];
    Arrays.setAll(sizes, i -> (long) (50_000 * Math.pow(2000, Math.pow(random.nextDouble(), 3))));
    SplitPlan plan = new SplitPlan(sizes);
    List<int[]> splits = plan.splits(plan.total() / 2);

    PriorityQueue<Long> workers = new PriorityQueue<>(List.of(0L, 0L));
    for (int i = splits.size() - 1; i >= 0; i--) {
      workers.add(workers.remove() + plan.cost(splits.get(i)));
    }
    long makespan = workers.stream().mapToLong(end -> end).max().orElseThrow();
    assertThat((double) makespan / (plan.total() / 2.0)).isLessThan(1.02);
  }
}
