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

import dev.fusewright.io.file.Problem;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.files.AvroFile;
import dev.fusewright.pipeline.files.AvroMessage;
import dev.fusewright.pipeline.files.AvroRecords;
import dev.fusewright.pipeline.files.DamagedFileException;
import dev.fusewright.pipeline.report.FileStates;
import dev.fusewright.pipeline.settings.Mode;
import dev.fusewright.report.Receipt;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cache entries below one folder, each in a file of its own, an {@link AvroMessage}; on disk a
 * {@code ledger/} of receipts. Those of earlier versions are Avro container files, of which the
 * schema was nearly all; they are read as well.
 */
public final class ActionCache {
  /** Of the schema; grows when fields are added. */
  public static final int RECEIPT_VERSION = 1;

  /** No receipt is larger: what is, is none. */
  private static final int LARGEST = 256 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(ActionCache.class);

  private final Store store;
  private final Location folder;

  /**
   * An action cache.
   *
   * @param folder need not exist
   */
  public ActionCache(Store store, Location folder) {
    this.store = store;
    this.folder = folder;
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
    return new ActionCache(
        store,
        reports.resolve(
            switch (mode) {
              case EVAL, QAT, AUDIT -> "ledger";
              case VERIFY -> "ledger-verify";
            }));
  }

  /** Where an entry's receipt is. */
  Location location(String id) {
    return folder.resolve(id + ".avro");
  }

  /**
   * The receipt of an entry; empty if there is none, or none that can be read: then the entry is
   * done again, which is never wrong.
   *
   * @throws IOException if the store fails
   */
  public Optional<CacheEntry> find(String id) throws IOException {
    // Asked first: if the receipt is replaced meanwhile, then this one is taken for an older
    // one.
    StoredFile file = store.status(location(id)).orElse(null);
    if (file == null) {
      return Optional.empty();
    }
    try {
      Receipt receipt = read(file);
      return receipt == null
              || receipt.getReceiptVersion() > RECEIPT_VERSION
              || !receipt.getReport().getId().equals(id)
          ? Optional.empty()
          : Optional.of(new CacheEntry(receipt, FileStates.of(file, null)));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (DamagedFileException e) {
      LOG.warn("no receipt that can be read, and the entry is done again: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private @Nullable Receipt read(StoredFile file) throws IOException {
    String name = file.location().toString();
    if (file.bytes() > LARGEST) {
      throw new DamagedFileException(
          Problem.in(name)
              .expected("a receipt of at most %d bytes".formatted(LARGEST))
              .found("%d bytes".formatted(file.bytes())));
    }
    byte[] bytes;
    try (InputStream in = store.open(file.location())) {
      bytes = in.readNBytes((int) file.bytes());
    }
    Receipt receipt =
        AvroMessage.isMessage(bytes)
            ? AvroMessage.read(name, bytes, ReceiptSchemas::find, AvroRecords.reader(Receipt.class))
            : ofContainer(file.location());
    if (receipt != null) {
      CacheEntry.requireLocations(receipt, file.location());
    }
    return receipt;
  }

  private @Nullable Receipt ofContainer(Location file) throws IOException {
    try (AvroFile<Receipt> receipts =
        AvroFile.open(store, file, AvroRecords.reader(Receipt.class))) {
      Receipt receipt = receipts.next();
      if (receipt != null && receipts.next() != null) {
        throw new DamagedFileException(
            Problem.in(file.toString()).expected("one receipt").found("more"));
      }
      return receipt;
    }
  }

  /** Puts a receipt in the place of an earlier one, atomically. */
  public CacheEntry put(Receipt receipt) throws IOException {
    StoredFile file =
        store.publish(
            AvroMessage.write(receipt, ReceiptSchemas.PRESENT),
            location(receipt.getReport().getId()));
    return new CacheEntry(receipt, FileStates.of(file, null));
  }
}
