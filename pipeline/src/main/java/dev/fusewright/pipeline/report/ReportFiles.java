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

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.PendingFile;
import dev.fusewright.io.storage.Store;
import dev.fusewright.pipeline.files.AvroFile;
import dev.fusewright.pipeline.files.AvroRecords;
import dev.fusewright.report.FusionReport;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificDatumWriter;

/** Reports in Avro's container files, readable by any Avro reader. */
public final class ReportFiles {
  /** Of the schema; grows when fields are added. */
  public static final int VERSION = 6;

  private ReportFiles() {}

  /** Consumer of reports, one at a time. */
  @FunctionalInterface
  public interface Reader {
    /** The next report. */
    void accept(FusionReport report) throws IOException;
  }

  /** A container file that is being written; the caller commits and closes {@code file}. */
  public static DataFileWriter<FusionReport> writer(PendingFile file) throws IOException {
    return writer(new LeftOpen(file.stream()));
  }

  static DataFileWriter<FusionReport> writer(OutputStream out) throws IOException {
    return new DataFileWriter<FusionReport>(new SpecificDatumWriter<>(FusionReport.class))
        .setCodec(CodecFactory.deflateCodec(6))
        .create(FusionReport.getClassSchema(), out);
  }

  /**
   * Reads a container file, written by this or an older version.
   *
   * @throws dev.fusewright.pipeline.files.DamagedFileException if it is cut short or changed; the
   *     reports before the damage have been given
   */
  public static void read(Store store, Location file, Reader reader) throws IOException {
    try (AvroFile<FusionReport> reports =
        AvroFile.open(store, file, AvroRecords.reader(FusionReport.class))) {
      for (FusionReport report = reports.next(); report != null; report = reports.next()) {
        reader.accept(report);
      }
    }
  }

  /**
   * A stream that closing the writer leaves open: closing a pending file would publish it on an
   * object store.
   */
  private static final class LeftOpen extends FilterOutputStream {
    LeftOpen(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
