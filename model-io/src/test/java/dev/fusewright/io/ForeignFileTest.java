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
package dev.fusewright.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.file.UnsupportedFormatException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is given for a model and is none is called what it is. */
final class ForeignFileTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"model.onnx", "model.pth", "model.safetensors", "model"})
  void a_gzip_file_is_called_one_whatever_its_name(String name) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(new byte[1000]);
    }

    assertRefused(name, out.toByteArray(), "a gzip file");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "version https://git-lfs.github.com/spec/v1 oid sha256:12 | a Git LFS pointer",
        "<!DOCTYPE html><html><body>404</body></html> | an HTML page",
        "<HTML><head> | an HTML page",
        "<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error> | an XML document",
        "{ \"error\": \"Repository not found\" } | an error in JSON",
        "GGUF0000 | a GGUF file",
        "BZh91AY | a bzip2 file"
      })
  void a_text_or_a_mark_tells_what_a_file_is(String content, String title) throws IOException {
    assertRefused("model.pth", content.getBytes(StandardCharsets.UTF_8), title);
  }

  @Test
  void empty_files_and_archives_of_arrays_are_called_what_they_are() throws IOException {
    assertRefused("a.pth", marked(0, 0x93, 'N', 'U', 'M', 'P', 'Y'), "a NumPy array (npy)");
    assertRefused("a.pkl", marked(0, 0x80, 4, 0x95), "a bare pickle");
    assertRefused("empty.pth", new byte[0], "an empty file");
    assertRefused("a.h5", marked(0, 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'), "an HDF5 file");
    assertRefused("a.tar", marked(257, 'u', 's', 't', 'a', 'r'), "a tar archive");
    assertRefused("a.pth", zip("weight.npy", "bias.npy"), "a NumPy archive (npz)");
  }

  @Test
  void a_model_is_none_of_them() throws IOException {
    // An array beside something else is no archive of arrays.
    Path mixed = Files.write(folder.resolve("mixed.pth"), zip("weight.npy", "net/data.pkl"));
    Path text = Files.writeString(folder.resolve("version"), "version 2 of nothing");
    byte[] legacy = {
      (byte) 0x80,
      2,
      (byte) 0x8a,
      10,
      0x6c,
      (byte) 0xfc,
      (byte) 0x9c,
      0x46,
      (byte) 0xf9,
      0x20,
      0x6a,
      (byte) 0xa8,
      0x50,
      0x19,
      '.'
    };
    Path stream = Files.write(folder.resolve("model.pkl"), legacy);

    assertThat(Formats.of(mixed, "mixed.pth").id()).isEqualTo("pytorch");
    assertThat(Formats.of(text, "version").id()).isEqualTo("onnx");
    assertThat(Formats.of(stream, "model.pkl").id()).isEqualTo("pytorch");
  }

  private void assertRefused(String name, byte[] content, String title) throws IOException {
    Path file = Files.write(folder.resolve(name), content);
    assertThatExceptionOfType(UnsupportedFormatException.class)
        .isThrownBy(() -> Formats.open(file))
        .withMessageContaining("expected a model, found " + title)
        .withMessageContaining(file.toString())
        .isInstanceOf(CheckpointException.class);
  }

  private static byte[] marked(int at, int... mark) {
    byte[] bytes = new byte[1024];
    Arrays.fill(bytes, (byte) 'x');
    for (int i = 0; i < mark.length; i++) {
      bytes[at + i] = (byte) mark[i];
    }
    return bytes;
  }

  private static byte[] zip(String... names) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8)) {
      for (String name : names) {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(1);
      }
    }
    return out.toByteArray();
  }
}
