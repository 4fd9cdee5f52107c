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

import dev.fusewright.pipeline.catalogue.CatalogueEntry;
import dev.fusewright.pipeline.catalogue.CatalogueLines;
import dev.fusewright.pipeline.catalogue.EntryJson;
import dev.fusewright.pipeline.run.RunFigures;
import dev.fusewright.pipeline.run.RunSpec;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.io.BoundedSource;
import org.apache.beam.sdk.options.PipelineOptions;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a run that need work: lines of a prepared catalogue, by where they stand. A split
 * carries offsets and no entries: of a million models the job's master keeps a few megabytes.
 */
final class CatalogueSource extends BoundedSource<CatalogueEntry> {
  private static final long serialVersionUID = 1L;

  private final RunSpec run;
  private final long cost;

  /** Offset and length of each line, in file order; null for the whole catalogue. */
  private final long @Nullable [] lines;

  private CatalogueSource(RunSpec run, long cost, long @Nullable [] lines) {
    this.run = run;
    this.cost = cost;
    this.lines = lines;
  }

  /** All of them. */
  static CatalogueSource whole(RunSpec run) {
    long cost =
        run.settled().left().bytes() + run.settled().left().entries() * RunFigures.COST_OF_ANY;
    return new CatalogueSource(run, cost, null);
  }

  @Override
  public long getEstimatedSizeBytes(PipelineOptions options) {
    return cost;
  }

  @Override
  public List<CatalogueSource> split(long desiredBundleSizeBytes, PipelineOptions options)
      throws IOException {
    if (lines != null) {
      return List.of(this);
    }
    int entries = Math.toIntExact(run.settled().left().entries());
    long[] places = new long[2 * entries];
    long[] sizes = new long[entries];
    index(places, sizes);
    SplitPlan plan = new SplitPlan(sizes);
    List<CatalogueSource> splits = new ArrayList<>();
    for (int[] split : plan.splits(desiredBundleSizeBytes)) {
      long[] own = new long[2 * split.length];
      for (int i = 0; i < split.length; i++) {
        own[2 * i] = places[2 * split[i]];
        own[2 * i + 1] = places[2 * split[i] + 1];
      }
      splits.add(new CatalogueSource(run, plan.cost(split), own));
    }
    return splits;
  }

  /** Notes where each line stands, and how big its model is. */
  private void index(long[] places, long[] sizes) throws IOException {
    int found = 0;
    try (CatalogueLines all =
        new CatalogueLines(run.store().open(run.settled().left().location()))) {
      for (var line = all.next(); line != null; line = all.next(), found++) {
        if (found == sizes.length) {
          throw changed("more");
        }
        Long size = entry(line.text()).size();
        places[2 * found] = line.offset();
        places[2 * found + 1] = line.bytes();
        sizes[found] = size == null ? -1 : size;
      }
    }
    if (found < sizes.length) {
      throw changed("only " + found);
    }
  }

  private IOException changed(String found) {
    return new IOException(
        "%s: expected %d entries, as when the run began, found %s"
            .formatted(run.settled().left().location(), run.settled().left().entries(), found));
  }

  private static CatalogueEntry entry(String line) {
    return EntryJson.prepared(line);
  }

  @Override
  public BoundedReader<CatalogueEntry> createReader(PipelineOptions options) throws IOException {
    if (lines == null) {
      List<CatalogueSource> all = split(Long.MAX_VALUE, options);
      long[] every = all.stream().flatMapToLong(split -> Arrays.stream(split.places())).toArray();
      return new Reader(new CatalogueSource(run, cost, every));
    }
    return new Reader(this);
  }

  private long[] places() {
    return lines == null ? new long[0] : lines;
  }

  @Override
  public Coder<CatalogueEntry> getOutputCoder() {
    return new CatalogueEntryCoder();
  }

  /**
   * Lines that stand near each other are fetched by one request, and kept until it is their turn.
   */
  private static final class Reader extends BoundedReader<CatalogueEntry> {
    /** What lies between two lines is read and dropped up to here: cheaper than a request. */
    private static final long SKIPPED = 1 << 16;

    private static final int FETCHED = 1 << 20;

    private final CatalogueSource source;
    private final Deque<String> fetched = new ArrayDeque<>();
    private int next;
    private @Nullable CatalogueEntry current;

    Reader(CatalogueSource source) {
      this.source = source;
    }

    @Override
    public boolean start() throws IOException {
      return advance();
    }

    @Override
    public boolean advance() throws IOException {
      LiveCounters.count();
      if (fetched.isEmpty()) {
        fetch();
      }
      String line = fetched.poll();
      current = line == null ? null : entry(line);
      return line != null;
    }

    private void fetch() throws IOException {
      long[] places = source.places();
      if (next == places.length) {
        return;
      }
      long start = places[next];
      long at = start;
      try (InputStream in =
          source.run.store().open(source.run.settled().left().location(), start)) {
        do {
          in.skipNBytes(places[next] - at);
          byte[] line = in.readNBytes(Math.toIntExact(places[next + 1]));
          if (line.length < places[next + 1]) {
            throw source.changed("less");
          }
          fetched.add(new String(line, StandardCharsets.UTF_8));
          at = places[next] + line.length;
          next += 2;
        } while (next < places.length
            && places[next] >= at
            && places[next] - at <= SKIPPED
            && at - start < FETCHED);
      } catch (EOFException e) {
        throw source.changed("less");
      }
    }

    @Override
    public CatalogueEntry getCurrent() {
      if (current == null) {
        throw new NoSuchElementException();
      }
      return current;
    }

    @Override
    public Double getFractionConsumed() {
      int lines = source.places().length / 2;
      return lines == 0 ? 1.0 : (next / 2.0 - fetched.size()) / lines;
    }

    @Override
    public CatalogueSource getCurrentSource() {
      return source;
    }

    @Override
    public void close() {}
  }
}
