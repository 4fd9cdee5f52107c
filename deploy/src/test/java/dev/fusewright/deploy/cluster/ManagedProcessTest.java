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
package dev.fusewright.deploy.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.fusewright.core.testing.UsesProcesses;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@UsesProcesses
final class ManagedProcessTest {
  private Process process;

  @BeforeEach
  void start() throws IOException {
    process = new ProcessBuilder("sleep", "600").start();
  }

  @AfterEach
  void end() {
    process.destroyForcibly();
  }

  @Test
  void it_is_alive_until_it_is_ended() {
    ManagedProcess noted = ManagedProcess.of("jobmanager", process);
    assertThat(noted.isAlive()).isTrue();

    assertThat(ManagedProcess.end(List.of(noted))).isEmpty();

    assertThat(noted.isAlive()).isFalse();
  }

  @Test
  void another_process_that_got_its_number_is_left_alone() {
    ManagedProcess noted = ManagedProcess.of("jobmanager", process);
    ManagedProcess earlier = new ManagedProcess("jobmanager", noted.pid(), noted.started() - 1);

    assertThat(earlier.isAlive()).isFalse();
    assertThat(ManagedProcess.end(List.of(earlier))).isEmpty();
    assertThat(process.isAlive()).isTrue();
  }

  /** By the clock, two JVMs would not agree on it if somebody set the clock in between. */
  @Test
  void its_start_is_counted_from_the_start_of_the_machine() throws IOException {
    assumeThat(Path.of("/proc/self/stat")).as("Linux tells").exists();
    Process asked =
        new ProcessBuilder(
                "/bin/sh",
                "-c",
                "sed 's/.*) //' /proc/%d/stat | cut -d' ' -f20".formatted(process.pid()))
            .start();
    String ticks =
        new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    double uptime = Double.parseDouble(Files.readString(Path.of("/proc/uptime")).split(" ")[0]);

    assertThat(ManagedProcess.of("jobmanager", process).started())
        .isEqualTo(Long.parseLong(ticks))
        .isLessThanOrEqualTo((long) (uptime * 1000));
  }
}
