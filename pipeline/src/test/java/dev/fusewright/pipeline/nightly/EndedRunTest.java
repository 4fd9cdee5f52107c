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
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.io.testing.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An embedded run that a person ends before its time. */
@UsesFlink
@UsesProcesses
final class EndedRunTest {
  private static final int MODELS = 60;

  @TempDir Path folder;

  @Test
  void says_that_it_can_go_on_and_leaves_nothing_that_the_next_run_does_not_remove()
      throws Exception {
    Store store = Stores.of(StorageConfiguration.defaults());
    new Zoo(MODELS, 20_000, 200_000, 8).publish(store, Location.of(folder.resolve("zoo")), folder);
    Path temp = folder.resolve("tmp");
    int code;
    String printed;
    try (RunProcess run =
        RunProcess.start(
            temp,
            folder.resolve("log"),
            "512m",
            Map.of(),
            List.of(
                "run",
                "--catalogue=" + folder.resolve("zoo/catalogue.jsonl"),
                "--output=" + folder.resolve("out"),
                "--parallelism=1"))) {
      while (run.isAlive() && published() == 0) {
        Thread.sleep(5);
      }
      run.end();
      code = run.waitFor();
      printed = run.printed();
    }

    assertThat(code).as(printed).isGreaterThan(128);
    assertThat(printed)
        .contains("ended before its time", "start it again to go on", "out/reports/run=");
    assertThat(published()).isBetween(1L, MODELS - 1L);
    assertThat(temp).isDirectoryNotContaining("regex:.*/(?!\\.fusewright-scratch-)[^/]*");
  }

  /** The same farewell, whoever ends it, and nothing is drawn over it. */
  @ParameterizedTest
  @ValueSource(strings = {"ctrl-c", "term"})
  @UsesPython
  void says_so_in_a_terminal_too_where_progress_is_drawn(String how) throws Exception {
    Store store = Stores.of(StorageConfiguration.defaults());
    new Zoo(MODELS, 20_000, 200_000, 8).publish(store, Location.of(folder.resolve("zoo")), folder);
    List<String> command =
        RunProcess.command(
            folder.resolve("tmp"),
            "512m",
            List.of(
                "run",
                "--catalogue=" + folder.resolve("zoo/catalogue.jsonl"),
                "--output=" + folder.resolve("out"),
                "--parallelism=1"));
    List<Object> words = new ArrayList<>(List.of(how, folder.resolve("out/m*.onnx")));
    words.addAll(command);

    String coloured = Python.TORCH1.run("terminal.py", words.toArray());
    String shown = coloured.replaceAll("\u001b\\[[0-9;]*m", "");

    assertThat(shown)
        .containsPattern("(?m)^fusing +\\d+ %  [\\d,]+ of 60 models")
        .containsPattern(
            "(?m)^fusewright: the run was ended before its time\\. .* start it again to go on")
        .containsPattern("(?m)^exit (1(30|43)|-2|-15)$");
    assertThat(shown.substring(shown.indexOf("fusewright: the run was ended")))
        .doesNotContain("fusing");
  }

  private long published() throws IOException {
    Path out = folder.resolve("out");
    if (!Files.exists(out)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(out)) {
      return files.filter(file -> file.getFileName().toString().matches("m\\d+\\.onnx")).count();
    }
  }
}
