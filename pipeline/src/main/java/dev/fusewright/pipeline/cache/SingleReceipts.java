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
import dev.fusewright.report.Receipt;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receipts of earlier versions, each in a file of its own, {@code ledger/<id>.avro}: an {@link
 * AvroMessage}, or before that a container file. They are read where no batch has the entry, and
 * never written.
 */
final class SingleReceipts {
  /** No receipt is larger: what is, is none. */
  private static final int LARGEST = 256 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(SingleReceipts.class);

  private final Store store;
  private final Location folder;
  private @Nullable Boolean areThere;

  SingleReceipts(Store store, Location folder) {
    this.store = store;
    this.folder = folder;
  }

  /**
   * The receipt of an entry; empty if there is none, or none that can be read.
   *
   * @throws IOException if the store fails
   */
  Optional<Receipt> find(String id) throws IOException {
    if (!areThere()) {
      return Optional.empty();
    }
    StoredFile file = store.status(folder.resolve(id + ".avro")).orElse(null);
    if (file == null) {
      return Optional.empty();
    }
    String name = file.location().toString();
    try {
      return read(file, name, id);
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (DamagedFileException e) {
      LOG.warn("no receipt that can be read, and {} is done again: {}", id, e.getMessage());
      return Optional.empty();
    }
  }

  /** Whether there are any; asked once: where this version began there are none. */
  synchronized boolean areThere() throws IOException {
    if (areThere == null) {
      areThere = store.filesBelow(folder, 0).isEmpty();
    }
    return areThere;
  }

  private Optional<Receipt> read(StoredFile file, String name, String id) throws IOException {
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
    return AvroMessage.isMessage(bytes)
        ? ReceiptCodec.read(name, id, bytes)
        : ReceiptCodec.counted(name, id, ofContainer(file.location()));
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
}
