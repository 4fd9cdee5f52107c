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
package dev.fusewright.pipeline.files;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.testing.FuzzedParser;
import dev.fusewright.pipeline.audit.AuditReport;
import dev.fusewright.pipeline.report.RunSummary;
import dev.fusewright.pipeline.report.RunTotals;
import dev.fusewright.pipeline.run.RunFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Summaries of runs, in JSON, as the audit report reads them. */
final class SummaryFuzzTest extends FuzzedParser {
  static Stream<byte[]> seeds() throws IOException {
    RunTotals totals = new RunTotals();
    totals.add(RecordSeeds.report(Files.createTempDirectory("seeds")));
    return Stream.of(
        new RunSummary("a-run", totals, 0, 1.5).json().getBytes(StandardCharsets.UTF_8));
  }

  private RunFolder run() {
    return RunFolder.of(Location.of(folder), "a-run");
  }

  @MethodSource("seeds")
  @FuzzTest
  void summaries(byte[] bytes) throws Exception {
    feed(bytes);
  }

  @Override
  protected void write(byte[] bytes, Path file) throws IOException {
    Path summary = run().summary().localPath();
    Files.createDirectories(summary.getParent());
    Files.write(summary, bytes);
  }

  @Override
  protected void read(Path file) throws IOException {
    new AuditReport(RecordSeeds.STORE, run()).write(folder.resolve("audit"));
  }

  @Override
  protected boolean isRefusal(Exception error, Path file) {
    return error instanceof DamagedFileException
        && String.valueOf(error.getMessage()).contains(folder.toString());
  }
}
