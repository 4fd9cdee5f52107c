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

import dev.fusewright.io.storage.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Digest of compiled code, with the resources beside it: of its names, sizes and checksums. It does
 * not depend on whether the code lies in folders, in its own jars or in one with much else, nor on
 * when it was compiled.
 *
 * <p>A jar's directory has the checksums, so that nothing is decompressed.
 */
final class BuildId {
  private static final int DIGITS = 16;

  private BuildId() {}

  /**
   * Some packages.
   *
   * @param origin the jar or the folder that they are in
   * @param prefix that their names begin with, with slashes
   */
  record Part(Path origin, String prefix) {
    /** Packages that are where a class came from. */
    static Part of(Class<?> neighbour, String prefix) {
      try {
        return new Part(
            Path.of(neighbour.getProtectionDomain().getCodeSource().getLocation().toURI()), prefix);
      } catch (URISyntaxException | RuntimeException e) {
        throw new IllegalStateException(
            "expected %s to come from a jar or a folder, found that it does not"
                .formatted(neighbour),
            e);
      }
    }
  }

  /** The digest of all parts, in hexadecimal digits. */
  static String of(List<Part> parts) {
    SortedMap<String, String> files = new TreeMap<>();
    for (Part part : parts) {
      SortedMap<String, String> found = read(part);
      if (found.isEmpty()) {
        throw new IllegalStateException(
            "%s: expected classes below %s, found none".formatted(part.origin(), part.prefix()));
      }
      files.putAll(found);
    }
    return Sha256.of(files.toString()).substring(0, DIGITS);
  }

  private static SortedMap<String, String> read(Part part) {
    try {
      return Files.isDirectory(part.origin())
          ? folder(part.origin(), part.prefix())
          : jar(part.origin(), part.prefix());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SortedMap<String, String> jar(Path origin, String prefix) throws IOException {
    SortedMap<String, String> files = new TreeMap<>();
    try (ZipFile jar = new ZipFile(origin.toFile())) {
      for (Enumeration<? extends ZipEntry> all = jar.entries(); all.hasMoreElements(); ) {
        ZipEntry file = all.nextElement();
        if (file.getName().startsWith(prefix) && !file.isDirectory()) {
          files.put(file.getName(), mark(file.getSize(), file.getCrc()));
        }
      }
    }
    return files;
  }

  private static SortedMap<String, String> folder(Path origin, String prefix) throws IOException {
    SortedMap<String, String> files = new TreeMap<>();
    Path start = origin.resolve(prefix);
    if (!Files.isDirectory(start)) {
      return files;
    }
    try (Stream<Path> all = Files.walk(start)) {
      for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
        byte[] bytes = Files.readAllBytes(file);
        CRC32 checksum = new CRC32();
        checksum.update(bytes);
        files.put(
            prefix + start.relativize(file).toString().replace('\\', '/'),
            mark(bytes.length, checksum.getValue()));
      }
    }
    return files;
  }

  private static String mark(long bytes, long checksum) {
    return bytes + ":" + Long.toHexString(checksum);
  }
}
