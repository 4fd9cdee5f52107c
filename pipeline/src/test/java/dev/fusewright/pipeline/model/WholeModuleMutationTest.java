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
package dev.fusewright.pipeline.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.state.StatePlan;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.io.Formats;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.pipeline.settings.FuseSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Pickles of a whole module, mutated some thousand times, as archives and as legacy streams: fused
 * and written again, or refused with a typed error.
 */
final class WholeModuleMutationTest {
  private static final String LISTED =
      "torch/c30_whole_module.t2.pth | [[\"conv1\",\"bn1\",\"relu\"],[\"conv2\",\"bn2\"],[\"fc\",\"bnf\"]]";
  private static final String SHOWN = "modules/hooks.t2.pth | auto";
  private static final String OPTIMIZED = "modules/optimized.t2.pth | auto";
  private static final String COUNTED = "modules/optimized4.t2.pth | auto";

  /** Of each of six cases; {@code -Dfusewright.mutations=2000} makes twelve thousand of them. */
  private static final int TIMES = Integer.getInteger("fusewright.mutations", 500);

  @TempDir Path folder;

  private int written;
  private int refused;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {LISTED, SHOWN, OPTIMIZED, COUNTED})
  void a_mutated_archive_is_fused_or_refused(String file, String modules) throws IOException {
    Map<String, byte[]> entries = entries(file);
    String pickle = name(entries, "data.pkl");
    byte[] original = Objects.requireNonNull(entries.get(pickle));
    Random random = new Random(16);
    for (int i = 0; i < TIMES; i++) {
      entries.put(pickle, i == 0 ? original : mutated(original, random));
      Path mutated = folder.resolve("mutated.pth");
      archive(entries, mutated);
      fuse(mutated, modules, i);
    }
    assertBoth();
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "[[\"0\",\"1\",\"2\"],[\"3.0\",\"3.1\"]]"})
  void a_mutated_legacy_stream_is_fused_or_refused(String modules) throws IOException {
    byte[] original = Files.readAllBytes(copy("modules/legacy.t2.pth"));
    Random random = new Random(17);
    for (int i = 0; i < TIMES; i++) {
      Path mutated = folder.resolve("mutated.pth");
      Files.write(mutated, i == 0 ? original : mutated(original, random));
      fuse(mutated, modules, i);
    }
    assertBoth();
  }

  private void assertBoth() {
    System.out.printf("%d written, %d refused%n", written, refused);
    assertThat(written).isGreaterThan(TIMES / 20);
    assertThat(refused).isGreaterThan(TIMES / 20);
    assertThat(written + refused).isEqualTo(TIMES);
  }

  private void fuse(Path file, String modules, int number) throws IOException {
    Path target = folder.resolve("fused.pth");
    try (StateCheckpoint checkpoint = Formats.openStates(file)) {
      boolean isModule = checkpoint.wholeModules().isPresent();
      StatePlan states = Planned.byList(checkpoint, modules);
      if (isModule) {
        ModuleOutput output = ModuleOutput.of(checkpoint, FuseSettings.defaults()).orElseThrow();
        output.assumptions(states, states.plan());
        output.notes(states, states.plan());
        output.write(states, states.plan(), target);
        try (StateCheckpoint again = Formats.openStates(target)) {
          assertThat(output.differences(states, states.plan(), again)).as("%d", number).isEmpty();
        }
      }
      written++;
    } catch (CheckpointException | TensorReadException | ModuleListException e) {
      refused++;
    } catch (IOException | RuntimeException e) {
      throw new AssertionError("mutation " + number, e);
    }
  }

  private static byte[] mutated(byte[] original, Random random) {
    byte[] bytes = original.clone();
    for (int i = 1 + random.nextInt(2); i > 0; i--) {
      int at = random.nextInt(bytes.length);
      int length = Math.min(bytes.length - at, 1 + random.nextInt(40));
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 ->
            System.arraycopy(original, random.nextInt(original.length - 40), bytes, at, length);
        case 3 -> bytes = joined(bytes, at, at + length);
        case 4 -> bytes = joined(bytes, at + length, at);
        case 5 -> recalled(bytes, at, random);
        default -> throw new AssertionError();
      }
    }
    return bytes;
  }

  /** What is recalled from the memo next is another value. */
  private static void recalled(byte[] bytes, int from, Random random) {
    for (int at = from; at + 1 < bytes.length; at++) {
      if (bytes[at] == 'h') {
        bytes[at + 1] = (byte) random.nextInt(256);
        return;
      }
    }
  }

  /** The bytes before {@code end}, then those from {@code start} on. */
  private static byte[] joined(byte[] bytes, int end, int start) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(Arrays.copyOf(bytes, end));
    out.writeBytes(Arrays.copyOfRange(bytes, start, bytes.length));
    return out.size() < 64 ? bytes : out.toByteArray();
  }

  private Path copy(String name) throws IOException {
    Path file = folder.resolve("original.pth");
    try (InputStream in =
        Objects.requireNonNull(
            WholeModuleMutationTest.class.getResourceAsStream("/cases/" + name))) {
      Files.copy(in, file);
    }
    return file;
  }

  private Map<String, byte[]> entries(String name) throws IOException {
    Path file = copy(name);
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        try (InputStream content = zip.getInputStream(entry)) {
          entries.put(entry.getName(), content.readAllBytes());
        }
      }
    }
    return entries;
  }

  private static String name(Map<String, byte[]> entries, String end) {
    return entries.keySet().stream().filter(name -> name.endsWith(end)).findFirst().orElseThrow();
  }

  private static void archive(Map<String, byte[]> entries, Path file) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> content : entries.entrySet()) {
        ZipEntry entry = new ZipEntry(content.getKey());
        CRC32 crc = new CRC32();
        crc.update(content.getValue());
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.getValue().length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content.getValue());
        zip.closeEntry();
      }
    }
  }
}
