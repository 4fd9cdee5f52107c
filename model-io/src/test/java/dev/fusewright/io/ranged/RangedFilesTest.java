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
package dev.fusewright.io.ranged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.StoredTensor;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.io.file.FileRegion;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.RangeReads;
import dev.fusewright.io.storage.ReplacedFileException;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.io.testing.ForwardingStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are read where they lie, and files that share ranges with them. */
final class RangedFilesTest {
  private static final int SIZE = 6_000_000;

  @TempDir Path folder;
  private final CountingStore store = new CountingStore();
  private final RangedFiles files = new RangedFiles(new RangeReads(store, Duration.ofMinutes(1)));
  private final byte[] content = new byte[SIZE];
  private Path stored = Path.of("");
  private Path scratch = Path.of("");
  private Path mounted = Path.of("");

  /** Counts what is read, and fails as it is told. */
  private static final class CountingStore extends ForwardingStore {
    private final List<Integer> lengths = new ArrayList<>();
    private final List<IOException> failures = new ArrayList<>();

    CountingStore() {
      super(Stores.of(StorageConfiguration.defaults()));
    }

    @Override
    public synchronized byte[] read(StoredFile file, long position, int length) throws IOException {
      lengths.add(length);
      if (!failures.isEmpty()) {
        throw failures.remove(0);
      }
      return super.read(file, position, length);
    }

    private long bytes() {
      return lengths.stream().mapToLong(Integer::longValue).sum();
    }
  }

  @BeforeEach
  void mount() throws IOException {
    new Random(1).nextBytes(content);
    stored = Files.write(folder.resolve("stored.bin"), content);
    scratch = Files.createDirectory(folder.resolve("scratch"));
    StoredFile seen = store.status(Location.of(stored)).orElseThrow();
    mounted = files.mount(seen, scratch.resolve("source.bin"));
  }

  private long onThisMachine() throws IOException {
    try (var all = Files.walk(scratch)) {
      long bytes = 0;
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
      return bytes;
    }
  }

  @Test
  void a_mounted_file_is_read_as_any_other_and_no_byte_of_it_is_in_the_folder() throws IOException {
    assertThat(Files.size(mounted)).isEqualTo(SIZE);
    assertThat(Files.isRegularFile(mounted)).isTrue();
    assertThat(mounted).hasToString(scratch.resolve("source.bin").toString());
    try (var in = Files.newInputStream(mounted)) {
      assertThat(in.readAllBytes()).isEqualTo(content);
    }
    try (OpenFile open = OpenFile.open(mounted)) {
      assertThat(open.bytes(SIZE - 3, 3).array())
          .isEqualTo(Arrays.copyOfRange(content, SIZE - 3, SIZE));
    }
    assertThat(onThisMachine()).isZero();
  }

  @Test
  void a_file_of_the_folder_that_is_not_mounted_is_itself() throws IOException {
    Files.write(scratch.resolve("other.bin"), new byte[] {1, 2, 3});
    Path other = mounted.resolveSibling("other.bin");

    assertThat(Files.readAllBytes(other)).containsExactly(1, 2, 3);
    assertThat(Files.exists(mounted.resolveSibling("nothing.bin"))).isFalse();
    assertThat(other.toRealPath().startsWith(mounted.getParent().toRealPath())).isTrue();
    assertThat(store.lengths).isEmpty();
  }

  @Test
  void what_is_read_in_order_takes_ever_larger_ranges_and_each_byte_once() throws IOException {
    try (FileChannel channel = FileChannel.open(mounted, StandardOpenOption.READ)) {
      ByteBuffer small = ByteBuffer.allocate(100);
      while (channel.read(small.clear()) >= 0) {
        // To the end.
      }
    }
    assertThat(store.bytes()).isEqualTo(SIZE);
    assertThat(store.lengths).hasSizeLessThanOrEqualTo(7);
  }

  @Test
  void what_is_read_here_and_there_takes_little_more_than_itself_and_again_takes_nothing()
      throws IOException {
    for (int round = 0; round < 2; round++) {
      try (FileChannel channel = FileChannel.open(mounted, StandardOpenOption.READ)) {
        for (int at = 0; at < SIZE; at += 100_000) {
          ByteBuffer one = ByteBuffer.allocate(1);
          assertThat(channel.read(one, at)).isEqualTo(1);
          assertThat(one.get(0)).isEqualTo(content[at]);
        }
      }
    }
    assertThat(store.lengths).hasSize(60).allMatch(length -> length <= Windows.SMALL);
  }

  @Test
  void what_is_transferred_from_a_mounted_file_is_not_read_and_reads_back_as_it_is()
      throws IOException {
    Path made = files.view(scratch.resolve("made.bin"));
    byte[] header = {1, 2, 3, 4, 5};
    try (FileChannel from = FileChannel.open(mounted, StandardOpenOption.READ);
        FileChannel to =
            FileChannel.open(made, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      to.write(ByteBuffer.wrap(header));
      assertThat(from.transferTo(1000, 2_000_000, to)).isEqualTo(2_000_000);
      to.write(ByteBuffer.wrap(header));
      assertThat(from.transferTo(2_001_000, 500_000, to)).isEqualTo(500_000);
    }
    assertThat(store.lengths).isEmpty();
    assertThat(Files.size(made)).isEqualTo(2_500_010);
    assertThat(onThisMachine()).isEqualTo(2L * header.length);

    ByteBuffer expected = ByteBuffer.allocate(2_500_010);
    expected.put(header).put(content, 1000, 2_000_000).put(header).put(content, 2_001_000, 500_000);
    try (var in = Files.newInputStream(made)) {
      assertThat(in.readAllBytes()).isEqualTo(expected.array());
    }
  }

  @Test
  void tensors_that_are_one_range_are_equal_unread_and_others_are_compared() throws IOException {
    Path made = files.view(scratch.resolve("made.bin"));
    try (FileChannel from = FileChannel.open(mounted, StandardOpenOption.READ);
        FileChannel to =
            FileChannel.open(made, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      from.transferTo(0, 2000, to);
      to.write(ByteBuffer.wrap(content, 2000, 1000));
    }
    try (OpenFile source = OpenFile.open(mounted);
        OpenFile written = OpenFile.open(made)) {
      assertThat(Tensors.areEqual(bytes(source, 500, 1000), bytes(written, 500, 1000))).isTrue();
      assertThat(store.lengths).isEmpty();
      assertThat(Tensors.areEqual(bytes(source, 1500, 1000), bytes(written, 1500, 1000)))
          .as("half of it was written")
          .isTrue();
      assertThat(store.lengths).hasSize(1);
      assertThat(Tensors.areEqual(bytes(source, 500, 1000), bytes(written, 501, 1000))).isFalse();
    }
  }

  private static StoredTensor bytes(OpenFile file, long offset, int length) {
    return new StoredTensor(
        ElementType.UINT8, Shape.of(length), new FileRegion(file, offset, length));
  }

  @Test
  void what_is_transferred_from_any_other_file_is_written() throws IOException {
    Path made = files.view(scratch.resolve("made.bin"));
    try (FileChannel from = FileChannel.open(stored, StandardOpenOption.READ);
        FileChannel to =
            FileChannel.open(made, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      from.transferTo(0, 300_000, to);
    }
    assertThat(onThisMachine()).isEqualTo(300_000);
  }

  @Test
  void blocks_are_written_by_several_channels_in_any_order_and_a_file_begun_anew_is_empty()
      throws IOException {
    Path made = files.view(scratch.resolve("made.bin"));
    for (int round = 0; round < 2; round++) {
      Files.newOutputStream(made).close();
      assertThat(Files.size(made)).isZero();
      try (FileChannel one = FileChannel.open(made, StandardOpenOption.WRITE);
          FileChannel other = FileChannel.open(made, StandardOpenOption.WRITE);
          FileChannel from = FileChannel.open(mounted, StandardOpenOption.READ)) {
        other.write(ByteBuffer.wrap(content, 3000, 1000), 3000);
        one.write(ByteBuffer.wrap(content, 0, 1000), 0);
        from.transferTo(2000, 1000, other.position(2000));
        one.write(ByteBuffer.wrap(content, 1000, 1000), 1000);
      }
      assertThat(Files.readAllBytes(made)).isEqualTo(Arrays.copyOf(content, 4000));
      assertThat(onThisMachine()).isEqualTo(3000);
    }
  }

  @Test
  void a_mounted_file_is_not_written() {
    assertThatThrownBy(() -> Files.newOutputStream(mounted).close())
        .isInstanceOf(AccessDeniedException.class);
    assertThat(stored).hasBinaryContent(content);
  }

  @Test
  void a_range_that_breaks_off_is_read_anew() throws IOException {
    store.failures.add(new IOException("connection reset"));
    store.failures.add(new IOException("connection reset"));
    try (OpenFile open = OpenFile.open(mounted)) {
      assertThat(open.bytes(7, 1).get()).isEqualTo(content[7]);
    }
    assertThat(store.lengths).hasSize(3);
  }

  @Test
  void one_that_cannot_be_had_is_not_and_what_failed_is_not_kept() throws IOException {
    store.failures.add(new FileNotFoundException("gone"));
    try (FileChannel channel = FileChannel.open(mounted, StandardOpenOption.READ)) {
      assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1), 7))
          .isInstanceOf(FileNotFoundException.class);
      assertThat(store.lengths).hasSize(1);
      assertThat(channel.read(ByteBuffer.allocate(1), 7)).isEqualTo(1);
    }
  }

  @Test
  void another_version_is_not_read() throws IOException {
    Files.write(stored, new byte[SIZE + 1]);
    try (FileChannel channel = FileChannel.open(mounted, StandardOpenOption.READ)) {
      assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1), 7))
          .isInstanceOf(ReplacedFileException.class);
    }
    assertThat(store.lengths).hasSize(1);
  }

  @Test
  void a_file_that_was_taken_out_again_is_empty() throws IOException {
    files.unmount(mounted);
    assertThat(Files.size(mounted)).isZero();
  }

  @Test
  void a_stream_ends_where_its_source_is_still_the_one_that_was_seen() throws IOException {
    try (InputStream same = Files.newInputStream(mounted);
        InputStream replaced = Files.newInputStream(mounted)) {
      assertThat(same.readNBytes(SIZE - 1)).hasSize(SIZE - 1);
      assertThat(replaced.readNBytes(SIZE)).isEqualTo(content);
      assertThat(same.read()).isEqualTo(content[SIZE - 1] & 0xff);
      assertThat(same.read()).isNegative();

      // Behind the last window that is read.
      Files.write(stored, new byte[SIZE]);
      Files.setLastModifiedTime(stored, FileTime.from(Instant.now().plusSeconds(10)));
      assertThatThrownBy(replaced::read).isInstanceOf(ReplacedFileException.class);
    }
  }
}
