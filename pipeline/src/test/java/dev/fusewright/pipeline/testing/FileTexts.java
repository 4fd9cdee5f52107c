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
package dev.fusewright.pipeline.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.fusewright.pipeline.files.AvroMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;

/** Files as text that can be searched: bytes as they are, records of Avro decompressed. */
public final class FileTexts {
  private FileTexts() {}

  /** Every file below a folder, by its path from there; jars, which nobody writes, apart. */
  public static Map<String, String> below(Path folder) throws IOException {
    Map<String, String> texts = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      files
          .filter(Files::isRegularFile)
          .filter(file -> !file.toString().endsWith(".jar"))
          .forEach(file -> texts.put(folder.relativize(file).toString(), of(file)));
    }
    return texts;
  }

  private static String of(Path file) {
    try {
      if (!file.toString().endsWith(".avro") || AvroMessage.isMessage(Files.readAllBytes(file))) {
        return Files.readString(file, ISO_8859_1);
      }
      StringBuilder records = new StringBuilder();
      try (DataFileReader<Object> reader =
          new DataFileReader<>(file.toFile(), new GenericDatumReader<>())) {
        reader.forEach(records::append);
      }
      return records.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
