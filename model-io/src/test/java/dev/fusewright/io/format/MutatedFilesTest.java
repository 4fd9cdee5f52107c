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
package dev.fusewright.io.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.core.testing.CpuTime;
import dev.fusewright.core.testing.UsesRealModels;
import dev.fusewright.io.Formats;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.testing.RealModels;
import dev.fusewright.io.testing.ShardedModels;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real files, mutated ten thousand times: read and written again, or refused with a located error,
 * in bounded time. The module's tests run in a heap of 1 GB and end at the first OutOfMemoryError.
 */
@UsesRealModels
final class MutatedFilesTest {
  private static final Duration LONGEST = Duration.ofSeconds(20);
  private static final long[] EXTREMES = {
    0,
    1,
    -1,
    0x7f,
    0xff,
    0x7fff,
    0xffff,
    0x7fffffffL,
    0xffffffffL,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    1L << 40
  };

  @TempDir Path folder;

  private int read;
  private int refused;

  @Test
  void a_mutated_safetensors_file_is_read_or_refused() throws IOException {
    byte[] original =
        Files.readAllBytes(RealModels.file("s16_burn_mnist_pt/multi_layer.safetensors"));
    int header = (int) ByteBuffer.wrap(original).order(ByteOrder.LITTLE_ENDIAN).getLong() + 8;
    Random random = new Random(1);
    for (int i = 0; i < 3000; i++) {
      open(mutated(original, header, random), Formats::openStates, i);
    }
    assertBoth();
  }

  @Test
  void a_mutated_index_or_shard_is_read_or_refused() throws IOException {
    Path real = RealModels.file("s16_burn_mnist_pt/multi_layer.safetensors");
    byte[] shard = Files.readAllBytes(real);
    int header = (int) ByteBuffer.wrap(shard).order(ByteOrder.LITTLE_ENDIAN).getLong() + 8;
    Map<String, String> shardOf = new LinkedHashMap<>();
    try (StateCheckpoint whole = Formats.openStates(real)) {
      whole.states().get(0).state().entries().keySet().forEach(name -> shardOf.put(name, "shard"));
    }
    Files.write(folder.resolve("shard"), shard);
    byte[] text = ShardedModels.text(1, shardOf).getBytes(StandardCharsets.UTF_8);
    Random random = new Random(6);
    for (int i = 0; i < 1500; i++) {
      open(mutated(text, text.length, random), Formats::openStates, i);
    }
    assertBoth();

    shardOf.replaceAll((name, any) -> "mutated");
    Path index = Files.writeString(folder.resolve("index"), ShardedModels.text(1, shardOf));
    for (int i = 0; i < 1500; i++) {
      open(mutated(shard, header, random), mutated -> Formats.openStates(index), i);
    }
  }

  @Test
  void a_mutated_legacy_file_is_read_or_refused() throws IOException {
    byte[] original =
        Files.readAllBytes(RealModels.file("s15_resnet20_cifar/resnet20-12fca82f.th"));
    int pickles = 14_000;
    Random random = new Random(2);
    for (int i = 0; i < 3000; i++) {
      open(mutated(original, pickles, random), Formats::openStates, i);
    }
    assertBoth();
  }

  @Test
  void a_mutated_archive_is_read_or_refused() throws IOException {
    byte[] original =
        Files.readAllBytes(
            RealModels.file("s20_torchvision_small/tcn_weightnorm/tcn_weightnorm.pth"));
    Random random = new Random(3);
    for (int i = 0; i < 1500; i++) {
      open(mutated(original, original.length, random), Formats::openStates, i);
    }
    assertBoth();
  }

  @Test
  void an_archive_with_a_mutated_pickle_and_a_right_checksum_is_read_or_refused()
      throws IOException {
    mutatePickle("s20_torchvision_small/tcn_weightnorm/tcn_weightnorm.pth", 1500, new Random(4));
    mutatePickle("s20_torchvision_small/conv1d_net/conv1d_net.script.pt", 1000, new Random(5));
    assertBoth();
  }

  private void mutatePickle(String name, int times, Random random) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipInputStream zip =
        new ZipInputStream(
            new ByteArrayInputStream(Files.readAllBytes(withoutDescriptors(name))))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        entries.put(entry.getName(), zip.readAllBytes());
      }
    }
    String pickle =
        entries.keySet().stream()
            .filter(key -> key.endsWith("/data.pkl"))
            .findFirst()
            .orElseThrow();
    byte[] original = entries.get(pickle);
    for (int i = 0; i < times; i++) {
      entries.put(pickle, mutated(original, original.length, random));
      open(stored(entries), Formats::openStates, i);
    }
  }

  /**
   * torch writes data descriptors behind stored entries, which Java's stream reader does not know.
   */
  private Path withoutDescriptors(String name) throws IOException {
    Path copy = folder.resolve("plain.zip");
    try (ZipFile zip = new ZipFile(RealModels.file(name).toFile());
        OutputStream out = Files.newOutputStream(copy);
        ZipOutputStream plain = new ZipOutputStream(out)) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        if (!entry.getName().contains("/code/")) {
          plain.putNextEntry(new ZipEntry(entry.getName()));
          plain.write(zip.getInputStream(entry).readAllBytes());
        }
      }
    }
    return copy;
  }

  private static byte[] stored(Map<String, byte[]> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setMethod(ZipOutputStream.STORED);
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        ZipEntry record = new ZipEntry(entry.getKey());
        CRC32 crc = new CRC32();
        crc.update(entry.getValue());
        record.setCrc(crc.getValue());
        record.setSize(entry.getValue().length);
        zip.putNextEntry(record);
        zip.write(entry.getValue());
      }
    }
    return bytes.toByteArray();
  }

  /** One to four edits, most of them among the first {@code interesting} bytes. */
  private static byte[] mutated(byte[] original, int interesting, Random random) {
    byte[] bytes = original.clone();
    int edits = 1 + random.nextInt(4);
    for (int i = 0; i < edits && bytes.length > 16; i++) {
      int bound = random.nextInt(8) > 0 ? Math.min(interesting, bytes.length) : bytes.length;
      int at = random.nextInt(bound);
      int length = 1 + random.nextInt(Math.min(64, bytes.length - at));
      switch (random.nextInt(7)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> {
          long extreme = EXTREMES[random.nextInt(EXTREMES.length)];
          for (int b = 0; b < Math.min(8, bytes.length - at); b++) {
            bytes[at + b] = (byte) (extreme >> (8 * b));
          }
        }
        case 3 -> bytes = without(bytes, at, length);
        case 4 -> bytes = twice(bytes, at, length);
        case 5 -> {
          int from = random.nextInt(bytes.length - length + 1);
          System.arraycopy(original, Math.min(from, original.length - length), bytes, at, length);
        }
        default -> {
          if (random.nextInt(4) == 0) {
            bytes = Arrays.copyOf(bytes, at + 1);
          } else {
            bytes[at] = original[random.nextInt(original.length)];
          }
        }
      }
    }
    return bytes;
  }

  private static byte[] without(byte[] bytes, int at, int length) {
    byte[] shorter = Arrays.copyOf(bytes, bytes.length - length);
    System.arraycopy(bytes, at + length, shorter, at, bytes.length - at - length);
    return shorter;
  }

  private static byte[] twice(byte[] bytes, int at, int length) {
    byte[] longer = Arrays.copyOf(bytes, bytes.length + length);
    System.arraycopy(bytes, at, longer, at + length, bytes.length - at);
    return longer;
  }

  private void open(byte[] bytes, Function<Path, StateCheckpoint> reader, int number)
      throws IOException {
    Path file = Files.write(folder.resolve("mutated"), bytes);
    Duration start = CpuTime.ofThisThread();
    try (StateCheckpoint checkpoint = reader.apply(file)) {
      checkpoint.extraEntries();
      for (NestedState nested : checkpoint.states()) {
        readAll(nested.state());
      }
      if (number % 4 == 0) {
        checkpoint.write(
            Map.of(), Files.createDirectories(folder.resolve("copies")).resolve("copy"));
      }
      read++;
    } catch (CheckpointException | TensorReadException e) {
      assertThat(e.getMessage()).contains(folder.toString());
      refused++;
    } catch (RuntimeException | Error e) {
      throw new AssertionError("mutation " + number + " is kept in " + keep(file), e);
    }
    assertThat(CpuTime.ofThisThread().minus(start))
        .as("processor time of mutation %d", number)
        .isLessThan(LONGEST);
  }

  private static Path keep(Path file) throws IOException {
    return Files.copy(
        file, Files.createTempFile("mutation-", ".bin"), StandardCopyOption.REPLACE_EXISTING);
  }

  private static void readAll(StateDict state) {
    ByteBuffer chunk = ByteBuffer.allocate(1 << 13);
    for (Tensor tensor : state.tensors().values()) {
      long size = tensor.byteCount();
      if (size > 1 << 22) {
        continue;
      }
      for (long done = 0; done < size; done += chunk.limit()) {
        chunk.clear().limit((int) Math.min(chunk.capacity(), size - done));
        tensor.read(done, chunk);
      }
    }
  }

  /** Neither all read nor all refused: else the mutations would not test anything. */
  private void assertBoth() {
    assertThat(read).as("mutations that are read").isPositive();
    assertThat(refused).as("mutations that are refused").isPositive();
  }
}
