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

import dev.fusewright.pipeline.run.RunFigures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Deals the models of a catalogue out to splits.
 *
 * <p>A model whose cost is a good part of a worker's share is a split of its own; smaller ones are
 * packed together until they are one. Splits are ordered by cost, the cheapest first, because Flink
 * hands the last one out first: so the biggest models start first, and the last to start are small.
 * There are never many more than {@link #MOST}, since each costs the job's master memory.
 */
final class SplitPlan {
  static final int MOST = 10_000;

  /** A worker's share is cut into so many pieces, that none waits long for another. */
  private static final int PIECES = 64;

  private final long[] costs;

  /**
   * A plan for models of these sizes.
   *
   * @param sizes in bytes; negative where unknown, which is taken for the mean of the others
   */
  SplitPlan(long[] sizes) {
    double mean = Arrays.stream(sizes).filter(size -> size >= 0).average().orElse(0);
    costs =
        Arrays.stream(sizes)
            .map(size -> RunFigures.COST_OF_ANY + (size < 0 ? (long) mean : size))
            .toArray();
  }

  /** The cost of all models. */
  long total() {
    return Arrays.stream(costs).sum();
  }

  /**
   * The indices of the models in each split.
   *
   * @param share cost of what one worker would do
   */
  List<int[]> splits(long share) {
    Integer[] ascending = new Integer[costs.length];
    Arrays.setAll(ascending, i -> i);
    Arrays.sort(ascending, Comparator.comparingLong(i -> costs[i]));
    long enough = Math.max(total() / MOST, share / PIECES);
    List<int[]> splits = new ArrayList<>();
    int start = 0;
    long cost = 0;
    for (int end = 0; end < ascending.length; end++) {
      long next = costs[ascending[end]];
      if (cost >= enough || (next >= enough && end > start)) {
        splits.add(pack(ascending, start, end));
        start = end;
        cost = 0;
      }
      cost += next;
    }
    if (start < ascending.length) {
      splits.add(pack(ascending, start, ascending.length));
    }
    // The last pack, cut short, may be cheaper than those before it.
    splits.sort(Comparator.comparingLong(this::cost));
    return splits;
  }

  /** In the order of the catalogue, in which they are read. */
  private static int[] pack(Integer[] models, int from, int to) {
    return Arrays.stream(models, from, to).mapToInt(model -> model).sorted().toArray();
  }

  /** The cost of one split. */
  long cost(int[] split) {
    return Arrays.stream(split).mapToLong(i -> costs[i]).sum();
  }
}
