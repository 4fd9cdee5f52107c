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
import dev.fusewright.io.storage.ReplacedFileException;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.files.DamagedFileException;
import dev.fusewright.report.Receipt;
import dev.fusewright.report.StoredReceipt;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds receipts in batches. What is in them is learned once, from the index of those that are
 * merged and the headers of the others; then a batch is read when an entry of it is asked for, and
 * kept for the next. Safe for use by several threads.
 *
 * <p>Where a worker is lost, one that has been there before may be given its share. So what is
 * there is looked at again from time to time, and the batches are learned of workers that write no
 * more.
 */
final class ReceiptReader {
  private static final Logger LOG = LoggerFactory.getLogger(ReceiptReader.class);
  private static final int BATCHES_KEPT = 8;

  /** After so long an entry that is not known has the store asked what there is. */
  static final Duration LOOKED_EVERY = Duration.ofSeconds(60);

  /** A worker that writes has written more lately, by the clock of the store. */
  static final Duration SILENT_AFTER = Duration.ofSeconds(30);

  /** A batch that its writer replaces while it is read is read again. */
  private static final int TRIES = 3;

  private final Store store;
  private final ReceiptFolder folder;
  private final Map<Location, Map<String, byte[]>> kept =
      Collections.synchronizedMap(
          new LinkedHashMap<>(16, 0.75f, /* accessOrder= */ true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Location, Map<String, byte[]>> eldest) {
              return size() > BATCHES_KEPT;
            }
          });
  private final LongSupplier nanoseconds;
  private final Map<Location, StoredFile> learned = new HashMap<>();
  private @Nullable ReceiptIndex index;
  private long looked;

  /**
   * A reader.
   *
   * @param nanoseconds a clock that is never set
   */
  ReceiptReader(Store store, ReceiptFolder folder, LongSupplier nanoseconds) {
    this.store = store;
    this.folder = folder;
    this.nanoseconds = nanoseconds;
  }

  /**
   * The newest receipt of an entry, or of a content, that can be read.
   *
   * @param id of the entry, or of the content as {@link ReceiptBatch#contentId} has it
   * @throws IOException if the store fails
   */
  Optional<Receipt> find(String id) throws IOException {
    Location batch = batch(id);
    if (batch == null) {
      return Optional.empty();
    }
    try {
      return find(id, batch);
    } catch (FileNotFoundException e) {
      // Merged meanwhile.
      forget();
    }
    Location merged = batch(id);
    try {
      return merged == null ? Optional.empty() : find(id, merged);
    } catch (FileNotFoundException e) {
      LOG.warn("{} is done again, its receipt is gone: {}", id, e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<Receipt> find(String id, Location batch) throws IOException {
    Map<String, byte[]> receipts = kept.get(batch);
    if (receipts == null) {
      receipts = read(batch);
      kept.put(batch, receipts);
    }
    byte[] receipt = receipts.get(id);
    try {
      if (receipt != null) {
        return ReceiptCodec.read(batch.toString(), id, receipt);
      }
      LOG.warn("{} is done again: its receipt was in {}, and cannot be read there", id, batch);
    } catch (DamagedFileException e) {
      LOG.warn("no receipt that can be read, and {} is done again: {}", id, e.getMessage());
    }
    return Optional.empty();
  }

  private Map<String, byte[]> read(Location batch) throws IOException {
    Map<String, byte[]> receipts = new HashMap<>();
    StoredFile file =
        store.status(batch).orElseThrow(() -> new FileNotFoundException(batch + " does not exist"));
    read(
        store,
        file,
        receipt -> {
          byte[] bytes = bytes(receipt);
          receipts.put(receipt.getId(), bytes);
          if (receipt.getContent() != null) {
            receipts.put(ReceiptBatch.contentId(receipt.getContent()), bytes);
          }
        });
    return receipts;
  }

  /**
   * Reads a batch, as it is by then; of a damaged one what can be read. A receipt may be given
   * twice.
   *
   * @return the version that was read
   * @throws FileNotFoundException if it is gone
   * @throws IOException if the store fails
   */
  static StoredFile read(Store store, StoredFile file, ReceiptBatch.Reader receipts)
      throws IOException {
    StoredFile now = file;
    for (int tried = 1; ; tried++) {
      try {
        ReceiptBatch.read(store, now, receipts);
        return now;
      } catch (ReplacedFileException | DamagedFileException e) {
        StoredFile after =
            store
                .status(file.location())
                .orElseThrow(() -> new FileNotFoundException(file.location() + " is gone"));
        if (after.equals(now) || tried == TRIES) {
          LOG.warn("the models whose receipts stand after this are done again: {}", e.getMessage());
          return now;
        }
        now = after;
      }
    }
  }

  static byte[] bytes(StoredReceipt receipt) {
    byte[] bytes = new byte[receipt.getReceipt().remaining()];
    receipt.getReceipt().duplicate().get(bytes);
    return bytes;
  }

  private synchronized @Nullable Location batch(String id) throws IOException {
    if (index == null) {
      index = load();
    }
    Location found = index.find(id);
    if (found == null && nanoseconds.getAsLong() - looked >= LOOKED_EVERY.toNanos()) {
      lookAgain(index);
      found = index.find(id);
    }
    return found;
  }

  private synchronized void forget() {
    index = null;
    kept.clear();
  }

  /** Tells of a batch that this process has written; it comes before all others. */
  synchronized void add(Location batch, Collection<StoredReceipt> receipts) {
    if (index != null) {
      index.add(batch, ByteBuffer.wrap(ReceiptBatch.keys(receipts)));
    }
    kept.remove(batch);
  }

  /** Learns of the batches whose worker has written nothing for a while. */
  private void lookAgain(ReceiptIndex known) throws IOException {
    looked = nanoseconds.getAsLong();
    List<StoredFile> fresh = folder.fresh(store);
    Map<String, Instant> last = new HashMap<>();
    Instant newest = Instant.MIN;
    for (StoredFile batch : fresh) {
      // The oldest come first.
      newest = batch.modified();
      last.put(ReceiptFolder.worker(batch.location()), newest);
    }
    for (StoredFile batch : fresh) {
      Instant written = last.get(ReceiptFolder.worker(batch.location()));
      boolean isSilent = written != null && !written.plus(SILENT_AFTER).isAfter(newest);
      if (isSilent && !batch.equals(learned.get(batch.location()))) {
        learn(known, batch);
      }
    }
  }

  private void learn(ReceiptIndex known, StoredFile batch) throws IOException {
    try {
      known.add(batch.location(), ReceiptBatch.keys(store, batch));
      learned.put(batch.location(), batch);
      kept.remove(batch.location());
    } catch (DamagedFileException e) {
      LOG.warn("the models whose receipts are in it are done again: {}", e.getMessage());
    } catch (ReplacedFileException | FileNotFoundException e) {
      LOG.debug("written anew or merged meanwhile: {}", batch.location());
    }
  }

  private ReceiptIndex load() throws IOException {
    looked = nanoseconds.getAsLong();
    learned.clear();
    ReceiptIndex loaded = new ReceiptIndex();
    // Asked first: what is merged meanwhile is then in both.
    List<StoredFile> fresh = folder.fresh(store);
    ReceiptSegments.readNewest(
        store, folder, (batch, segment) -> loaded.add(batch, segment.getIds()));
    for (StoredFile batch : fresh) {
      learn(loaded, batch);
    }
    return loaded;
  }

  /** Consumer of stored receipts, one at a time. */
  @FunctionalInterface
  interface Each {
    /**
     * Is given a receipt.
     *
     * @param batch that it is from
     */
    void accept(Location batch, StoredReceipt receipt) throws IOException;
  }

  /**
   * Gives every receipt, those that were written last first; of an entry that was done again there
   * may be several, and what cannot be read is left out. One block of a batch is in memory.
   *
   * @throws IOException if the store fails
   */
  void forEach(Each receipts) throws IOException {
    List<StoredFile> batches = new ArrayList<>(folder.fresh(store));
    Collections.reverse(batches);
    batches.addAll(merged(store, folder));
    for (StoredFile batch : batches) {
      try {
        read(store, batch, receipt -> receipts.accept(batch.location(), receipt));
      } catch (FileNotFoundException e) {
        LOG.info("merged meanwhile, the entries in it are looked at: {}", batch.location());
      }
    }
  }

  /** The segments of the newest generation, in the order of their ids. */
  static List<StoredFile> merged(Store store, ReceiptFolder folder) throws IOException {
    List<Location> batches = new ArrayList<>();
    ReceiptSegments.readNewest(store, folder, (batch, segment) -> batches.add(batch));
    if (batches.isEmpty()) {
      return List.of();
    }
    Map<Location, StoredFile> files = new HashMap<>();
    store.forEachBelow(
        folder.sorted(), Integer.MAX_VALUE - 1, file -> files.put(file.location(), file));
    List<StoredFile> merged = new ArrayList<>();
    for (Location batch : batches) {
      StoredFile file = files.get(batch);
      if (file == null) {
        LOG.warn("the models whose receipts were in it are done again: {} is gone", batch);
      } else {
        merged.add(file);
      }
    }
    return merged;
  }
}
