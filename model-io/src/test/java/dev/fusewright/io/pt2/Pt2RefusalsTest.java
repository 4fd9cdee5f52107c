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
package dev.fusewright.io.pt2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.io.Formats;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.testing.ExportedPrograms;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an archive may not be. */
final class Pt2RefusalsTest {
  private static final int MUTATIONS = 10_000;

  @TempDir Path folder;

  private GraphCheckpoint open(Path file) {
    return new Pt2Format().open(file);
  }

  @ParameterizedTest
  @CsvSource({
    "serialized_exported_program.json, '', torch before 2.7",
    "data/aotinductor/model/model.so, pkg/, AOTInductor",
    "data/executorch/model.pte, pkg/, ExecuTorch",
    "xl_model_weights/model.bin, pkg/, outside of data/weights"
  })
  void a_relative_is_told_and_refused_with_what_to_do(String record, String root, String words)
      throws IOException {
    Map<String, byte[]> records = new LinkedHashMap<>();
    records.put(record, "{}".getBytes(UTF_8));
    records.put("archive_format", "pt2".getBytes(UTF_8));
    Path file = ExportedPrograms.write(folder.resolve("relative"), root, records);

    assertThat(Formats.detect(file)).get().isInstanceOf(Pt2Format.class);
    assertThatExceptionOfType(UnsupportedFormatException.class)
        .isThrownBy(() -> open(file))
        .withMessageContaining(words);
  }

  @Test
  void each_of_several_programs_must_be_one() throws IOException {
    Map<String, byte[]> records = Programs.records("two.pt2", folder);
    Path both = Programs.write(folder.resolve("both"), records);
    records.put("models/decoder.json", "{}".getBytes(UTF_8));
    Path one = Programs.write(folder.resolve("one"), records);

    assertThatCode(() -> open(both).close()).doesNotThrowAnyException();
    assertThatExceptionOfType(UnsupportedFormatException.class)
        .isThrownBy(() -> open(one))
        .withMessageContaining("schema version 8");
  }

  @Test
  void programs_whose_parameters_would_have_one_name_are_refused() throws IOException {
    Map<String, byte[]> records = Programs.records("functional.pt2", folder);
    String config = "data/weights/%s_weights_config.json";
    for (String name : List.of("a", "a.b")) {
      records.put("models/" + name + ".json", records.get(Programs.PROGRAM));
      records.put(config.formatted(name), records.get(config.formatted("model")));
    }
    records.keySet().removeAll(List.of(Programs.PROGRAM, config.formatted("model")));
    Path apart = Programs.write(folder.resolve("apart"), records);
    Map<String, byte[]> alike = Programs.with(records, config.formatted("a"), "\"w\":", "\"b.w\":");
    Path same = Programs.write(folder.resolve("same"), alike);

    assertThatCode(() -> open(apart).close()).doesNotThrowAnyException();
    assertThatExceptionOfType(MalformedFileException.class)
        .isThrownBy(() -> open(same))
        .withMessageContaining("a.b.w");
  }

  @Test
  void another_schema_is_refused_with_its_version_and_a_newer_minor_one_is_read()
      throws IOException {
    Map<String, byte[]> records = Programs.records("functional.pt2", folder);
    Path major =
        Programs.write(
            folder.resolve("major"), Programs.with(records, "\"major\": 8", "\"major\": 9"));
    Path minor =
        Programs.write(
            folder.resolve("minor"),
            Programs.with(records, "\"minor\": ", "\"new\": [1e-05], \"minor\": 1"));

    assertThatExceptionOfType(UnsupportedFormatException.class)
        .isThrownBy(() -> open(major))
        .withMessageContaining("version 9");
    assertThatCode(() -> open(minor).close()).doesNotThrowAnyException();
  }

  @Test
  void another_byte_order_is_refused() throws IOException {
    Map<String, byte[]> records = Programs.records("functional.pt2", folder);
    records.put("byteorder", "big".getBytes(UTF_8));
    Path file = Programs.write(folder.resolve("big"), records);

    assertThatExceptionOfType(UnsupportedFormatException.class).isThrownBy(() -> open(file));
  }

  @Test
  void a_tensor_beyond_its_record_is_refused() throws IOException {
    Map<String, byte[]> records = Programs.records("functional.pt2", folder);
    String config = "data/weights/model_weights_config.json";
    Path file =
        Programs.write(
            folder.resolve("beyond"),
            Programs.with(records, config, "[{\"as_int\": 6}", "[{\"as_int\": 7}"));

    assertThatExceptionOfType(MalformedFileException.class)
        .isThrownBy(() -> open(file))
        .withMessageContaining("within the");
  }

  @Test
  void a_byte_that_flipped_in_any_record_never_comes_out_again() throws IOException {
    byte[] whole = ExportedPrograms.bytes("conv1d.pt2");
    ByteBuffer zip = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
    int records = 0;
    int directory = zip.getInt(whole.length - 22 + 16);
    for (int at = directory; at < whole.length - 46; at++) {
      if (zip.getInt(at) != 0x02014b50) {
        continue;
      }
      int local = zip.getInt(at + 42);
      int size = zip.getInt(at + 24);
      int payload = local + 30 + zip.getShort(local + 26) + zip.getShort(local + 28);
      byte[] flipped = whole.clone();
      flipped[payload + size / 2] ^= 4;
      Path file = Files.write(folder.resolve("flipped"), flipped);
      assertThatExceptionOfType(CheckpointException.class)
          .as("record %d", records++)
          .isThrownBy(
              () -> {
                try (GraphCheckpoint model = open(file)) {
                  model.write(model.graph(), Map.of("any", "thing"), folder.resolve("out"));
                }
              })
          .withMessageContaining("CRC-32");
      assertThat(folder.resolve("out")).doesNotExist();
    }
    assertThat(records).isGreaterThan(20);
  }

  @Test
  void ten_thousand_mutations_of_the_json_are_read_or_refused() throws IOException {
    Map<String, byte[]> records = Programs.records("functional.pt2", folder);
    Random random = new Random(17);
    String[] names = {Programs.PROGRAM, "data/weights/model_weights_config.json"};
    int refused = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      String name = names[i % 4 == 0 ? 1 : 0];
      Map<String, byte[]> mutated = new LinkedHashMap<>(records);
      mutated.put(name, mutated(records.get(name), random));
      Path file = Programs.write(folder.resolve("mutated"), mutated);
      try (GraphCheckpoint model = open(file)) {
        model.translation();
        model.write(model.graph(), Map.of("any", "thing"), folder.resolve("out"));
      } catch (CheckpointException | TensorReadException e) {
        assertThat(e.getMessage()).contains(folder.toString());
        refused++;
      } catch (RuntimeException | Error e) {
        throw new AssertionError(
            "mutation %d: %s".formatted(i, new String(mutated.get(name), UTF_8)), e);
      }
    }
    assertThat(refused).isBetween(MUTATIONS / 10, MUTATIONS - MUTATIONS / 10);
  }

  /** The text with a byte changed, a piece left out, or a piece put elsewhere. */
  private static byte[] mutated(byte[] text, Random random) {
    int at = random.nextInt(text.length);
    int length = 1 + random.nextInt(Math.min(40, text.length - at));
    String whole = new String(text, UTF_8);
    String changed =
        switch (random.nextInt(4)) {
          case 0 ->
              whole.substring(0, at) + (char) (32 + random.nextInt(95)) + whole.substring(at + 1);
          case 1 -> whole.substring(0, at) + whole.substring(at + length);
          case 2 -> {
            int other = random.nextInt(whole.length());
            String piece = whole.substring(at, at + length);
            yield whole.substring(0, other) + piece + whole.substring(other);
          }
          default -> numbered(whole, random);
        };
    return changed.getBytes(UTF_8);
  }

  /** The text with one of its numbers, flags or names changed to another. */
  private static String numbered(String text, Random random) {
    String[] words = {"as_int", "as_tensor", "as_ints", "true", "p_w", "x", "conv2d", "8", "null"};
    String old = words[random.nextInt(words.length)];
    String other =
        new String[] {"-1", "9223372036854775807", "as_none", "p_w", "x", "false", "[]", "as_graph"}
            [random.nextInt(8)];
    int from = random.nextInt(text.length());
    int at = text.indexOf(old, from);
    return at < 0 ? text : text.substring(0, at) + other + text.substring(at + old.length());
  }
}
