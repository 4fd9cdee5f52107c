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

import dev.fusewright.report.FusionReport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.avro.file.DataFileWriter;

/**
 * Reports of one worker that are not written yet, as the bytes of a container file: compressed, and
 * of a bounded size.
 */
public final class ReportBuffer {
  /** When a buffer is full; the report that fills it may be larger. */
  private static final int FULL = 8 << 20;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final DataFileWriter<FusionReport> writer;

  /** An empty one. */
  public ReportBuffer() throws IOException {
    writer = ReportFiles.writer(bytes);
  }

  /** Adds a report. */
  public void add(FusionReport report) throws IOException {
    writer.append(report);
  }

  /** Whether it is to be written now. */
  public boolean isFull() {
    return bytes.size() >= FULL;
  }

  /** The whole file. Nothing can be added any more. */
  public byte[] finish() throws IOException {
    writer.close();
    return bytes.toByteArray();
  }
}
