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
import dev.fusewright.io.storage.StorageErrors;
import dev.fusewright.io.storage.Store;
import dev.fusewright.pipeline.files.DamagedFileException;
import dev.fusewright.pipeline.settings.Mode;
import dev.fusewright.report.Receipt;
import java.io.IOException;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cache entries below one folder: receipts, in batches that workers write, and which are merged
 * when there are many ({@link ReceiptFolder} says where). Those of earlier versions, in files of
 * their own, are read as well.
 *
 * <p>A receipt is found by its entry, and by the content that its model was made of. What is put is
 * found at once by who put it; others find it when it is written, {@value
 * ReceiptWriter#MOST_UNWRITTEN} receipts or ten seconds later, or by {@link #write}. Safe for use
 * by several threads.
 */
public final class ActionCache {
  /** Of the schema; grows when fields are added. */
  public static final int RECEIPT_VERSION = 1;

  private static final Logger LOG = LoggerFactory.getLogger(ActionCache.class);

  private final Store store;
  private final ReceiptFolder folder;
  private final ReceiptReader reader;
  private final ReceiptWriter writer;
  private final SingleReceipts singles;
  private final RecentResults recent;

  /**
   * An action cache.
   *
   * @param batches folder of receipts; need not exist
   * @param singles folder of those that earlier versions wrote; need not exist
   * @param nanoseconds a clock that is never set
   */
  ActionCache(Store store, Location batches, Location singles, LongSupplier nanoseconds) {
    this(store, batches, singles, nanoseconds, new RecentResults());
  }

  private ActionCache(
      Store store,
      Location batches,
      Location singles,
      LongSupplier nanoseconds,
      RecentResults recent) {
    this.recent = recent;
    this.store = store;
    this.folder = new ReceiptFolder(batches);
    this.reader = new ReceiptReader(store, folder, nanoseconds);
    this.writer = new ReceiptWriter(store, folder, nanoseconds, reader::add);
    this.singles = new SingleReceipts(store, singles);
  }

  /** The action cache of all runs that publish and report into a folder. */
  public static ActionCache below(Store store, Location reports) {
    return below(store, reports, Mode.EVAL);
  }

  /**
   * The action cache of all runs of a mode that report into a folder. What was verified is kept
   * apart from what was published, so that neither is taken for the other; an audit is about what
   * was published.
   */
  public static ActionCache below(Store store, Location reports, Mode mode) {
    return below(store, reports, mode, new RecentResults());
  }

  /**
   * The same, of one of several workers in a process.
   *
   * @param recent what they share
   */
  public static ActionCache below(Store store, Location reports, Mode mode, RecentResults recent) {
    String suffix =
        switch (mode) {
          case EVAL, QAT, AUDIT -> "";
          case VERIFY -> "-verify";
        };
    return new ActionCache(
        store,
        reports.resolve("receipts" + suffix),
        reports.resolve("ledger" + suffix),
        System::nanoTime,
        recent);
  }

  /**
   * The receipt of an entry; empty if there is none, or none that can be read: then the entry is
   * done again, which is never wrong.
   *
   * @throws IOException if the store fails
   */
  public Optional<Receipt> find(String id) throws IOException {
    Optional<byte[]> own = writer.find(id);
    if (own.isPresent()) {
      return ReceiptCodec.read("receipt", id, own.get());
    }
    Optional<Receipt> found = reader.find(id);
    return found.isPresent() ? found : singles.find(id);
  }

  /**
   * The receipt of a model of some content, whichever; empty if there is none, or none that can be
   * read.
   *
   * @throws IOException if the store fails
   */
  public Optional<Receipt> findContent(String content) throws IOException {
    String id = ReceiptBatch.contentId(content);
    Optional<byte[]> own = recent.find(content);
    return own.isPresent() ? ReceiptCodec.read("receipt", id, own.get()) : reader.find(id);
  }

  /**
   * Puts a receipt in the place of an earlier one. What it says was published is there by now.
   *
   * @throws IOException if it cannot be written as bytes; a store that fails is tried again later
   */
  public void put(Receipt receipt) throws IOException {
    byte[] message = writer.add(receipt);
    if (receipt.getContent() != null) {
      recent.put(receipt.getContent(), message);
    }
  }

  /** Writes what was put, if it is time. Where the store fails, that is logged. */
  public void writeIfDue() {
    writer.writeIfDue();
  }

  /** Writes what was put. Where the store fails, that is logged. */
  public void write() {
    writer.write();
  }

  /**
   * Whether there are batches.
   *
   * @throws IOException if the store fails
   */
  public boolean hasBatches() throws IOException {
    return !folder.fresh(store).isEmpty() || !folder.indexes(store).isEmpty();
  }

  /**
   * Whether there are receipts of any kind.
   *
   * @throws IOException if the store fails
   */
  public boolean hasReceipts() throws IOException {
    return hasBatches() || singles.areThere();
  }

  /** Where batches are. */
  Location location() {
    return folder.location();
  }

  /** Whether the receipt of an entry is wanted, and what is done with it. */
  public interface Each {
    /** Whether to read the receipt of an entry. */
    boolean isWanted(String id) throws IOException;

    /** Is given the receipt of a wanted entry. */
    void accept(Receipt receipt) throws IOException;
  }

  /**
   * Gives every receipt in batches that is wanted, those that were written last first, with one
   * block of a batch in memory. Of an entry that was done again there may be several.
   *
   * @throws IOException if the store fails
   */
  public void forEach(Each receipts) throws IOException {
    reader.forEach(
        (batch, stored) -> {
          if (receipts.isWanted(stored.getId())) {
            try {
              Optional<Receipt> receipt =
                  ReceiptCodec.read(batch.toString(), stored.getId(), ReceiptReader.bytes(stored));
              if (receipt.isPresent()) {
                receipts.accept(receipt.get());
              }
            } catch (DamagedFileException e) {
              LOG.warn(
                  "{} is looked at, for its receipt is damaged: {}",
                  stored.getId(),
                  e.getMessage());
            }
          }
        });
  }

  /**
   * Merges batches where there are many. Where the store fails, that is logged: what is not merged
   * is as right, there is only more of it to read.
   *
   * @param scratch for what is sorted
   */
  public void merge(Scratch scratch) {
    try {
      merge(scratch, ReceiptMerge.MOST_BATCHES);
    } catch (IOException | RuntimeException e) {
      LOG.warn("receipts are not merged, which the next run does: {}", StorageErrors.describe(e));
    }
  }

  boolean merge(Scratch scratch, int most) throws IOException {
    return ReceiptMerge.run(store, folder, scratch, most);
  }
}
