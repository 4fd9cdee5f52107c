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
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that may have few files open. */
@UsesFlink
@UsesProcesses
final class FewDescriptorsTest {
  private static final int MODELS = 12;

  @TempDir Path folder;

  @Test
  void two_hundred_and_fifty_six_descriptors_are_enough_for_two_slots_with_their_runners()
      throws Exception {
    new Zoo(MODELS, 20_000, 200_000, 11)
        .publish(
            Stores.of(StorageConfiguration.defaults()), Location.of(folder.resolve("zoo")), folder);
    try (RunProcess run =
        RunProcess.start(
            folder.resolve("tmp"),
            folder.resolve("log"),
            List.of("/bin/sh", "-c", "ulimit -n 256 && exec \"$@\"", "few"),
            "512m",
            Map.of(),
            List.of(
                "run",
                "--catalogue=" + folder.resolve("zoo/catalogue.jsonl"),
                "--output=" + folder.resolve("out"),
                "--parallelism=2"))) {
      assertThat(run.waitFor()).as(run.printed()).isZero();
      assertThat(run.printed()).contains(MODELS + " fused").doesNotContain("Too many open files");
    }
  }
}
