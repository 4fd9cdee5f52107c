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
import dev.fusewright.io.storage.PendingFile;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.files.AvroFile;
import dev.fusewright.pipeline.files.AvroRecords;
import dev.fusewright.pipeline.files.DamagedFileException;
import dev.fusewright.report.ReceiptSegment;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificDatumWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The index of one generation of merged receipts: its segments, and what is in them. */
final class ReceiptSegments {
  private static final Logger LOG = LoggerFactory.getLogger(ReceiptSegments.class);
  private static final Pattern FILE = Pattern.compile("sorted/[0-9a-f-]{36}/\\d{1,9}\\.avro");

  private ReceiptSegments() {}

  /** Consumer of segments, in the order of their ids. */
  @FunctionalInterface
  interface Reader {
    void accept(Location batch, ReceiptSegment segment) throws IOException;
  }

  /**
   * Reads the newest index, if there is one; of a damaged one what stands before the damage.
   *
   * @throws IOException if the store fails
   */
  static void readNewest(Store store, ReceiptFolder folder, Reader reader) throws IOException {
    List<StoredFile> indexes = folder.indexes(store);
    if (indexes.isEmpty()) {
      return;
    }
    try {
      read(store, folder, indexes.get(0), reader);
    } catch (DamagedFileException e) {
      LOG.warn("the models whose receipts stand after this are done again: {}", e.getMessage());
    }
  }

  /**
   * Reads an index.
   *
   * @throws DamagedFileException if it is cut short or changed; the segments before the damage have
   *     been given
   */
  static void read(Store store, ReceiptFolder folder, StoredFile index, Reader reader)
      throws IOException {
    String name = index.location().toString();
    try (AvroFile<ReceiptSegment> segments =
        AvroFile.open(store, index, AvroRecords.reader(ReceiptSegment.class))) {
      for (ReceiptSegment segment = segments.next(); segment != null; segment = segments.next()) {
        if (!FILE.matcher(segment.getFile()).matches()) {
          throw new DamagedFileException(
              Problem.in(name).expected("a segment").found(segment.getFile()));
        }
        ReceiptBatch.requireKeys(name, segment.getIds());
        reader.accept(folder.location().resolve(segment.getFile()), segment);
      }
    }
  }

  /**
   * Writes the index of a generation, if nobody else has written one of that number.
   *
   * @throws java.nio.file.FileAlreadyExistsException if somebody has
   */
  static StoredFile write(Store store, Location index, List<ReceiptSegment> segments)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataFileWriter<ReceiptSegment> writer =
        new DataFileWriter<ReceiptSegment>(new SpecificDatumWriter<>(ReceiptSegment.class))
            .setCodec(CodecFactory.nullCodec())
            .create(ReceiptSegment.getClassSchema(), bytes)) {
      for (ReceiptSegment segment : segments) {
        writer.append(segment);
      }
    }
    try (PendingFile file = store.create(index, Store.Existing.REFUSE)) {
      bytes.writeTo(file.stream());
      return file.commit();
    }
  }
}
