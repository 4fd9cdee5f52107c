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
package dev.fusewright.pipeline.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.PendingFile;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.report.FusionReport;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reports for readers that know Avro and nothing of us. */
final class PlainReaderTest {
  @TempDir Path folder;

  @Test
  void a_part_file_is_read_by_the_schema_that_is_in_it() throws IOException {
    FusionReport report = ExampleReports.full();
    Path part = folder.resolve("part.avro");
    var store = Stores.of(StorageConfiguration.defaults());
    try (PendingFile file = store.create(Location.of(part))) {
      try (DataFileWriter<FusionReport> writer = ReportFiles.writer(file)) {
        writer.append(report);
      }
      file.commit();
    }

    // Plain data: no class of ours is asked.
    GenericData plain = new GenericData(new ClassLoader(null) {});
    try (DataFileReader<GenericRecord> records =
        new DataFileReader<>(part.toFile(), new GenericDatumReader<>(null, null, plain))) {
      GenericRecord record = records.next();
      assertThat(record).isInstanceOf(GenericData.Record.class);
      assertThat(record.get("id")).hasToString(report.getId());
      assertThat(record.get("outcome")).hasToString(report.getOutcome().toString());
      assertThat(((GenericRecord) record.get("source")).get("uri"))
          .hasToString(report.getSource().getUri());
      assertThat(records.hasNext()).isFalse();
    }
  }
}
