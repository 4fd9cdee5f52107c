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
import dev.fusewright.io.storage.StorageErrors;
import dev.fusewright.io.storage.Store;
import dev.fusewright.report.Receipt;
import dev.fusewright.report.StoredReceipt;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers the receipts of one worker in a batch, which is written anew as it grows: when so many
 * were added, and when so long nothing was written. What a worker has done since is done again if
 * it is killed.
 */
final class ReceiptWriter {
  /** So many receipts are written at the latest. */
  static final int MOST_UNWRITTEN = 100;

  /** After so long they are written, be they as few as they are. */
  static final Duration LONGEST_UNWRITTEN = Duration.ofSeconds(10);

  /** A batch is not written anew any more when it has so many. */
  static final int FULL = 500;

  private static final int FULL_BYTES = 4 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(ReceiptWriter.class);

  private final Store store;
  private final ReceiptFolder folder;
  private final LongSupplier nanoseconds;
  private final BiConsumer<Location, Collection<StoredReceipt>> written;
  private final Map<String, StoredReceipt> batch = new LinkedHashMap<>();
  private final UUID worker = UUID.randomUUID();
  private int number;
  private Location location;
  private long bytes;
  private int unwritten;
  private long lastTried;

  /**
   * A writer.
   *
   * @param nanoseconds a clock that is never set
   * @param written is told of each batch when it is written
   */
  ReceiptWriter(
      Store store,
      ReceiptFolder folder,
      LongSupplier nanoseconds,
      BiConsumer<Location, Collection<StoredReceipt>> written) {
    this.store = store;
    this.folder = folder;
    this.nanoseconds = nanoseconds;
    this.written = written;
    this.location = next();
    this.lastTried = nanoseconds.getAsLong();
  }

  private Location next() {
    return folder.fresh(worker, number++);
  }

  /** The receipt of an entry, if it is in the batch that is gathered. */
  synchronized Optional<byte[]> find(String id) {
    return Optional.ofNullable(batch.get(id)).map(ReceiptReader::bytes);
  }

  /**
   * Adds a receipt, which takes the place of an earlier one of the entry.
   *
   * @return the receipt as bytes
   */
  synchronized byte[] add(Receipt receipt) throws IOException {
    String id = receipt.getReport().getId();
    byte[] message = ReceiptCodec.write(receipt);
    batch.remove(id);
    batch.put(id, new StoredReceipt(id, ByteBuffer.wrap(message), receipt.getContent()));
    bytes += message.length;
    unwritten++;
    writeIfDue();
    return message;
  }

  /** Writes what was gathered, if it is time. */
  synchronized void writeIfDue() {
    if (unwritten >= MOST_UNWRITTEN
        || nanoseconds.getAsLong() - lastTried >= LONGEST_UNWRITTEN.toNanos()) {
      write();
    }
  }

  /** Writes what was gathered. Where that fails it is tried again with what comes. */
  synchronized void write() {
    lastTried = nanoseconds.getAsLong();
    if (unwritten == 0) {
      return;
    }
    boolean isFull = batch.size() >= FULL || bytes >= FULL_BYTES;
    try {
      store.publish(ReceiptBatch.write(batch.values()), location);
      written.accept(location, batch.values());
      unwritten = 0;
    } catch (IOException e) {
      LOG.warn(
          "{} models are published, but their receipts could not be written{}: {}",
          unwritten,
          isFull ? ", and they will be done again" : "",
          StorageErrors.describe(e));
    }
    if (isFull) {
      batch.clear();
      location = next();
      bytes = 0;
      unwritten = 0;
    }
  }
}
