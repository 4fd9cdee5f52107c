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
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.format.StateCheckpoint;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Forms of archives that torch reads too, each beside the nearest that is damaged. Whether their
 * tensors are torch's, {@link RealTorchTest} shows.
 */
final class FileFormsTest {
  private static final int CENTRAL = 0x02014b50;
  private static final long[] TWO = {2};
  private static final long[] ONE = {1};

  @TempDir Path folder;

  @Test
  void checksums_that_no_record_has_were_not_computed_and_the_checkpoint_says_so()
      throws IOException {
    Path file = withoutChecksums(Integer.MAX_VALUE);

    try (StateCheckpoint checkpoint = TorchReader.read(file)) {
      assertThat(checkpoint.remarks())
          .singleElement()
          .asString()
          .contains("no checksums were computed");
      assertThat(first(checkpoint)).isEqualTo(1.5f);
      Path copy = folder.resolve("copy.pth");
      checkpoint.write(Map.of(), copy);
      try (StateCheckpoint written = TorchReader.read(copy)) {
        assertThat(written.remarks()).isEmpty();
        assertThat(first(written)).isEqualTo(1.5f);
      }
    }
  }

  @Test
  void one_checksum_of_zero_among_others_is_a_wrong_one() throws IOException {
    assertThatExceptionOfType(MalformedFileException.class)
        .isThrownBy(() -> TorchReader.read(withoutChecksums(1)))
        .withMessageContaining("CRC-32 00000000");
  }

  @Test
  void bytes_behind_the_archive_are_not_looked_at_and_the_checkpoint_says_so() throws IOException {
    Path file = append(archive(), new byte[5000]);

    try (StateCheckpoint checkpoint = TorchReader.read(file)) {
      assertThat(checkpoint.remarks())
          .singleElement()
          .asString()
          .startsWith("5000 bytes behind the end");
      assertThat(first(checkpoint)).isEqualTo(1.5f);
    }
  }

  @Test
  void an_archive_that_lacks_its_end_is_not_one_with_bytes_behind_it() throws IOException {
    byte[] whole = Files.readAllBytes(archive());
    byte[] shorter = Arrays.copyOf(whole, whole.length - 8);
    Path cut = Files.write(folder.resolve("cut.pth"), shorter);
    Path far = append(archive(), new byte[1 << 17]);
    // The four bytes of an end record behind the archive are no end record.
    byte[] mark = "PK\u0005\u0006and more than twenty bytes".getBytes(StandardCharsets.UTF_8);
    Path marked = append(archive(), mark);

    assertThatExceptionOfType(CheckpointException.class).isThrownBy(() -> TorchReader.read(cut));
    assertThatExceptionOfType(MalformedFileException.class)
        .isThrownBy(() -> TorchReader.read(far))
        .withMessageContaining("an end record");
    try (StateCheckpoint checkpoint = TorchReader.read(marked)) {
      assertThat(first(checkpoint)).isEqualTo(1.5f);
    }
  }

  @Test
  void a_big_endian_archive_is_swapped_and_written_little_endian() throws IOException {
    Path file = ordered("big", new byte[] {0x3f, (byte) 0xc0, 0, 0, 0x40, 0, 0, 0});

    try (StateCheckpoint checkpoint = TorchReader.read(file)) {
      assertThat(checkpoint.remarks()).singleElement().asString().contains("big-endian");
      assertThat(first(checkpoint)).isEqualTo(1.5f);
      Path copy = folder.resolve("copy.pth");
      checkpoint.write(Map.of(), copy);
      try (StateCheckpoint written = TorchReader.read(copy)) {
        assertThat(written.facts()).containsEntry("byteorder", "little");
        assertThat(first(written)).isEqualTo(1.5f);
      }
    }
  }

  @Test
  void a_byte_order_that_is_none_is_refused() throws IOException {
    Path file = ordered("middle", new byte[8]);

    assertThatExceptionOfType(UnsupportedFormatException.class)
        .isThrownBy(() -> TorchReader.read(file))
        .withMessageContaining("expected 'little' or 'big', found 'middle'");
  }

  @Test
  void tensors_of_the_meta_device_are_called_so() throws IOException {
    Pickles pickle = new Pickles().op('}').text("weight");
    pickle.global("torch._utils", "_rebuild_meta_tensor_no_storage").op(')', 'R', 's');
    Path file = Pickles.archive(folder.resolve("meta.pth"), pickle.bytes(), Map.of());

    assertThatExceptionOfType(UnsupportedFormatException.class)
        .isThrownBy(() -> TorchReader.read(file))
        .withMessageContaining("It has tensors of the meta device, which have no values");
  }

  private static float first(StateCheckpoint checkpoint) throws TensorReadException {
    Tensor tensor = checkpoint.states().get(0).state().tensor("weight").orElseThrow();
    ByteBuffer bytes = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    tensor.read(0, bytes);
    return bytes.flip().getFloat();
  }

  private static byte[] pickle() {
    return new Pickles().op('}').text("weight").tensor("0", 2, 0, TWO, ONE).op('s').bytes();
  }

  private Path archive() throws IOException {
    byte[] floats = {0, 0, (byte) 0xc0, 0x3f, 0, 0, 0, 0x40};
    return Pickles.archive(folder.resolve("file.pth"), pickle(), Map.of("0", floats));
  }

  private Path append(Path file, byte[] more) throws IOException {
    byte[] whole = Files.readAllBytes(file);
    byte[] longer = Arrays.copyOf(whole, whole.length + more.length);
    System.arraycopy(more, 0, longer, whole.length, more.length);
    return Files.write(folder.resolve("longer-" + more.length + ".pth"), longer);
  }

  /** With zeros for the checksums of the first records of the directory. */
  private Path withoutChecksums(int records) throws IOException {
    byte[] bytes = Files.readAllBytes(archive());
    ByteBuffer archive = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int done = 0;
    for (int at = 0; at + 4 <= bytes.length && done < records; at++) {
      if (archive.getInt(at) == CENTRAL) {
        archive.putInt(at + 16, 0);
        done++;
      }
    }
    return Files.write(folder.resolve("unchecked.pth"), bytes);
  }

  private Path ordered(String order, byte[] storage) throws IOException {
    Path file = folder.resolve(order + ".pth");
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8)) {
      zip.putNextEntry(new ZipEntry("archive/data.pkl"));
      zip.write(pickle());
      zip.putNextEntry(new ZipEntry("archive/byteorder"));
      zip.write(order.getBytes(StandardCharsets.UTF_8));
      zip.putNextEntry(new ZipEntry("archive/data/0"));
      zip.write(storage);
    }
    return file;
  }
}
