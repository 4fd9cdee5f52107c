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
import dev.fusewright.pipeline.run.LatestRun;
import dev.fusewright.pipeline.run.RunFolder;
import dev.fusewright.pipeline.run.RunRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** The records of a run and of the latest one, in JSON. */
final class RunRecordFuzzTest extends FuzzedParser {
  static Stream<byte[]> seeds() throws IOException {
    Path folder = Files.createTempDirectory("seeds");
    RunFolder run = run(folder);
    RecordSeeds.record(run);
    LatestRun.write(RecordSeeds.STORE, Location.of(folder), "a-run");
    return Stream.of(
        Files.readAllBytes(run.record().localPath()),
        Files.readAllBytes(folder.resolve("latest.json")));
  }

  private static RunFolder run(Path folder) {
    return RunFolder.of(Location.of(folder), "a-run");
  }

  @MethodSource("seeds")
  @FuzzTest
  void records(byte[] bytes) throws Exception {
    feed(bytes);
  }

  @Override
  protected String fileName() {
    return "latest.json";
  }

  /** The same bytes are both. */
  @Override
  protected void read(Path file) throws IOException {
    Path record = run(folder).record().localPath();
    Files.createDirectories(record.getParent());
    Files.write(record, Files.readAllBytes(file));
    DamagedFileException damaged = null;
    try {
      LatestRun.of(RecordSeeds.STORE, Location.of(folder));
    } catch (DamagedFileException e) {
      damaged = e;
    }
    RunRecord.read(RecordSeeds.STORE, run(folder));
    if (damaged != null) {
      throw damaged;
    }
  }

  @Override
  protected boolean isRefusal(Exception error, Path file) {
    return error instanceof DamagedFileException
        && String.valueOf(error.getMessage()).contains(folder.toString());
  }
}
