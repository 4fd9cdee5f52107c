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
package dev.fusewright.io.torchscript;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.testing.ExportedPrograms;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Code and pickles with some of their bytes, words and lines changed: read or refused. */
final class MutatedCodeTest {
  private static final int MUTATIONS = 1500;
  private static final List<String> WORDS =
      List.of(
          "self",
          "None",
          "torch",
          "CONSTANTS.c0",
          "False",
          "True",
          "if",
          "while",
          "for",
          "return",
          "(",
          ")",
          "[",
          "]",
          ",",
          ":",
          "=",
          ".",
          "-",
          "\n",
          "\n    ",
          "  ",
          "\"",
          "1",
          "0.5",
          "x",
          "torch.append",
          "training",
          "ops.prim.RaiseException(",
          "forward");

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "functional.trace, code/",
    "control.script, code/",
    "functional.trace, data.pkl",
    "control.script, data.pkl",
    "dcgan.frozen, constants.pkl"
  })
  void a_mutated_archive_is_read_or_refused(String name, String where) throws IOException {
    Map<String, byte[]> records =
        ExportedPrograms.records(ExportedPrograms.copy(name + ".pt", folder));
    List<String> mutable =
        records.keySet().stream()
            .filter(record -> record.startsWith(where) && !record.endsWith(".debug_pkl"))
            .toList();
    Random random = new Random(17);
    int read = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      String record = mutable.get(random.nextInt(mutable.size()));
      Map<String, byte[]> mutated = new LinkedHashMap<>(records);
      byte[] bytes = records.getOrDefault(record, new byte[0]);
      mutated.put(
          record, where.equals("code/") ? mutatedText(bytes, random) : mutated(bytes, random));
      Path file = written(mutated);
      try (GraphCheckpoint model = new TorchScriptFormat().open(file)) {
        assertThat(model.translation().graph()).isNotNull();
        read++;
      } catch (CheckpointException e) {
        assertThat(e).hasMessageContaining(folder.toString());
      }
    }
    assertThat(read).isBetween(1, MUTATIONS - 1);
  }

  private static byte[] mutated(byte[] bytes, Random random) {
    byte[] other = bytes.clone();
    for (int i = 0; i <= random.nextInt(3); i++) {
      other[random.nextInt(other.length)] = (byte) random.nextInt(256);
    }
    return other;
  }

  private static byte[] mutatedText(byte[] bytes, Random random) {
    String text = new String(bytes, ISO_8859_1);
    for (int i = 0; i <= random.nextInt(3); i++) {
      int at = random.nextInt(text.length());
      int end = Math.min(text.length(), at + random.nextInt(12));
      text = text.substring(0, at) + WORDS.get(random.nextInt(WORDS.size())) + text.substring(end);
    }
    return text.getBytes(ISO_8859_1);
  }

  private Path written(Map<String, byte[]> records) throws IOException {
    return ExportedPrograms.write(folder.resolve("mutated.pt"), "net/", records);
  }
}
