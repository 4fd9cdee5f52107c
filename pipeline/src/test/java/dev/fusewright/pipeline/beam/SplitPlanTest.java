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
import dev.fusewright.pipeline.beam.SplitPlan.Split;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class SplitPlanTest {
  private static final long MB = 1 << 20;

  /** Of lines of a hundred bytes each, in the order of their models' sizes. */
  private static SplitPlan plan(long... sizes) {
    return inOrderOf(Arrays.stream(sizes).sorted().toArray());
  }

  private static SplitPlan inOrderOf(long... sizes) {
    long[] starts = new long[sizes.length + 1];
    Arrays.setAll(starts, i -> 100L * i);
    return SplitPlan.of(starts, sizes);
  }

  private static List<Long> starts(List<Split> splits) {
    return splits.stream().map(Split::start).toList();
  }

  @Test
  void models_of_a_small_catalogue_are_splits_of_their_own_the_biggest_last() {
    SplitPlan plan = plan(3 * MB, 1 * MB, 2 * MB);
    assertThat(starts(plan.splits(plan.total() / 2))).containsExactly(0L, 100L, 200L);
    SplitPlan anyOrder = inOrderOf(3 * MB, 1 * MB, 2 * MB);
    assertThat(starts(anyOrder.splits(anyOrder.total() / 2))).containsExactly(100L, 200L, 0L);
  }

  @TakesLong
  @Test
  void a_million_small_models_are_packed_into_some_ten_thousand_ranges_without_a_gap() {
    SplitPlan plan = plan(new SplittableRandom(1).longs(1_000_000, 0, 100_000).toArray());
    List<Split> splits = plan.splits(plan.total() / 8);
    assertThat(splits).hasSizeLessThanOrEqualTo(SplitPlan.MOST);
    long next = 0;
    for (Split split : splits.stream().sorted(Comparator.comparing(Split::start)).toList()) {
      assertThat(split.start()).isEqualTo(next);
      assertThat(split.end() - split.start()).isEqualTo(100 * split.entries());
      next = split.end();
    }
    assertThat(next).isEqualTo(100_000_000);
  }

  @Test
  void a_big_model_among_small_ones_is_not_packed_and_starts_first() {
    long[] sizes = new long[1000];
    Arrays.fill(sizes, 50_000);
    sizes[17] = 10_000 * MB;
    for (SplitPlan plan : List.of(plan(sizes), inOrderOf(sizes))) {
      List<Split> splits = plan.splits(plan.total() / 2);
      assertThat(splits.get(splits.size() - 1).entries()).isOne();
      assertThat(splits.get(splits.size() - 1).cost()).isGreaterThan(10_000 * MB);
    }
  }

  @Test
  void a_model_of_unknown_size_counts_as_an_average_one() {
    SplitPlan plan = inOrderOf(4 * MB, -1, 2 * MB);
    assertThat(starts(plan.splits(plan.total()))).containsExactly(200L, 100L, 0L);
  }

  @Test
  void models_without_any_size_are_dealt_out_evenly() {
    long[] sizes = new long[100];
    Arrays.fill(sizes, -1);
    SplitPlan plan = plan(sizes);
    assertThat(plan.splits(plan.total() / 2)).hasSizeBetween(50, 100);
  }

  @Test
  void pulled_from_the_end_splits_keep_two_workers_busy_to_the_end_of_a_skewed_catalogue() {
    // 2,000 models from 50 KB to 100 MB, as skewed as zoos are.
    SplittableRandom random = new SplittableRandom(7);
    long[] sizes = new long[2000];
    Arrays.setAll(sizes, i -> (long) (50_000 * Math.pow(2000, Math.pow(random.nextDouble(), 3))));
    SplitPlan plan = plan(sizes);
    List<Split> splits = plan.splits(plan.total() / 2);

    PriorityQueue<Long> workers = new PriorityQueue<>(List.of(0L, 0L));
    for (int i = splits.size() - 1; i >= 0; i--) {
      workers.add(workers.remove() + splits.get(i).cost());
    }
    long makespan = workers.stream().mapToLong(end -> end).max().orElseThrow();
    assertThat((double) makespan / (plan.total() / 2.0)).isLessThan(1.02);
  }
}
