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
package dev.fusewright.pipeline.cache;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.files.AvroFile;
import dev.fusewright.pipeline.files.DamagedFileException;
import dev.fusewright.report.ReceiptSegment;
import dev.fusewright.report.StoredReceipt;
import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Merges the batches that workers wrote with those that were merged before, in the order of ids and
 * the newest receipt of each: a new generation of segments. What is held of them is bounded.
 *
 * <p>Segments come first, then their index, which of several merges at once one can write; then the
 * batches are removed that it took in, unless they were written anew. The generation before stays
 * for those who read it. Wherever a merge ends early, every receipt is where it was.
 */
final class ReceiptMerge {
  /** With so many batches a merge pays. */
  static final int MOST_BATCHES = 32;

  static final int SEGMENT_RECEIPTS = 256;
  private static final int SEGMENT_BYTES = 1 << 20;
  private static final int SORTED_IN_MEMORY = 16 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(ReceiptMerge.class);

  private final Store store;
  private final ReceiptFolder folder;
  private final Scratch scratch;
  private final List<ReceiptSegment> segments = new ArrayList<>();
  private final String name = "sorted/" + UUID.randomUUID();

  private ReceiptMerge(Store store, ReceiptFolder folder, Scratch scratch) {
    this.store = store;
    this.folder = folder;
    this.scratch = scratch;
  }

  /**
   * Merges, if there are more batches than so many.
   *
   * @param scratch for what is sorted
   * @return whether there is a new generation
   * @throws IOException if the store fails
   */
  static boolean run(Store store, ReceiptFolder folder, Scratch scratch, int most)
      throws IOException {
    List<StoredFile> fresh = folder.fresh(store);
    return fresh.size() > most && new ReceiptMerge(store, folder, scratch).merge(fresh);
  }

  private boolean merge(List<StoredFile> fresh) throws IOException {
    List<StoredFile> indexes = folder.indexes(store);
    long before =
        indexes.isEmpty() ? -1 : ReceiptFolder.generation(indexes.get(0).location()).orElseThrow();
    List<StoredFile> taken = new ArrayList<>();
    List<Run> runs = new ArrayList<>();
    try {
      runs.add(new Segments(ReceiptReader.merged(store, folder)));
      runs.addAll(sorted(fresh, taken));
      merged(runs);
    } finally {
      for (Run run : runs) {
        run.close();
      }
    }
    StoredFile index;
    try {
      index = ReceiptSegments.write(store, folder.index(before + 1), segments);
    } catch (FileAlreadyExistsException e) {
      LOG.info("another run has merged receipts meanwhile, this merge is dropped");
      for (ReceiptSegment segment : segments) {
        store.remove(folder.location().resolve(segment.getFile()));
      }
      return false;
    }
    removeTaken(taken);
    removeFormer(index, indexes);
    return true;
  }

  /** Receipts in the order of ids. */
  private interface Run extends Closeable {
    /** The next receipt; null after the last. */
    @Nullable StoredReceipt next() throws IOException;
  }

  /** What was merged before; of a damaged segment what stands before the damage. */
  private final class Segments implements Run {
    private final List<StoredFile> files;
    private int at;
    private @Nullable AvroFile<StoredReceipt> open;

    Segments(List<StoredFile> files) {
      this.files = files;
    }

    @Override
    public @Nullable StoredReceipt next() throws IOException {
      while (true) {
        try {
          if (open == null) {
            if (at == files.size()) {
              return null;
            }
            open = ReceiptBatch.open(store, files.get(at++));
          }
          StoredReceipt receipt = open.next();
          if (receipt != null) {
            return receipt;
          }
        } catch (DamagedFileException | FileNotFoundException e) {
          LOG.warn("the models whose receipts stand after this are done again: {}", e.getMessage());
        }
        close();
      }
    }

    @Override
    public void close() throws IOException {
      if (open != null) {
        open.close();
        open = null;
      }
    }
  }

  /** What was sorted in memory and put aside. */
  private static final class Spilled implements Run {
    private final AvroFile<StoredReceipt> file;

    Spilled(AvroFile<StoredReceipt> file) {
      this.file = file;
    }

    @Override
    public @Nullable StoredReceipt next() throws IOException {
      return file.next();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  /**
   * What the batches have, in runs, of which a later one has the newer receipts.
   *
   * @param taken is given the versions that were read
   */
  private List<Run> sorted(List<StoredFile> fresh, List<StoredFile> taken) throws IOException {
    List<Run> runs = new ArrayList<>();
    SortedMap<String, StoredReceipt> inMemory = new TreeMap<>();
    long[] bytes = {0};
    for (StoredFile batch : fresh) {
      try {
        taken.add(
            ReceiptReader.read(
                store,
                batch,
                receipt -> {
                  inMemory.put(receipt.getId(), receipt);
                  bytes[0] += receipt.getReceipt().remaining();
                }));
      } catch (FileNotFoundException e) {
        LOG.info("{} was merged by another run", batch.location());
      }
      if (bytes[0] >= SORTED_IN_MEMORY) {
        runs.add(spilled(inMemory, runs.size()));
        bytes[0] = 0;
      }
    }
    runs.add(spilled(inMemory, runs.size()));
    return runs;
  }

  private Run spilled(SortedMap<String, StoredReceipt> receipts, int number) throws IOException {
    Path file = scratch.file("receipts-%d.avro".formatted(number));
    Files.write(file, ReceiptBatch.write(receipts.values()));
    receipts.clear();
    Location location = Location.of(file);
    return new Spilled(
        ReceiptBatch.open(
            store,
            store
                .status(location)
                .orElseThrow(() -> new FileNotFoundException(file + " is gone"))));
  }

  /**
   * The head of a run.
   *
   * @param rank of the run: of two receipts of one entry that of the higher one counts
   */
  private record Head(StoredReceipt receipt, Run run, int rank) {
    private static final Comparator<Head> ORDER =
        Comparator.comparing((Head head) -> head.receipt.getId())
            .thenComparing(Comparator.comparingInt(Head::rank).reversed());
  }

  private void merged(List<Run> runs) throws IOException {
    PriorityQueue<Head> heads = new PriorityQueue<>(Head.ORDER);
    for (int rank = 0; rank < runs.size(); rank++) {
      advance(heads, runs.get(rank), rank);
    }
    List<StoredReceipt> segment = new ArrayList<>();
    long bytes = 0;
    String last = null;
    for (Head head = heads.poll(); head != null; head = heads.poll()) {
      String id = head.receipt.getId();
      if (!id.equals(last)) {
        segment.add(head.receipt);
        bytes += head.receipt.getReceipt().remaining();
        last = id;
      }
      if (segment.size() == SEGMENT_RECEIPTS || bytes >= SEGMENT_BYTES) {
        write(segment);
        bytes = 0;
      }
      advance(heads, head.run, head.rank);
    }
    if (!segment.isEmpty()) {
      write(segment);
    }
  }

  private static void advance(PriorityQueue<Head> heads, Run run, int rank) throws IOException {
    StoredReceipt next = run.next();
    if (next != null) {
      heads.add(new Head(next, run, rank));
    }
  }

  private void write(List<StoredReceipt> receipts) throws IOException {
    String file = "%s/%d.avro".formatted(name, segments.size());
    store.publish(ReceiptBatch.write(receipts), folder.location().resolve(file));
    segments.add(new ReceiptSegment(file, ByteBuffer.wrap(ReceiptBatch.keys(receipts))));
    receipts.clear();
  }

  /** What its worker has written anew meanwhile has receipts that were not taken in. */
  private void removeTaken(List<StoredFile> taken) throws IOException {
    for (StoredFile batch : taken) {
      if (store.status(batch.location()).filter(batch::equals).isPresent()) {
        store.remove(batch.location());
      }
    }
  }

  /** Removes generations before the last, and what killed merges left. */
  private void removeFormer(StoredFile index, List<StoredFile> indexes) throws IOException {
    Set<Location> needed = new HashSet<>();
    segments.forEach(segment -> needed.add(folder.location().resolve(segment.getFile())));
    if (!indexes.isEmpty()) {
      try {
        ReceiptSegments.read(store, folder, indexes.get(0), (batch, segment) -> needed.add(batch));
      } catch (DamagedFileException e) {
        LOG.debug("nobody can read it either: {}", e.getMessage());
      }
      for (StoredFile former : indexes.subList(1, indexes.size())) {
        store.remove(former.location());
      }
    }
    Instant abandoned = index.modified().minus(Store.ABANDONED);
    List<Location> old = new ArrayList<>();
    store.forEachBelow(
        folder.sorted(),
        Integer.MAX_VALUE - 1,
        file -> {
          if (!needed.contains(file.location()) && file.modified().isBefore(abandoned)) {
            old.add(file.location());
          }
        });
    for (Location file : old) {
      store.remove(file);
    }
  }
}
