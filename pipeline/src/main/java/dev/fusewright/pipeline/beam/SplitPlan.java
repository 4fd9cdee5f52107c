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

import dev.fusewright.io.storage.Store;
import dev.fusewright.pipeline.catalogue.CatalogueLines;
import dev.fusewright.pipeline.catalogue.CostOrder;
import dev.fusewright.pipeline.catalogue.EntryJson;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.pipeline.run.RunFigures;
import java.io.IOException;
import java.io.Serializable;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Deals the lines of a prepared catalogue out to splits, each of which is a range of its bytes.
 *
 * <p>Made before a job is begun, by whoever begins it: it is an index of some {@link #MOST} packs of
 * lines at most, and {@link #splits} puts packs together without reading anything. A model whose
 * cost is a good part of a worker's share is a split of its own; smaller ones that stand together
 * are one split. Splits are ordered by cost, the cheapest first, because Flink hands the last one
 * out first: so the biggest models start first, and the last to start are small.
 *
 * <p>Where the lines stand in {@link CostOrder} a split holds models of like cost. Of a catalogue
 * that does not, which an earlier version wrote, the splits are right as well, and less even.
 */
final class SplitPlan implements Serializable {
  private static final long serialVersionUID = 1L;

  /** There are never many more splits, since each costs the job's master memory. */
  static final int MOST = 10_000;

  /** A worker's share is cut into so many pieces, that none waits long for another. */
  private static final int PIECES = 64;

  private final List<Split> packs;
  private final long total;

  private SplitPlan(List<Split> packs, long total) {
    this.packs = packs;
    this.total = total;
  }

  /**
   * A range of lines of a catalogue.
   *
   * @param start offset of its first byte
   * @param end offset of the byte after its last line
   * @param entries how many lines
   * @param cost of their models, in bytes
   */
  record Split(long start, long end, long entries, long cost) implements Serializable {
    private Split and(Split next) {
      return new Split(start, next.end, entries + next.entries, cost + next.cost);
    }
  }

  /**
   * Reads a catalogue once, for where its lines stand and how big their models are.
   *
   * @throws IOException if the store fails, or the catalogue has not as many entries as it had
   */
  static SplitPlan of(Store store, PreparedCatalogue catalogue) throws IOException {
    int entries = Math.toIntExact(catalogue.entries());
    long[] starts = new long[entries + 1];
    long[] sizes = new long[entries];
    int found = 0;
    try (CatalogueLines lines = new CatalogueLines(store.open(catalogue.location()))) {
      for (var line = lines.next(); line != null; line = lines.next(), found++) {
        if (found == entries) {
          throw changed(catalogue, "more");
        }
        starts[found] = line.offset();
        starts[found + 1] = line.offset() + line.bytes();
        sizes[found] = EntryJson.preparedSize(line.text());
      }
    }
    if (found < entries) {
      throw changed(catalogue, "only " + found);
    }
    return of(starts, sizes);
  }

  /** A catalogue is not what it was when the run began. */
  static IOException changed(PreparedCatalogue catalogue, String found) {
    return new IOException(
        "%s: expected %d entries, as when the run began, found %s"
            .formatted(catalogue.location(), catalogue.entries(), found));
  }

  /**
   * A plan for lines of models of these sizes.
   *
   * @param starts where each line begins, and where the last one ends
   * @param sizes in bytes; negative where unknown
   */
  static SplitPlan of(long[] starts, long[] sizes) {
    long[] costs =
        Arrays.stream(CostOrder.estimated(sizes)).map(size -> RunFigures.cost(1, size)).toArray();
    List<Split> lines =
        new AbstractList<>() {
          @Override
          public Split get(int i) {
            return new Split(starts[i], starts[i + 1], 1, costs[i]);
          }

          @Override
          public int size() {
            return costs.length;
          }
        };
    long total = Arrays.stream(costs).sum();
    return new SplitPlan(packed(lines, total / MOST), total);
  }

  /** The cost of all models. */
  long total() {
    return total;
  }

  /** The whole catalogue. */
  Split whole() {
    return packs.stream().reduce(Split::and).orElse(new Split(0, 0, 0, 0));
  }

  /**
   * The splits, the cheapest first. Reads nothing: they are known as soon as they are asked for.
   *
   * @param share cost of what one worker would do
   */
  List<Split> splits(long share) {
    List<Split> splits = packed(packs, Math.max(total / MOST, share / PIECES));
    splits.sort(Comparator.comparingLong(Split::cost));
    return splits;
  }

  /** Puts neighbours together until they cost enough; what costs enough by itself stays alone. */
  private static List<Split> packed(List<Split> parts, long enough) {
    List<Split> packs = new ArrayList<>();
    Split pack = null;
    for (Split part : parts) {
      if (pack != null && (pack.cost >= enough || part.cost >= enough)) {
        packs.add(pack);
        pack = null;
      }
      pack = pack == null ? part : pack.and(part);
    }
    if (pack != null) {
      packs.add(pack);
    }
    return packs;
  }
}
