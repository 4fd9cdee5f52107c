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
package dev.fusewright.pipeline.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fusewright.core.testing.UsesProcesses;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@UsesProcesses
final class OutputFolderTest {
  @TempDir Path folder;

  @Test
  void a_file_takes_the_place_of_a_file_and_of_nothing_else() throws Exception {
    Path pipe = folder.resolve("pipe.csv");
    assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
    Files.writeString(folder.resolve("run.csv"), "before");
    try (OutputFolder output = OutputFolder.in(folder)) {
      Path first = Files.writeString(output.file("first"), "after");
      Path second = Files.writeString(output.file("second"), "after");

      assertThat(output.publish(first, "run.csv")).hasContent("after");
      assertThatThrownBy(() -> output.publish(second, "pipe.csv"))
          .hasMessageContaining("expected a regular file");
    }
    assertThat(Files.exists(pipe)).isTrue();
    assertThat(Files.isRegularFile(pipe)).isFalse();
  }
}
