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
package dev.fusewright.io.torch;

import dev.fusewright.io.archive.ArchiveFolder;
import dev.fusewright.io.archive.ByteInput;
import dev.fusewright.io.archive.RecordBytes;
import dev.fusewright.io.archive.ZipDirectory;
import dev.fusewright.io.archive.ZipEntryInfo;
import dev.fusewright.io.archive.ZipScratch;
import dev.fusewright.io.aten.TorchType;
import dev.fusewright.io.file.FileRegion;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.UnsupportedFormatException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A zip archive as torch writes it: a folder with {@code data.pkl}, and a record per storage below
 * {@code data/}.
 */
final class TorchArchive {
  private static final String PICKLE = "data.pkl";
  private static final int LONGEST_FACT = 100;

  private final OpenFile file;
  private final ZipDirectory directory;
  private final ZipScratch scratch;
  private final String folder;
  private final boolean isBigEndian;
  private final Map<String, TorchStorage> storages = new HashMap<>();
  private final Map<String, FileRegion> swapped = new HashMap<>();
  private final UseCounts uses = new UseCounts();
  private @Nullable PickledArchive pickled;

  TorchArchive(OpenFile file, ZipScratch scratch) {
    this.file = file;
    this.scratch = scratch;
    this.directory = new ZipDirectory(file);
    this.folder = ArchiveFolder.rootOf(file, directory, PICKLE);
    String order = fact("byteorder");
    this.isBigEndian = order.equals("big");
    if (!order.isEmpty() && !order.equals("little") && !isBigEndian) {
      throw new UnsupportedFormatException(
          Problem.in(file.label())
              .inside("byteorder")
              .expected("'little' or 'big'")
              .found("'" + Descriptions.shortened(order) + "'"));
    }
  }

  /** Whether there is code beside the data. */
  boolean isScript() {
    return directory.entry(folder + "constants.pkl") != null
        || directory.entries().stream()
            .anyMatch(entry -> entry.name().startsWith(folder + "code/"));
  }

  /** What the pickle builds. */
  PickleValue root() {
    ZipEntryInfo entry = directory.entry(folder + PICKLE);
    if (entry == null) {
      throw ArchiveFolder.missing(file, PICKLE);
    }
    FileRegion pickle = scratch.region(entry);
    checkSum(entry, pickle);
    PickleReader reader = new PickleReader(new ByteInput(pickle), new PickleCalls(), this::storage);
    PickleValue root = reader.read();
    pickled =
        new PickledArchive(
            directory, scratch, folder, entry.name(), pickle, reader.layout(), uses, swapped);
    return root;
  }

  /** The archive around its pickle; null before {@link #root()}. */
  @Nullable PickledFile pickled() {
    return pickled;
  }

  /** The code beside the data. */
  ScriptCode code() {
    return new ScriptCode(
        (path, most) -> {
          ZipEntryInfo entry = directory.entry(folder + "code/" + path);
          if (entry == null || entry.size() > most) {
            return null;
          }
          FileRegion region = scratch.region(entry);
          checkSum(entry, region);
          return new ByteInput(region).bytes(region.length());
        });
  }

  Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    for (String name : List.of("version", "byteorder", ".format_version")) {
      String fact = fact(name);
      if (!fact.isEmpty()) {
        facts.put(name, fact);
      }
    }
    return facts;
  }

  /** What was put up with, in sentences. */
  List<String> remarks() {
    List<String> remarks = new ArrayList<>();
    if (!directory.hasChecksums()) {
      remarks.add(
          "no checksums were computed when the file was saved: damage to its weights would not be noticed");
    }
    if (directory.trailing() > 0) {
      remarks.add(
          "%d %s behind the end of the archive %s not looked at"
              .formatted(
                  directory.trailing(),
                  directory.trailing() == 1 ? "byte" : "bytes",
                  directory.trailing() == 1 ? "was" : "were"));
    }
    if (isBigEndian) {
      remarks.add(
          "the file is big-endian; its weights were swapped, and are written little-endian");
    }
    return remarks;
  }

  private String fact(String name) {
    ZipEntryInfo entry = directory.entry(folder + name);
    if (entry == null || entry.size() > LONGEST_FACT) {
      return "";
    }
    FileRegion region = scratch.region(entry);
    byte[] bytes = region.file().bytes(region.offset(), (int) region.length()).array();
    return new String(bytes, StandardCharsets.UTF_8).strip();
  }

  /** {@code ('storage', torch.FloatStorage, '7', 'cpu', 864)}. */
  private PickleValue storage(PickleValue id, Problem here) {
    PersistentId storage = PersistentId.of(id, here);
    TorchStorage known = storages.get(storage.key());
    if (known == null) {
      known = bound(storage, here);
      storages.put(storage.key(), known);
    } else if (known.type() != storage.type() || known.elements() != storage.elements()) {
      throw new MalformedFileException(
          here.expected(
                  "storage '%s' to be what it was before"
                      .formatted(Descriptions.shortened(storage.key())))
              .found(storage.elements() + " elements of " + storage.type()));
    }
    return new PickleValue.StorageRef(uses.used(known));
  }

  private TorchStorage bound(PersistentId id, Problem here) {
    ZipEntryInfo entry = directory.entry(folder + "data/" + id.key());
    if (entry == null) {
      throw ArchiveFolder.missing(file, "data/" + Descriptions.shortened(id.key()));
    }
    long bytes = entry.size();
    if (id.elements() < 0 || id.elements() > bytes || id.elements() * id.type().bytes() != bytes) {
      throw new MalformedFileException(
          here.expected(
                  "storage '%s' of %d elements of %s"
                      .formatted(Descriptions.shortened(id.key()), id.elements(), id.type()))
              .found(bytes + " bytes in the archive")
              .hint("The file is damaged: fetch it again"));
    }
    if (isBigEndian && id.type() == TorchType.UNTYPED) {
      throw new UnsupportedFormatException(
          here.expected("storages of a type, in a big-endian archive")
              .found("storage '%s' without one".formatted(Descriptions.shortened(id.key())))
              .hint("How wide its elements are, the file does not say: save it where it was made"));
    }
    TorchStorage storage = new TorchStorage(id.key(), id.type(), id.location(), id.elements());
    FileRegion region = scratch.region(entry);
    if (isBigEndian && id.type().swapped() > 1) {
      checkSum(entry, region);
      FileRegion little = scratch.swapped(region, id.type().swapped());
      swapped.put(entry.name(), little);
      storage.bind(little, OptionalLong.empty());
    } else {
      storage.bind(region, entry.crc());
    }
    return storage;
  }

  private static void checkSum(ZipEntryInfo entry, FileRegion region) {
    String part = "zip entry '" + Descriptions.shortened(entry.name()) + "'";
    new RecordBytes(part, region, entry.crc()).verify();
  }
}
