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

import dev.fusewright.io.archive.ZipEntryInfo.Method;
import dev.fusewright.io.file.FileRegion;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.TooLargeException;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.json.JsonCursor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The central directory of a zip archive, read with suspicion.
 *
 * <p>Java's own reader does not say where an entry's bytes lie, and believes the directory. This
 * one gives regions of the file, and refuses what makes two readers see two archives: entries that
 * overlap, names that occur twice, local headers that say something else, names that climb out of
 * the archive. Nothing is unpacked here.
 */
public final class ZipDirectory {
  private static final int END = 0x06054b50;
  private static final int END_SIZE = 22;
  private static final int LONGEST_COMMENT = 0xffff;
  private static final int END64_LOCATOR = 0x07064b50;
  private static final int END64_LOCATOR_SIZE = 20;
  private static final int END64 = 0x06064b50;
  private static final int END64_SIZE = 56;
  private static final int CENTRAL = 0x02014b50;
  private static final int CENTRAL_SIZE = 46;
  private static final int LOCAL = 0x04034b50;
  private static final int LOCAL_SIZE = 30;
  private static final int ZIP64_FIELD = 1;
  private static final long IN_ZIP64 = 0xffffffffL;

  private static final int ENCRYPTED = 1;

  private final OpenFile file;
  private final Map<String, ZipEntryInfo> entries = new LinkedHashMap<>();
  private final boolean hasChecksums;
  private long directoryStart;
  private long trailing;

  /** A directory record before its local header was looked at. */
  private record Listed(
      String name, int flags, int method, long crc, long packed, long size, long local, long at) {}

  /**
   * Reads the directory of an archive.
   *
   * @throws MalformedFileException if it contradicts itself or the file
   * @throws UnsupportedFormatException for encryption, several volumes, and other packings than
   *     deflate
   * @throws TooLargeException for more entries than one million
   */
  public ZipDirectory(OpenFile file) {
    this.file = file;
    List<Listed> listed = list();
    // torch can be told not to compute them; then no record has one, whatever it holds.
    this.hasChecksums = listed.isEmpty() || listed.stream().anyMatch(record -> record.crc() != 0);
    List<Listed> byPosition = new ArrayList<>(listed);
    byPosition.sort(Comparator.comparingLong(Listed::local));
    Map<String, ZipEntryInfo> found = new LinkedHashMap<>();
    long free = 0;
    for (Listed record : byPosition) {
      if (record.local() < free) {
        throw malformed(record, "an entry behind the one before it", "an overlap");
      }
      ZipEntryInfo entry = locate(record);
      free = entry.packed().offset() + entry.packed().length();
      found.put(record.name(), entry);
    }
    for (Listed record : listed) {
      ZipEntryInfo entry = found.get(record.name());
      if (entry == null || entries.put(record.name(), entry) != null) {
        throw malformed(record, "names that occur once", "it twice");
      }
    }
  }

  /** The entries, in the directory's order. */
  public Collection<ZipEntryInfo> entries() {
    return entries.values();
  }

  /** Whether the archive's checksums were computed. */
  public boolean hasChecksums() {
    return hasChecksums;
  }

  /** Bytes of the file behind the archive's end. */
  public long trailing() {
    return trailing;
  }

  /** An entry by its full name; null if there is none. */
  public @Nullable ZipEntryInfo entry(String name) {
    return entries.get(name);
  }

  private List<Listed> list() {
    long end = findEnd();
    ByteBuffer record = file.bytes(end, END_SIZE);
    long count = Short.toUnsignedInt(record.getShort(10));
    long size = Integer.toUnsignedLong(record.getInt(12));
    long start = Integer.toUnsignedLong(record.getInt(16));
    if (count == 0xffff || size == IN_ZIP64 || start == IN_ZIP64) {
      ByteBuffer large = end64(end);
      count = large.getLong(32);
      size = large.getLong(40);
      start = large.getLong(48);
    } else if (record.getShort(4) != 0 || record.getShort(6) != 0) {
      throw new UnsupportedFormatException(
          file.problemAt(end)
              .inside("zip")
              .expected("an archive in one file")
              .found("one of several volumes"));
    }
    if (start < 0 || size < 0 || start > end - size) {
      throw new MalformedFileException(
          file.problemAt(end)
              .inside("zip")
              .expected("a directory within the %d bytes before its end record".formatted(end))
              .found("%d bytes at %d".formatted(size, start)));
    }
    if (count < 0 || count > size / CENTRAL_SIZE) {
      throw new MalformedFileException(
          file.problemAt(end)
              .inside("zip")
              .expected("entries in %d bytes".formatted(size))
              .found(count + " of them"));
    }
    if (count > ArchiveLimits.MAX_ENTRIES || size > ArchiveLimits.MAX_DIRECTORY) {
      throw new TooLargeException(
          file.problemAt(end)
              .inside("zip")
              .expected(
                  "at most %d entries in %d bytes"
                      .formatted(ArchiveLimits.MAX_ENTRIES, ArchiveLimits.MAX_DIRECTORY))
              .found("%d in %d".formatted(count, size)));
    }
    directoryStart = start;
    return directory(start, size, count);
  }

  private long findEnd() {
    long from = Math.max(0, file.size() - END_SIZE - LONGEST_COMMENT);
    ByteBuffer tail = file.bytes(from, (int) (file.size() - from));
    for (int at = tail.limit() - END_SIZE; at >= 0; at--) {
      if (tail.getInt(at) == END && endOf(tail, at) == tail.limit()) {
        return from + at;
      }
    }
    for (int at = tail.limit() - END_SIZE; at >= 0; at--) {
      if (tail.getInt(at) == END && endOf(tail, at) < tail.limit() && isEnd(tail, at, from)) {
        trailing = (long) tail.limit() - endOf(tail, at);
        return from + at;
      }
    }
    throw new MalformedFileException(
        file.problemAt(from)
            .inside("zip")
            .expected("an end record in the last bytes")
            .found("none")
            .hint("The file is cut short: fetch it again"));
  }

  private static int endOf(ByteBuffer tail, int at) {
    return at + END_SIZE + Short.toUnsignedInt(tail.getShort(at + 20));
  }

  /** Whether a directory ends where an end record begins: four bytes alone prove nothing. */
  private static boolean isEnd(ByteBuffer tail, int at, long from) {
    long size = Integer.toUnsignedLong(tail.getInt(at + 12));
    long start = Integer.toUnsignedLong(tail.getInt(at + 16));
    boolean isLarge =
        at >= END64_LOCATOR_SIZE && tail.getInt(at - END64_LOCATOR_SIZE) == END64_LOCATOR;
    return start + size == from + at || isLarge;
  }

  private ByteBuffer end64(long end) {
    long locatorAt = end - END64_LOCATOR_SIZE;
    if (locatorAt >= 0) {
      ByteBuffer locator = file.bytes(locatorAt, END64_LOCATOR_SIZE);
      long at = locator.getLong(8);
      if (locator.getInt(0) == END64_LOCATOR && at >= 0 && at <= locatorAt - END64_SIZE) {
        ByteBuffer record = file.bytes(at, END64_SIZE);
        if (record.getInt(0) == END64) {
          return record;
        }
      }
    }
    throw new MalformedFileException(
        file.problemAt(end)
            .inside("zip")
            .expected("a zip64 end record before this one")
            .found("none"));
  }

  private List<Listed> directory(long start, long size, long count) {
    ByteInput in = new ByteInput(new FileRegion(file, start, size));
    List<Listed> listed = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      listed.add(listed(in, start));
    }
    return listed;
  }

  private Listed listed(ByteInput in, long start) {
    long at = start + in.position();
    if (in.i4() != CENTRAL) {
      throw new MalformedFileException(
          file.problemAt(at).inside("zip").expected("a directory record").found("other bytes"));
    }
    in.u4();
    int flags = in.u2();
    int method = in.u2();
    in.u4();
    long crc = in.u4();
    long packed = in.u4();
    long size = in.u4();
    int nameLength = in.u2();
    int extraLength = in.u2();
    int commentLength = in.u2();
    in.u2();
    in.u2();
    in.u4();
    long local = in.u4();
    String name = new String(in.bytes(nameLength), StandardCharsets.UTF_8);
    ByteBuffer extra = ByteBuffer.wrap(in.bytes(extraLength)).order(ByteOrder.LITTLE_ENDIAN);
    in.bytes(commentLength);
    Listed record = new Listed(name, flags, method, crc, packed, size, local, at);
    return withZip64(record, extra);
  }

  /** The 64-bit values stand, in this order, for those fields that are all ones. */
  private Listed withZip64(Listed record, ByteBuffer extra) {
    long size = record.size();
    long packed = record.packed();
    long local = record.local();
    while (extra.remaining() >= 4) {
      int id = Short.toUnsignedInt(extra.getShort());
      int length = Short.toUnsignedInt(extra.getShort());
      if (length > extra.remaining()) {
        break;
      }
      ByteBuffer field = extra.slice(extra.position(), length).order(ByteOrder.LITTLE_ENDIAN);
      extra.position(extra.position() + length);
      if (id == ZIP64_FIELD) {
        size = size == IN_ZIP64 && field.remaining() >= 8 ? field.getLong() : size;
        packed = packed == IN_ZIP64 && field.remaining() >= 8 ? field.getLong() : packed;
        local = local == IN_ZIP64 && field.remaining() >= 8 ? field.getLong() : local;
      }
    }
    return new Listed(
        record.name(),
        record.flags(),
        record.method(),
        record.crc(),
        packed,
        size,
        local,
        record.at());
  }

  /** Follows a record to its local header and to its bytes. */
  private ZipEntryInfo locate(Listed record) {
    checkName(record);
    if ((record.flags() & ENCRYPTED) != 0) {
      throw new UnsupportedFormatException(
          problem(record).expected("plain entries").found("an encrypted one"));
    }
    Method method =
        switch (record.method()) {
          case 0 -> Method.STORED;
          case 8 -> Method.DEFLATED;
          default ->
              throw new UnsupportedFormatException(
                  problem(record)
                      .expected("stored or deflated entries")
                      .found("packing method " + record.method()));
        };
    if (record.local() < 0 || record.local() > directoryStart - LOCAL_SIZE) {
      throw malformed(record, "a local header in the file", "one at " + record.local());
    }
    ByteBuffer header = file.bytes(record.local(), LOCAL_SIZE);
    if (header.getInt(0) != LOCAL || Short.toUnsignedInt(header.getShort(8)) != record.method()) {
      throw malformed(
          record, "a local header of the same packing at " + record.local(), "other bytes");
    }
    int nameLength = Short.toUnsignedInt(header.getShort(26));
    long start =
        record.local() + LOCAL_SIZE + nameLength + Short.toUnsignedInt(header.getShort(28));
    if (record.packed() < 0 || record.size() < 0 || start > directoryStart - record.packed()) {
      throw malformed(
          record,
          "bytes before the directory at " + directoryStart,
          "%d packed bytes at %d".formatted(record.packed(), start));
    }
    String localName =
        new String(
            file.bytes(record.local() + LOCAL_SIZE, nameLength).array(), StandardCharsets.UTF_8);
    if (!localName.equals(record.name())) {
      throw malformed(
          record, "the same name in the local header", "'" + JsonCursor.shortened(localName) + "'");
    }
    if (method == Method.STORED && record.size() != record.packed()) {
      throw malformed(
          record, record.packed() + " bytes, since it is stored", record.size() + " bytes");
    }
    FileRegion packed = new FileRegion(file, start, record.packed());
    OptionalLong crc = hasChecksums ? OptionalLong.of(record.crc()) : OptionalLong.empty();
    return new ZipEntryInfo(record.name(), method, packed, record.size(), crc);
  }

  private void checkName(Listed record) {
    String name = record.name();
    boolean climbs =
        name.isEmpty()
            || name.startsWith("/")
            || name.indexOf('\\') >= 0
            || name.indexOf('\0') >= 0
            || (name.length() > 1 && name.charAt(1) == ':');
    for (String part : name.split("/", -1)) {
      climbs |= part.equals("..") || part.equals(".");
    }
    if (climbs) {
      throw malformed(record, "names that stay in the archive", "one that does not");
    }
  }

  private Problem problem(Listed record) {
    return file.problemAt(record.at())
        .inside("zip entry '" + JsonCursor.shortened(record.name()) + "'");
  }

  private MalformedFileException malformed(Listed record, String expected, String found) {
    return new MalformedFileException(problem(record).expected(expected).found(found));
  }
}
