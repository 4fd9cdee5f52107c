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
package dev.fusewright.pipeline.nightly;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.testing.UsesFlink;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes that fuse one catalogue into one folder at the same time. */
@UsesFlink
@UsesProcesses
final class RunsAtOnceTest {
  private static final int MODELS = 8;

  @TempDir Path folder;

  private RunProcess start(String name, String output) throws IOException {
    return RunProcess.start(
        folder.resolve("tmp-" + name),
        folder.resolve(name + ".log"),
        "256m",
        Map.of(),
        List.of(
            "run",
            "--catalogue=" + folder.resolve("zoo/catalogue.jsonl"),
            "--output=" + folder.resolve(output),
            "--verify=site",
            "--parallelism=1"));
  }

  @Test
  void two_runs_into_one_folder_publish_what_one_publishes() throws Exception {
    new Zoo(MODELS, 20_000, 200_000, 9)
        .publish(
            Stores.of(StorageConfiguration.defaults()), Location.of(folder.resolve("zoo")), folder);
    try (RunProcess alone = start("alone", "one")) {
      assertThat(alone.waitFor()).as(alone.printed()).isZero();
    }
    try (RunProcess first = start("first", "both");
        RunProcess second = start("second", "both")) {
      assertThat(first.waitFor()).as(first.printed()).isZero();
      assertThat(second.waitFor()).as(second.printed()).isZero();
    }

    assertThat(files("both")).isEqualTo(files("one")).hasSize(MODELS);
    try (RunProcess next = start("next", "both")) {
      assertThat(next.waitFor()).as(next.printed()).isZero();
      assertThat(next.printed()).contains(MODELS + " unchanged");
    }
  }

  /** Every file beside the reports, hidden ones too. */
  private Map<String, String> files(String output) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.list(folder.resolve(output))) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(file.getFileName().toString(), Staging.sha256(file));
      }
    }
    return files;
  }
}
