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
package dev.fusewright.io.archive;

import dev.fusewright.io.file.FileRegion;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.json.JsonCursor;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The records of an archive below the one folder that PyTorch puts all of them in. */
public final class ArchiveFolder {
  private static final int LONGEST_FACT = 100;

  private final OpenFile file;
  private final ZipDirectory directory;
  private final ZipScratch scratch;
  private final String root;
  private final Map<String, RecordBytes> storages = new HashMap<>();

  /**
   * The records below a folder.
   *
   * @param root what their names begin with, up to a slash; empty where there is no folder
   */
  public ArchiveFolder(OpenFile file, ZipDirectory directory, ZipScratch scratch, String root) {
    this.file = file;
    this.directory = directory;
    this.scratch = scratch;
    this.root = root;
  }

  /**
   * The folder of a record of which each archive has one.
   *
   * @throws MalformedFileException if there is none, or there are several
   */
  public static String rootOf(OpenFile file, ZipDirectory directory, String record) {
    String root = null;
    for (ZipEntryInfo entry : directory.entries()) {
      String name = entry.name();
      if (name.equals(record) || name.endsWith("/" + record)) {
        if (root != null) {
          throw new MalformedFileException(
              Problem.in(file.label()).inside("zip").expected("one " + record).found("several"));
        }
        root = name.substring(0, name.length() - record.length());
      }
    }
    if (root == null) {
      throw missing(file, record);
    }
    return root;
  }

  /** What the names of all records begin with. */
  public String root() {
    return root;
  }

  /** All records, in the order of the archive. */
  public Collection<ZipEntryInfo> entries() {
    return directory.entries();
  }

  /** A record; null if there is none. */
  public @Nullable ZipEntryInfo find(String record) {
    return directory.entry(root + record);
  }

  /**
   * A record that there must be.
   *
   * @throws MalformedFileException if there is none
   */
  public ZipEntryInfo needed(String record) {
    ZipEntryInfo entry = find(record);
    if (entry == null) {
      throw missing(file, record);
    }
    return entry;
  }

  /** What is said where a record is not there. */
  public static MalformedFileException missing(OpenFile file, String record) {
    return new MalformedFileException(
        Problem.in(file.label())
            .inside("zip")
            .expected("an entry '" + JsonCursor.shortened(record) + "'")
            .found("none"));
  }

  /** What errors call a record. */
  public static String part(ZipEntryInfo entry) {
    return "zip entry '" + JsonCursor.shortened(entry.name()) + "'";
  }

  /** The unpacked bytes of a record. */
  public RecordBytes bytes(ZipEntryInfo entry) {
    return new RecordBytes(part(entry), scratch.region(entry), entry.crc());
  }

  /** The bytes of a record that tensors are views of, the same for all of them. */
  public RecordBytes storage(String record) {
    RecordBytes storage = storages.get(record);
    if (storage == null) {
      storage = bytes(needed(record));
      storages.put(record, storage);
    }
    return storage;
  }

  /** A record that is read as a whole, its checksum verified. */
  public FileRegion text(ZipEntryInfo entry) {
    RecordBytes bytes = bytes(entry);
    bytes.verify();
    return bytes.region();
  }

  /** What the archive says of itself in records of a few characters; none of those it has not. */
  public Map<String, String> facts(List<String> records) {
    Map<String, String> facts = new LinkedHashMap<>();
    for (String record : records) {
      String fact = fact(record);
      if (!fact.isEmpty()) {
        facts.put(record, fact);
      }
    }
    return facts;
  }

  private String fact(String record) {
    ZipEntryInfo entry = find(record);
    if (entry == null || entry.size() > LONGEST_FACT) {
      return "";
    }
    FileRegion region = text(entry);
    byte[] bytes = region.file().bytes(region.offset(), (int) region.length()).array();
    return new String(bytes, StandardCharsets.UTF_8).strip();
  }

  /**
   * Checks that numbers are stored as this reader takes them.
   *
   * @throws UnsupportedFormatException if the archive says that they are not
   */
  public void requireLittleEndian() {
    String order = fact("byteorder");
    if (!order.isEmpty() && !order.equals("little")) {
      throw new UnsupportedFormatException(
          Problem.in(file.label())
              .inside("byteorder")
              .expected("'little'")
              .found("'" + JsonCursor.shortened(order) + "'"));
    }
  }
}
