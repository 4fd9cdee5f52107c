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
package dev.fusewright.pipeline.beam;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.pipeline.report.ReportBuffer;
import dev.fusewright.report.FusionReport;
import java.io.IOException;
import java.util.UUID;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.windowing.GlobalWindow;
import org.jspecify.annotations.Nullable;

/**
 * Writes the reports of one worker's attempt where they are made, each file under a name of its
 * own, and passes the names on. A worker that is lost has written files that nobody is told of, so
 * that what another does again in its place is counted once.
 */
final class WriteAttempts extends DoFn<FusionReport, String> {
  private final Location folder;
  private final StorageConfiguration storage;
  private final @Nullable String writer;
  private transient @Nullable ReportBuffer buffer;

  /**
   * Into a folder.
   *
   * @param writer in the names of unfinished files; null for one of this process
   */
  WriteAttempts(Location folder, StorageConfiguration storage, @Nullable String writer) {
    this.folder = folder;
    this.storage = storage;
    this.writer = writer;
  }

  @StartBundle
  public void start() {
    buffer = null;
  }

  @ProcessElement
  public void add(@Element FusionReport report, OutputReceiver<String> files) throws IOException {
    if (buffer == null) {
      buffer = new ReportBuffer();
    }
    buffer.add(report);
    if (buffer.isFull()) {
      files.output(write(buffer));
      buffer = null;
    }
  }

  @FinishBundle
  public void finish(FinishBundleContext context) throws IOException {
    if (buffer != null) {
      context.output(write(buffer), GlobalWindow.INSTANCE.maxTimestamp(), GlobalWindow.INSTANCE);
      buffer = null;
    }
  }

  private String write(ReportBuffer reports) throws IOException {
    String name = UUID.randomUUID() + ".avro";
    write(reports, name);
    return name;
  }

  void write(ReportBuffer reports, String name) throws IOException {
    WriteReports.store(storage, writer)
        .publish(reports.finish(), WriteReports.attempts(folder).resolve(name));
  }
}
