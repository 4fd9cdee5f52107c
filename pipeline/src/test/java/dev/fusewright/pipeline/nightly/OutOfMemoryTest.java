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
import dev.fusewright.pipeline.ExampleModels;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@UsesFlink
@UsesProcesses
final class OutOfMemoryTest {
  /** What the JVM ends with, by -XX:+ExitOnOutOfMemoryError, which the launcher gives it. */
  private static final int JVM_RAN_OUT = 3;

  @TempDir Path folder;

  @Test
  void running_out_of_memory_ends_the_process_instead_of_hanging_it() throws Exception {
    try (RunProcess run =
        RunProcess.start(
            folder.resolve("tmp"),
            folder.resolve("run.log"),
            "20m",
            Map.of(),
            List.of(
                "run",
                "--catalogue=" + ExampleModels.folder().resolve("catalogue.jsonl"),
                "--output=" + folder.resolve("out"),
                "--verify=none"))) {
      assertThat(run.waitFor()).as(run.printed()).isEqualTo(JVM_RAN_OUT);
      assertThat(run.printed()).contains("java.lang.OutOfMemoryError");
    }
  }
}
