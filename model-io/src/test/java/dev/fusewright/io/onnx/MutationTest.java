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
package dev.fusewright.io.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.core.testing.CpuTimeLimit;
import dev.fusewright.core.testing.UsesRealModels;
import dev.fusewright.io.file.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever is done to a file, it is read or it is refused: no other exception, no hang, no
 * exhausted heap.
 */
@CpuTimeLimit(seconds = 120)
class MutationTest {
  private static final int PER_FILE = 60;
  private static final long MOST_BYTES_READ = 1 << 20;

  @TempDir Path folder;

  private final Random random = new Random(20_260_101);
  private int read;
  private int refused;

  @Test
  void a_mutated_fixture_is_read_or_refused() throws IOException {
    mutate(Fixtures.small(), PER_FILE);
    assertThat(read).as("mutants read").isGreaterThan(100);
    assertThat(refused).as("mutants refused").isGreaterThan(100);
  }

  @UsesRealModels
  @Test
  void a_mutated_real_model_is_read_or_refused() throws IOException {
    List<Path> files =
        Fixtures.real().stream().filter(file -> file.toFile().length() < 200_000).toList();
    mutate(files, PER_FILE);
    assertThat(refused).as("mutants refused").isGreaterThan(100);
  }

  private void mutate(List<Path> files, int times) throws IOException {
    for (Path file : files) {
      byte[] original = Files.readAllBytes(file);
      for (int i = 0; i < times; i++) {
        readOrRefuse(mutant(original), file);
      }
    }
  }

  private void readOrRefuse(byte[] mutant, Path origin) throws IOException {
    Path file = Files.write(folder.resolve("mutant.onnx"), mutant);
    try (OnnxCheckpoint model = OnnxReader.read(file, ReadLimits.forHeap(64 << 20))) {
      read++;
      touch(model.graph().graph());
      Path copy = folder.resolve("copy.onnx");
      OnnxWriter.write(model, model.graph(), Map.of(), copy);
      assertThat(copy).hasSameBinaryContentAs(file);
    } catch (CheckpointException | TensorReadException e) {
      assertThat(e.getMessage()).contains("mutant.onnx");
      refused++;
    } catch (RuntimeException | Error e) {
      throw new AssertionError("a mutant of " + origin + ", kept as " + keep(mutant), e);
    }
  }

  private static void touch(Graph graph) {
    for (Initializer initializer : graph.initializers()) {
      long bytes = initializer.tensor().byteCount();
      if (bytes > 0 && bytes < MOST_BYTES_READ) {
        initializer.tensor().read(0, ByteBuffer.allocate((int) bytes));
      }
    }
  }

  private static Path keep(byte[] mutant) throws IOException {
    return Files.write(Files.createTempFile("mutant", ".onnx"), mutant);
  }

  private byte[] mutant(byte[] original) {
    byte[] bytes = original.clone();
    int edits = 1 + random.nextInt(4);
    for (int i = 0; i < edits; i++) {
      int at = random.nextInt(bytes.length);
      int length = Math.min(1 + random.nextInt(16), bytes.length - at);
      bytes =
          switch (random.nextInt(6)) {
            case 0 -> flip(bytes, at);
            case 1 -> set(bytes, at, (byte) 0xff, length);
            case 2 -> set(bytes, at, (byte) 0, length);
            case 3 -> Arrays.copyOf(bytes, Math.max(1, at));
            case 4 -> without(bytes, at, length);
            default -> twice(bytes, at, length);
          };
    }
    return bytes;
  }

  private byte[] flip(byte[] bytes, int at) {
    bytes[at] ^= (byte) (1 << random.nextInt(8));
    return bytes;
  }

  private static byte[] set(byte[] bytes, int at, byte value, int length) {
    Arrays.fill(bytes, at, at + length, value);
    return bytes;
  }

  private static byte[] without(byte[] bytes, int at, int length) {
    return bytes.length == length
        ? bytes
        : Wire.concat(
            Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at + length, bytes.length));
  }

  private static byte[] twice(byte[] bytes, int at, int length) {
    return Wire.concat(
        Arrays.copyOf(bytes, at + length), Arrays.copyOfRange(bytes, at, bytes.length));
  }
}
