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

import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.catalogue.CatalogueEntry;
import dev.fusewright.pipeline.catalogue.EntryJson;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.io.BoundedSource;
import org.apache.beam.sdk.options.PipelineOptions;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a prepared catalogue: its lines, by the range of bytes in which they stand. A
 * split carries no entries: of a million models the job's master keeps a megabyte.
 *
 * <p>The plan of all splits is made before the job is begun, and goes with it. So {@link #split}
 * touches no store and returns at once: Flink's runner tells workers that there is nothing to do,
 * and the job ends without having read an entry, if they ask while the splits are still being made.
 */
final class CatalogueSource extends BoundedSource<CatalogueEntry> {
  private static final long serialVersionUID = 1L;

  private final StorageConfiguration storage;
  private final PreparedCatalogue catalogue;
  private final SplitPlan.Split range;

  /** Null of a split. */
  private final @Nullable SplitPlan plan;

  private CatalogueSource(
      StorageConfiguration storage,
      PreparedCatalogue catalogue,
      SplitPlan.Split range,
      @Nullable SplitPlan plan) {
    this.storage = storage;
    this.catalogue = catalogue;
    this.range = range;
    this.plan = plan;
  }

  /**
   * All of them. Reads the catalogue once.
   *
   * @throws IOException if the store fails, or the catalogue is not what it was
   */
  static CatalogueSource whole(StorageConfiguration storage, PreparedCatalogue catalogue)
      throws IOException {
    SplitPlan plan = SplitPlan.of(Stores.of(storage), catalogue);
    return new CatalogueSource(storage, catalogue, plan.whole(), plan);
  }

  @Override
  public long getEstimatedSizeBytes(PipelineOptions options) {
    return range.cost();
  }

  @Override
  public List<CatalogueSource> split(long desiredBundleSizeBytes, PipelineOptions options) {
    return plan == null
        ? List.of(this)
        : plan.splits(desiredBundleSizeBytes).stream()
            .map(split -> new CatalogueSource(storage, catalogue, split, null))
            .toList();
  }

  @Override
  public BoundedReader<CatalogueEntry> createReader(PipelineOptions options) {
    return new Reader(this);
  }

  @Override
  public Coder<CatalogueEntry> getOutputCoder() {
    return new CatalogueEntryCoder();
  }

  /**
   * Lines are fetched many by one request, and kept until it is their turn: no connection is held
   * while models are worked on.
   */
  private static final class Reader extends BoundedReader<CatalogueEntry> {
    private static final int FETCHED = 1 << 20;

    private final CatalogueSource source;
    private final Store store;
    private final Deque<String> fetched = new ArrayDeque<>();
    private long at;
    private long read;
    private @Nullable CatalogueEntry current;

    Reader(CatalogueSource source) {
      this.source = source;
      this.store = Stores.of(source.storage);
      this.at = source.range.start();
    }

    @Override
    public boolean start() throws IOException {
      return advance();
    }

    @Override
    public boolean advance() throws IOException {
      LiveCounters.count();
      while (fetched.isEmpty() && at < source.range.end()) {
        fetch();
      }
      String line = fetched.poll();
      if (line == null && read != source.range.entries()) {
        throw changed(read < source.range.entries() ? "less" : "more");
      }
      current = line == null ? null : EntryJson.prepared(line);
      read += line == null ? 0 : 1;
      return line != null;
    }

    private IOException changed(String found) {
      return SplitPlan.changed(source.catalogue, found);
    }

    /** The next lines, whole; a line may be longer than what is fetched at a time. */
    private void fetch() throws IOException {
      long left = source.range.end() - at;
      long wanted = Math.min(left, FETCHED);
      while (true) {
        byte[] bytes;
        try (InputStream in = store.open(source.catalogue.location(), at)) {
          bytes = in.readNBytes(Math.toIntExact(wanted));
        }
        if (bytes.length < wanted) {
          throw changed("less");
        }
        int end = wanted == left ? bytes.length : lastLineEnd(bytes);
        if (end > 0) {
          new String(bytes, 0, end, StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.isBlank())
              .forEach(fetched::add);
          at += end;
          return;
        }
        wanted = Math.min(left, 2 * wanted);
      }
    }

    /** How many bytes whole lines take. */
    private static int lastLineEnd(byte[] bytes) {
      int end = bytes.length;
      while (end > 0 && bytes[end - 1] != '\n') {
        end--;
      }
      return end;
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
      return source.range.entries() == 0 ? 1.0 : (double) read / source.range.entries();
    }

    @Override
    public CatalogueSource getCurrentSource() {
      return source;
    }

    @Override
    public void close() {}
  }
}
