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

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * A run of a million models on five hundred slots, as its splits are planned: who has which when,
 * by the clock of the models alone. Sizes are skewed, half of them below 5 MB and the largest 10
 * GB; a model takes 20 ms and a second for each 50 MB.
 */
final class RunSimulationTest {
  private static final int MODELS = 1_000_000;
  private static final int SLOTS = 500;
  private static final long MEDIAN = 5_000_000;
  private static final double SKEW = 1.8;
  private static final long LARGEST = 10_000_000_000L;
  private static final double SECONDS_A_MODEL = 0.02;
  private static final double BYTES_A_SECOND = 50e6;

  /** Of a line of the catalogue. */
  private static final int LINE = 90;

  /** As receipts are written and merged. */
  private static final int UNWRITTEN = 100;

  private static final double WRITTEN_EVERY = 10;
  private static final int BATCH = 500;
  private static final int SEGMENT = 256;

  /** Of one model on S3: HEAD, GET, PUT, HEAD. */
  private static final int REQUESTS = 4;

  /** In the order in which a run has them: the smallest first. */
  private static long[] sizes() {
    Random random = new Random(7);
    long[] sizes = new long[MODELS];
    for (int i = 0; i < MODELS; i++) {
      double size = MEDIAN * Math.exp(SKEW * random.nextGaussian());
      sizes[i] = Math.max(10_000, Math.min(LARGEST, (long) size));
    }
    Arrays.sort(sizes);
    return sizes;
  }

  private static double seconds(long size) {
    return SECONDS_A_MODEL + size / BYTES_A_SECOND;
  }

  /** One slot, and what it has done so far. */
  private static final class Slot implements Comparable<Slot> {
    private double free;
    private double written;
    private int unwritten;
    private int inBatch;
    private long batches;
    private long writes;

    @Override
    public int compareTo(Slot other) {
      return Double.compare(free, other.free);
    }

    void fuse(long size) {
      free += seconds(size);
      unwritten++;
      if (unwritten >= UNWRITTEN || free - written >= WRITTEN_EVERY) {
        write();
      }
    }

    void write() {
      if (unwritten > 0) {
        batches += inBatch == 0 ? 1 : 0;
        inBatch += unwritten;
        inBatch = inBatch >= BATCH ? 0 : inBatch;
        unwritten = 0;
        written = free;
        writes++;
      }
    }
  }

  @Test
  void five_hundred_slots_end_within_an_eighth_of_the_ideal_and_leave_some_thousand_receipt_files()
      throws IOException {
    long[] sizes = sizes();
    long[] starts = new long[MODELS + 1];
    Arrays.setAll(starts, i -> (long) i * LINE);
    long began = System.nanoTime();
    SplitPlan plan = SplitPlan.of(starts, sizes);
    List<SplitPlan.Split> splits = new ArrayList<>(plan.splits(plan.total() / SLOTS));
    double planned = (System.nanoTime() - began) / 1e6;

    PriorityQueue<Slot> slots = new PriorityQueue<>();
    for (int i = 0; i < SLOTS; i++) {
      slots.add(new Slot());
    }
    double work = 0;
    // Flink hands the last one out first.
    for (int i = splits.size() - 1; i >= 0; i--) {
      Slot slot = slots.remove();
      int first = (int) (splits.get(i).start() / LINE);
      for (int model = first; model < first + splits.get(i).entries(); model++) {
        slot.fuse(sizes[model]);
        work += seconds(sizes[model]);
      }
      slots.add(slot);
    }
    double makespan = 0;
    long batches = 0;
    long writes = 0;
    for (Slot slot : slots) {
      slot.write();
      makespan = Math.max(makespan, slot.free);
      batches += slot.batches;
      writes += slot.writes;
    }
    double ideal = Math.max(work / SLOTS, seconds(sizes[MODELS - 1]));
    double requests = REQUESTS + 2.0 * (writes + 2L * splits.size()) / MODELS;
    System.err.printf(
        "%,d models on %d slots: %d splits planned in %.0f ms, %,d bytes of them; %.0f s where %.0f"
            + " are ideal; %d batches, %d segments when merged, %d writes; %.2f requests a model%n",
        MODELS,
        SLOTS,
        splits.size(),
        planned,
        serialized(splits),
        makespan,
        ideal,
        batches,
        MODELS / SEGMENT,
        writes,
        requests);

    // A split of the smallest models has thousands, each of which costs more than its bytes.
    assertThat(makespan).isLessThan(1.125 * ideal);
    assertThat(splits).hasSizeLessThanOrEqualTo(SplitPlan.MOST);
    assertThat(serialized(splits)).isLessThan(2 << 20);
    assertThat(batches).isLessThan(5_000);
  }

  private static int serialized(List<SplitPlan.Split> splits) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(splits);
    }
    return bytes.size();
  }
}
