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
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.io.file.CheckpointFiles;
import dev.fusewright.io.file.RegularFiles;
import dev.fusewright.io.file.UnreadableFileException;
import dev.fusewright.io.samples.SampleFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What is neither a file nor a folder is not opened, not listed and not replaced, by either store.
 */
@UsesProcesses
final class RegularFilesOnlyTest {
  @TempDir Path folder;

  /** Something that has a name and is no file. */
  enum Special {
    DEVICE,
    PIPE,
    SOCKET,
    LINK_TO_A_DEVICE,
    LINK_TO_A_PIPE;

    Path in(Path folder) throws Exception {
      Path place = folder.resolve("special.onnx");
      return switch (this) {
        case DEVICE -> Path.of("/dev/zero");
        case PIPE -> pipe(place);
        case SOCKET -> {
          try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(place));
          }
          yield place;
        }
        case LINK_TO_A_DEVICE -> Files.createSymbolicLink(place, Path.of("/dev/zero"));
        case LINK_TO_A_PIPE -> Files.createSymbolicLink(place, pipe(folder.resolve("pipe")));
      };
    }

    private static Path pipe(Path place) throws Exception {
      assumeTrue(new ProcessBuilder("mkfifo", place.toString()).start().waitFor() == 0);
      return place;
    }
  }

  private static Stream<Store> stores() {
    return Stream.of(
        Stores.of(StorageConfiguration.defaults()), Stores.of(StorageConfiguration.defaults()));
  }

  @ParameterizedTest
  @EnumSource
  void it_is_not_read(Special special) throws Exception {
    Path path = special.in(folder);
    Location location = Location.of(path);
    stores()
        .forEach(
            store -> {
              assertThatThrownBy(() -> store.status(location))
                  .hasMessageContaining("expected a regular file");
              assertThatThrownBy(() -> store.open(location))
                  .hasMessageContaining("expected a regular file");
              assertThatThrownBy(() -> new Staging(store).find(location))
                  .isInstanceOf(IOException.class)
                  .hasMessageContaining("expected a regular file");
            });
    assertThatThrownBy(() -> CheckpointFiles.open(path))
        .isInstanceOf(UnreadableFileException.class)
        .hasMessageContaining("expected a regular file, found a device, a pipe or a socket");
    assertThatThrownBy(() -> SampleFiles.read(path)).isInstanceOf(UnreadableFileException.class);
    assertThatThrownBy(() -> RegularFiles.bytes(path, 10))
        .isInstanceOf(RegularFiles.NotRegularException.class);
  }

  @ParameterizedTest
  @EnumSource(names = "DEVICE", mode = EnumSource.Mode.EXCLUDE)
  void it_is_not_replaced(Special special) throws Exception {
    Path path = special.in(folder);
    Path finished = folder.resolve("finished");
    stores()
        .forEach(
            store -> {
              assertThatThrownBy(() -> store.publish(new byte[3], Location.of(path)))
                  .hasMessageContaining("expected a regular file");
              assertThatThrownBy(
                      () -> store.take(Files.write(finished, new byte[3]), Location.of(path)))
                  .hasMessageContaining("expected a regular file");
            });
    assertThat(Files.isRegularFile(path)).isFalse();
    assertThat(Files.exists(path)).isTrue();
  }

  @Test
  void it_is_not_listed_beside_a_model() throws Exception {
    Special.PIPE.in(folder);
    Files.write(folder.resolve("a.onnx"), new byte[3]);
    stores()
        .forEach(
            store ->
                assertThatCode(
                        () ->
                            assertThat(store.list(Location.of(folder + "/*.onnx")))
                                .extracting(file -> file.location().name())
                                .containsExactly("a.onnx"))
                    .doesNotThrowAnyException());
  }

  @Test
  void a_link_to_a_file_is_a_file_and_a_folder_is_none() throws Exception {
    Path file = Files.write(folder.resolve("a"), new byte[3]);
    Path link = Files.createSymbolicLink(folder.resolve("link"), file);
    assertThat(RegularFiles.bytes(link, 3)).hasSize(3);
    assertThatThrownBy(() -> RegularFiles.bytes(link, 2)).hasMessageContaining("at most 2 bytes");
    assertThatThrownBy(() -> RegularFiles.attributes(folder))
        .isInstanceOf(FileNotFoundException.class);
    assertThatThrownBy(() -> RegularFiles.requireReplaceable(folder))
        .hasMessageContaining("found a folder");
    assertThatCode(() -> RegularFiles.requireReplaceable(link)).doesNotThrowAnyException();
    assertThatCode(() -> RegularFiles.requireReplaceable(folder.resolve("new")))
        .doesNotThrowAnyException();
  }

  @Test
  void a_link_that_leads_nowhere_or_back_costs_no_listing() throws Exception {
    Files.write(folder.resolve("a.onnx"), new byte[3]);
    Files.createSymbolicLink(folder.resolve("itself.onnx"), folder.resolve("itself.onnx"));
    Files.createSymbolicLink(folder.resolve("nothing.onnx"), folder.resolve("none"));
    Files.createSymbolicLink(folder.resolve("back"), folder);
    Files.createSymbolicLink(folder.resolve("b.onnx"), folder.resolve("a.onnx"));
    for (String glob : List.of("/*.onnx", "/**/*.onnx")) {
      assertThat(Stores.of(StorageConfiguration.defaults()).list(Location.of(folder + glob)))
          .as(glob)
          .extracting(file -> file.location().name())
          .containsExactly("a.onnx", "b.onnx");
    }
  }
}
