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
package dev.fusewright.io.testing;

import dev.fusewright.io.archive.ZipOutput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Archives that {@code torch.export.save} wrote, in the test resources. */
public final class ExportedPrograms {
  private ExportedPrograms() {}

  /** Copies one into a folder. */
  public static Path copy(String name, Path folder) throws IOException {
    Path target = folder.resolve(name.substring(name.lastIndexOf('/') + 1));
    return Files.write(target, bytes(name));
  }

  /** The bytes of one. */
  public static byte[] bytes(String name) throws IOException {
    try (InputStream in = ExportedPrograms.class.getResourceAsStream("/exported/" + name)) {
      if (in == null) {
        throw new IOException("no resource exported/" + name);
      }
      return in.readAllBytes();
    }
  }

  /** The records of an archive by their names within its folder, in order, as Java reads them. */
  public static Map<String, byte[]> records(Path archive) throws IOException {
    Map<String, byte[]> records = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        String name = entry.getName();
        try (InputStream content = zip.getInputStream(entry)) {
          records.put(name.substring(name.indexOf('/') + 1), content.readAllBytes());
        }
      }
    }
    return records;
  }

  /** Writes an archive of records, below a folder. */
  public static Path write(Path file, String root, Map<String, byte[]> records) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ZipOutput zip = new ZipOutput(channel);
      for (Map.Entry<String, byte[]> entry : records.entrySet()) {
        zip.bytes(root + entry.getKey(), entry.getValue());
      }
      zip.finish();
    }
    return file;
  }
}
