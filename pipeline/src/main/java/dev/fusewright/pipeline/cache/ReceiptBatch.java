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

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fusewright.io.file.Problem;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.files.AvroFile;
import dev.fusewright.pipeline.files.AvroRecords;
import dev.fusewright.pipeline.files.DamagedFileException;
import dev.fusewright.report.StoredReceipt;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.UUID;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificDatumWriter;

/**
 * A file of many receipts: a container file, whose header says for each the numbers that its id and
 * its content are known by, so that what is in a batch is known without reading it.
 */
final class ReceiptBatch {
  /** Key of the ids in the header. */
  private static final String IDS = "fusewright.ids";

  private static final int COMPRESSION = 1;

  private ReceiptBatch() {}

  /** Consumer of receipts, one at a time. */
  @FunctionalInterface
  interface Reader {
    void accept(StoredReceipt receipt) throws IOException;
  }

  /** What the content of a receipt is known by beside the ids of entries, which begin otherwise. */
  static String contentId(String content) {
    return "/content/" + content;
  }

  /** The number that an id is known by; two ids may have the same, which a reader must bear. */
  static long key(String id) {
    UUID digest = UUID.nameUUIDFromBytes(id.getBytes(UTF_8));
    return digest.getMostSignificantBits() ^ digest.getLeastSignificantBits();
  }

  /** The numbers of the ids of some receipts, and of their contents, as bytes. */
  static byte[] keys(Collection<StoredReceipt> receipts) {
    ByteBuffer keys = ByteBuffer.allocate(2 * Long.BYTES * receipts.size());
    for (StoredReceipt receipt : receipts) {
      keys.putLong(key(receipt.getId()));
      if (receipt.getContent() != null) {
        keys.putLong(key(contentId(receipt.getContent())));
      }
    }
    return Arrays.copyOf(keys.array(), keys.position());
  }

  static byte[] write(Collection<StoredReceipt> receipts) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataFileWriter<StoredReceipt> writer =
        new DataFileWriter<StoredReceipt>(new SpecificDatumWriter<>(StoredReceipt.class))
            .setCodec(CodecFactory.deflateCodec(COMPRESSION))
            .setMeta(IDS, keys(receipts))
            .create(StoredReceipt.getClassSchema(), bytes)) {
      for (StoredReceipt receipt : receipts) {
        writer.append(receipt);
      }
    }
    return bytes.toByteArray();
  }

  /** Opens a batch; its receipts are read one at a time. */
  static AvroFile<StoredReceipt> open(Store store, StoredFile file) throws IOException {
    return AvroFile.open(store, file, AvroRecords.reader(StoredReceipt.class));
  }

  /**
   * Reads a batch.
   *
   * @throws DamagedFileException if it is cut short or changed; the receipts before the damage have
   *     been given
   */
  static void read(Store store, StoredFile file, Reader reader) throws IOException {
    try (AvroFile<StoredReceipt> receipts = open(store, file)) {
      for (StoredReceipt receipt = receipts.next(); receipt != null; receipt = receipts.next()) {
        reader.accept(receipt);
      }
    }
  }

  /** What a batch's header says is in it. */
  static ByteBuffer keys(Store store, StoredFile file) throws IOException {
    try (AvroFile<StoredReceipt> receipts = open(store, file)) {
      byte[] keys =
          receipts
              .metadata(IDS)
              .orElseThrow(
                  () ->
                      new DamagedFileException(
                          Problem.in(file.location().toString())
                              .at(0)
                              .expected("a header with " + IDS)
                              .found("none")));
      return requireKeys(file.location().toString(), ByteBuffer.wrap(keys));
    }
  }

  /** Checks that bytes are numbers of ids. */
  static ByteBuffer requireKeys(String name, ByteBuffer keys) throws DamagedFileException {
    if (keys.remaining() % Long.BYTES != 0) {
      throw new DamagedFileException(
          Problem.in(name)
              .expected("ids of %d bytes each".formatted(Long.BYTES))
              .found("%d bytes".formatted(keys.remaining())));
    }
    return keys;
  }
}
