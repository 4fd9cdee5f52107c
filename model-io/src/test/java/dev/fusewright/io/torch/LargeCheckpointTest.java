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
package dev.fusewright.io.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.testing.UsesProcesses;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A checkpoint much larger than the heap is folded and written. By default 600 MB in a heap of 64
 * MB; with {@code -Dfusewright.large.megabytes=5120 -Dfusewright.large.heap=256m} what the
 * documentation promises.
 */
@UsesProcesses
final class LargeCheckpointTest {
  @TempDir Path folder;

  @Test
  void a_checkpoint_larger_than_the_heap_is_folded() throws IOException, InterruptedException {
    String heap = System.getProperty("fusewright.large.heap", "64m");
    String megabytes = System.getProperty("fusewright.large.megabytes", "600");
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-XX:MaxDirectMemorySize=" + heap,
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                LargeCheckpoint.class.getName(),
                folder.toString(),
                megabytes)
            .inheritIO()
            .start();

    assertThat(child.waitFor(10, TimeUnit.MINUTES)).as("the child ends").isTrue();
    assertThat(child.exitValue()).isZero();
  }
}
