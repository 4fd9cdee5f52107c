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
package dev.fusewright.io.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.core.testing.UsesProcesses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@UsesProcesses
final class ScratchSpaceTest {
  @TempDir Path root;

  private static final Location MODEL = Location.of("s3a://zoo/big.onnx");

  private ScratchSpace space(long bytes) throws IOException {
    return ScratchSpace.shared(new ScratchSettings(root.toString(), bytes));
  }

  @Test
  void a_folder_goes_with_everything_in_it() throws IOException {
    try (Scratch scratch = space(100).folder()) {
      Files.createDirectories(scratch.file("a/b"));
      Files.writeString(scratch.file("a/b/c"), "x");
    }
    assertThat(root).isEmptyDirectory();
  }

  @Test
  void models_of_one_process_have_parts_of_one_locked_folder_that_are_made_when_they_are_needed()
      throws IOException {
    ScratchSpace space = space(100);
    UploadBuffers worker = space.buffers(StorageConfiguration.defaults());
    space.folder().close();
    try (Scratch first = space.folder();
        Scratch second = space.folder()) {
      Files.writeString(first.file("model"), "1");
      Files.writeString(second.file("model"), "2");
      assertThat(first.folder().getParent()).isEqualTo(second.folder().getParent());
      try (Stream<Path> files = Files.list(root)) {
        assertThat(files).as("a folder and its lock").hasSize(2);
      }
      try (Stream<Path> parts = Files.list(first.folder().getParent())) {
        assertThat(parts.filter(part -> !part.endsWith("buffers"))).hasSize(2);
      }
    } finally {
      worker.close();
    }
    assertThat(root).isEmptyDirectory();
  }

  @Test
  void workers_of_one_process_share_one_budget() throws Exception {
    CompletableFuture<Void> second = new CompletableFuture<>();
    Thread waiting;
    try (Scratch first = space(100).folder()) {
      first.need(MODEL, 80);
      waiting =
          new Thread(
              () -> {
                try (Scratch other = space(100).folder()) {
                  other.need(MODEL, 80);
                  second.complete(null);
                } catch (IOException e) {
                  second.completeExceptionally(e);
                }
              });
      waiting.start();
      while (waiting.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
      assertThat(second).isNotDone();
    }
    waiting.join();
    assertThat(second).isCompleted();
  }

  @Test
  void a_model_that_never_fits_is_refused_with_the_numbers() throws IOException {
    try (Scratch scratch = space(1000).folder()) {
      assertThatThrownBy(() -> scratch.need(MODEL, 1001))
          .isInstanceOf(ScratchExceededException.class)
          .hasMessageContaining("s3a://zoo/big.onnx")
          .hasMessageContaining("1,000")
          .hasMessageContaining("1,001")
          .hasMessageContaining("--scratch-budget");
    }
  }

  @Test
  void upload_buffers_are_shared_and_go_with_their_last_user() throws IOException {
    ScratchSpace space = space(1000);
    UploadBuffers first = space.buffers(StorageConfiguration.defaults());
    UploadBuffers second = space.buffers(StorageConfiguration.defaults());
    assertThat(second.configuration()).isEqualTo(first.configuration());

    first.close();
    assertThat(root).isNotEmptyDirectory();

    second.close();
    assertThat(root).isEmptyDirectory();
  }

  @Test
  void what_a_killed_process_left_is_removed_and_what_a_living_one_uses_is_not() throws Exception {
    Process killed = process();
    Process living = process();
    try {
      Path left = folder(killed);
      Path used = folder(living);
      killed.destroyForcibly().waitFor();
      try (Scratch ours = Scratch.in(root)) {
        assertThat(ScratchLock.removeOrphans(root)).isEqualTo(1);

        assertThat(left).doesNotExist();
        assertThat(used.resolve("file")).exists();
        assertThat(ours.folder()).exists();
        // Ours is still locked: to look at it must not have given its lock back.
        assertThat(ScratchLock.removeOrphans(root)).isZero();
      }
    } finally {
      killed.destroyForcibly().waitFor();
      living.destroyForcibly().waitFor();
    }
    assertThat(ScratchLock.removeOrphans(root)).isEqualTo(1);
    assertThat(root).isEmptyDirectory();
  }

  private Process process() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-cp",
            System.getProperty("java.class.path"),
            Squatter.class.getName(),
            root.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static Path folder(Process process) throws IOException {
    return Path.of(process.inputReader().readLine());
  }

  /** A process that has scratch files until it is killed. */
  static final class Squatter {
    public static void main(String[] arguments) throws Exception {
      Scratch scratch = Scratch.in(Path.of(arguments[0]));
      Files.writeString(scratch.file("file"), "x");
      System.out.println(scratch.folder());
      System.out.flush();
      Thread.currentThread().join();
    }
  }
}
