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
package dev.fusewright.pipeline.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;

/** Batches of receipts, as somebody else may change them. */
final class TestReceipts {
  private static final String IDS = "fusewright.ids";

  private TestReceipts() {}

  /** Takes the receipt of an entry out of its batch, as if it had never been written. */
  static void remove(Path reports, String id) throws IOException {
    int removed = 0;
    for (Path batch : batches(reports)) {
      List<GenericRecord> kept = new ArrayList<>();
      FileTime modified = Files.getLastModifiedTime(batch);
      byte[] ids;
      try (DataFileReader<GenericRecord> reader =
          new DataFileReader<>(batch.toFile(), new GenericDatumReader<>())) {
        ids = reader.getMeta(IDS);
        for (GenericRecord receipt : reader) {
          if (receipt.get("id").toString().equals(id)) {
            removed++;
          } else {
            kept.add(receipt);
          }
        }
        try (DataFileWriter<GenericRecord> writer =
            new DataFileWriter<GenericRecord>(new GenericDatumWriter<>(reader.getSchema()))
                .setMeta(IDS, ids)
                .create(reader.getSchema(), batch.toFile())) {
          for (GenericRecord receipt : kept) {
            writer.append(receipt);
          }
        }
      }
      Files.setLastModifiedTime(batch, modified);
    }
    if (removed == 0) {
      throw new IllegalArgumentException("no receipt of " + id);
    }
  }

  /** The batches that are not merged. */
  static List<Path> batches(Path reports) throws IOException {
    try (Stream<Path> batches = Files.list(reports.resolve("receipts/new"))) {
      return batches.sorted().toList();
    }
  }
}
