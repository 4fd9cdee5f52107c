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

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.io.file.CheckpointException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files made to exhaust their reader, read by a process with 64 MB of heap. */
@UsesProcesses
class HostileFileTest {
  private static final int PIECES = 16 << 20;

  @TempDir Path folder;

  /** The child process: prints how a file was refused. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) {
      long start = System.nanoTime();
      try (OnnxCheckpoint model = OnnxReader.read(Path.of(arguments[0]))) {
        System.out.print("read " + model.graph().graph().nodes().size() + " nodes");
      } catch (CheckpointException e) {
        System.out.print(e.getClass().getSimpleName() + ": " + e.getMessage());
      }
      System.out.print("; milliseconds: " + (System.nanoTime() - start) / 1_000_000);
    }
  }

  @Test
  void sixteen_million_empty_nodes_are_refused() throws Exception {
    Path file = repeated(new byte[] {1 << 3 | 2, 0});
    assertThat(Files.size(file)).isGreaterThan(33_000_000);
    assertThat(read(file)).contains("TooLargeException").contains("at message number");
  }

  @Test
  void sixteen_million_empty_initializers_are_refused() throws Exception {
    assertThat(read(repeated(new byte[] {5 << 3 | 2, 0}))).contains("TooLargeException");
  }

  @Test
  void sixteen_million_unknown_fields_are_copied_without_being_held() throws Exception {
    assertThat(read(repeated(new byte[] {15 << 3, 0}))).startsWith("read 0 nodes");
  }

  @Test
  void sixteen_million_dimensions_are_refused() throws Exception {
    byte[] dims = new byte[PIECES * 2];
    for (int i = 0; i < dims.length; i += 2) {
      dims[i] = 1 << 3;
      dims[i + 1] = 1;
    }
    Path file = save(Wire.message(7, Wire.message(5, dims)));
    assertThat(read(file)).contains("TooLargeException");
  }

  @Test
  void a_list_in_millions_of_pieces_is_refused() throws Exception {
    byte[] pieces = new byte[PIECES / 3 * 3];
    for (int i = 0; i < pieces.length; i += 3) {
      pieces[i] = 7 << 3 | 2;
      pieces[i + 1] = 1;
    }
    Path file = save(Wire.message(7, Wire.message(5, Wire.concat(Wire.varint(2, 7), pieces))));
    assertThat(read(file)).contains("TooLargeException");
  }

  @Test
  void an_attribute_of_millions_of_numbers_stays_in_the_file() throws Exception {
    byte[] ints = new byte[PIECES];
    for (int i = 0; i < ints.length; i += 2) {
      ints[i] = 8 << 3;
    }
    byte[] attribute = Wire.concat(Wire.text(1, "ints"), Wire.varint(20, 7), ints);
    Path file = save(Wire.message(7, Wire.message(1, Wire.message(5, attribute))));
    assertThat(read(file)).startsWith("read 1 nodes");
  }

  @Test
  void a_tensor_of_eight_million_loose_numbers_is_read() throws Exception {
    byte[] loose = new byte[PIECES];
    for (int i = 0; i < loose.length; i += 2) {
      loose[i] = 7 << 3;
    }
    byte[] header = Wire.concat(Wire.varint(1, PIECES / 2), Wire.varint(2, 7));
    Path file = save(Wire.message(7, Wire.message(5, Wire.concat(header, loose))));
    assertThat(read(file)).startsWith("read 0 nodes");
  }

  private Path repeated(byte[] field) throws IOException {
    byte[] many = new byte[field.length << 16];
    for (int i = 0; i < many.length; i++) {
      many[i] = field[i % field.length];
    }
    long length = (long) field.length * PIECES;
    Path file = folder.resolve("hostile.onnx");
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(
          Wire.bytes(
              header -> {
                header.writeTag(7, 2);
                header.writeUInt64NoTag(length);
              }));
      for (long written = 0; written < length; written += many.length) {
        out.write(many);
      }
    }
    return file;
  }

  private Path save(byte[] bytes) {
    return Protos.save(bytes, folder.resolve("hostile.onnx"));
  }

  private static String read(Path file) throws IOException, InterruptedException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-XX:+ExitOnOutOfMemoryError",
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName(),
            file.toString());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    assertThat(Arrays.asList(output.split("; "))).hasSizeGreaterThan(1);
    return output;
  }
}
