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
import dev.fusewright.io.storage.Staging;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real disk for scratch files, and too small: a file system in memory, where Linux lets a user
 * mount one.
 */
@UsesProcesses
final class FullScratchTest {
  private static final List<String> ALONE =
      List.of("unshare", "--user", "--map-root-user", "--mount");

  private static final String MOUNT =
      "mount -t tmpfs -o size=\"$1\"k none \"$2\" && shift 2 && exec \"$@\"";

  @TempDir Path folder;

  private List<String> onDisk(int kilobytes, Path scratch) {
    List<String> launcher = new ArrayList<>(ALONE);
    launcher.addAll(
        List.of("--", "/bin/sh", "-c", MOUNT, "small", Integer.toString(kilobytes), scratch + ""));
    return launcher;
  }

  private boolean canMount() throws IOException, InterruptedException {
    Path probe = Files.createDirectory(folder.resolve("probe"));
    List<String> command = new ArrayList<>(onDisk(64, probe));
    command.add("true");
    return new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor()
        == 0;
  }

  private RunProcess fuse(int kilobytes, Path target) throws IOException {
    Path scratch = Files.createDirectories(folder.resolve("scratch"));
    return RunProcess.start(
        scratch,
        folder.resolve("log-" + kilobytes),
        onDisk(kilobytes, scratch),
        "256m",
        Map.of(),
        List.of(
            "fuse",
            ExampleModels.model("mlp_bn").toString(),
            "-o",
            target.toString(),
            "--verify=site"));
  }

  /** The fused model has some 40 kB: in pages, every size that is too small. */
  @Test
  void wherever_scratch_is_full_nothing_is_published_and_the_reason_is_said() throws Exception {
    assumeTrue(canMount(), "no file system can be mounted here");
    Path whole = folder.resolve("whole.onnx");
    try (RunProcess roomy = fuse(4096, whole)) {
      assertThat(roomy.waitFor()).as(roomy.printed()).isZero();
    }
    for (int kilobytes : List.of(4, 8, 16, 28, 36)) {
      Path target = folder.resolve("out-" + kilobytes + "/fused.onnx");
      try (RunProcess run = fuse(kilobytes, target)) {
        assertThat(run.waitFor()).as(run.printed()).isEqualTo(ExitCode.NOTHING);
        assertThat(run.printed())
            .as("%d kB", kilobytes)
            .contains("No space left on device")
            .doesNotContain("\tat ", "defect of fusewright");
      }
      assertThat(visible(target.resolveSibling("."))).as("%d kB", kilobytes).isEmpty();
    }
    Path again = folder.resolve("again.onnx");
    try (RunProcess roomy = fuse(4096, again)) {
      assertThat(roomy.waitFor()).as(roomy.printed()).isZero();
    }
    assertThat(Staging.sha256(again)).isEqualTo(Staging.sha256(whole));
  }

  private static List<Path> visible(Path output) throws IOException {
    if (!Files.exists(output)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(output)) {
      return files.toList();
    }
  }
}
