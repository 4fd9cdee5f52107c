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
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real disk for scratch files and the output beside them, and too small: a file system in memory,
 * where Linux lets a user mount one.
 */
@UsesProcesses
final class FullScratchTest {
  private static final int PLENTY = 4096;

  /** Mounts, runs a command there, and writes down what it left and what that holds. */
  private static final String MOUNT =
      """
      mount -t tmpfs -o size="$1"k none "$2" || exit 77
      disk=$2
      left=$3
      shift 3
      "$@"
      code=$?
      ls -A "$disk" > "$left"
      cat "$disk"/* 2>/dev/null | sha256sum >> "$left"
      exit $code
      """;

  @TempDir Path folder;
  private Path disk = Path.of("");

  @BeforeEach
  void begin() throws IOException {
    disk = Files.createDirectory(folder.resolve("disk"));
  }

  private List<String> onDisk(int kilobytes, Path left) {
    return List.of(
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "--",
        "/bin/sh",
        "-c",
        MOUNT,
        "small",
        Integer.toString(kilobytes),
        disk.toString(),
        left.toString());
  }

  private boolean canMount() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(onDisk(64, folder.resolve("probe")));
    command.add("true");
    return new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor()
        == 0;
  }

  private RunProcess fuse(int kilobytes, Path left) throws IOException {
    return RunProcess.start(
        folder.resolve("tmp"),
        folder.resolve("log"),
        onDisk(kilobytes, left),
        "256m",
        Map.of(),
        List.of(
            "fuse",
            ExampleModels.model("mlp_bn").toString(),
            "-o",
            disk.resolve("fused.onnx").toString(),
            "--verify=site"));
  }

  /** The fused model has some 40 kB. */
  @Test
  void wherever_it_is_full_nothing_is_left_there_and_the_reason_is_said() throws Exception {
    assumeTrue(canMount(), "no file system can be mounted here");
    Path whole = folder.resolve("whole");
    try (RunProcess roomy = fuse(PLENTY, whole)) {
      assertThat(roomy.waitFor()).as(roomy.printed()).isZero();
      assertThat(Files.readAllLines(whole)).hasSize(2).startsWith("fused.onnx");
    }
    for (int kilobytes : List.of(4, 8, 16, 28, 36)) {
      Path left = folder.resolve("left-" + kilobytes);
      try (RunProcess run = fuse(kilobytes, left)) {
        assertThat(run.waitFor()).as(run.printed()).isEqualTo(ExitCode.NOTHING);
        assertThat(run.printed())
            .as("%d kB", kilobytes)
            .contains("No space left on device")
            .doesNotContain("\tat ", "defect of fusewright");
      }
      assertThat(Files.readAllLines(left)).as("%d kB: only the digest", kilobytes).hasSize(1);
    }
    Path again = folder.resolve("again");
    try (RunProcess roomy = fuse(PLENTY, again)) {
      assertThat(roomy.waitFor()).as(roomy.printed()).isZero();
    }
    assertThat(again).hasSameTextualContentAs(whole);
  }
}
