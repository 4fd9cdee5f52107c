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
import dev.fusewright.io.file.TooLargeException;
import dev.fusewright.io.file.UnreadableFileException;
import dev.fusewright.io.json.JsonCursor;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Gives every entry's bytes as a region: stored ones where they lie, deflated ones unpacked to a
 * scratch file.
 *
 * <p>Unpacking stops at the size that the directory claims, and does not begin where that claim is
 * a bomb's. Scratch files are removed when this is closed.
 */
public final class ZipScratch implements Closeable {
  private static final int CHUNK = 1 << 16;

  private final List<Path> paths = new ArrayList<>();
  private final List<OpenFile> files = new ArrayList<>();
  private long unpacked;

  /** The entry's bytes, unpacked. */
  public FileRegion region(ZipEntryInfo entry) {
    return switch (entry.method()) {
      case STORED -> entry.packed();
      case DEFLATED -> inflate(entry);
    };
  }

  /** The bytes with those of every {@code width} in the other order. */
  public FileRegion swapped(FileRegion region, int width) {
    Problem problem = region.file().problemAt(region.offset());
    takeSpace(region.length(), problem);
    return scratch(
        region.file().label() + ", swapped",
        problem,
        target -> {
          ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
          byte[] bytes = chunk.array();
          for (long at = 0; at < region.length(); at += CHUNK) {
            chunk.clear().limit((int) Math.min(CHUNK, region.length() - at));
            region.file().read(region.offset() + at, chunk);
            chunk.flip();
            for (int first = 0; first + width <= chunk.limit(); first += width) {
              for (int i = 0; i < width / 2; i++) {
                byte kept = bytes[first + i];
                bytes[first + i] = bytes[first + width - 1 - i];
                bytes[first + width - 1 - i] = kept;
              }
            }
            while (chunk.hasRemaining()) {
              target.write(chunk);
            }
          }
        });
  }

  private interface Filling {
    void write(FileChannel target) throws IOException;
  }

  private void takeSpace(long bytes, Problem problem) {
    unpacked += bytes;
    if (unpacked > ArchiveLimits.MAX_UNPACKED) {
      throw new TooLargeException(
          problem
              .expected(
                  "entries that unpack to at most " + (ArchiveLimits.MAX_UNPACKED >> 30) + " GB")
              .found("more")
              .hint("Store the entries instead of deflating them: torch.save does"));
    }
  }

  private FileRegion scratch(String label, Problem problem, Filling filling) {
    try {
      Path path = Files.createTempFile("fusewright-", ".unpacked");
      paths.add(path);
      try (FileChannel target = FileChannel.open(path, StandardOpenOption.WRITE)) {
        filling.write(target);
      }
      OpenFile file = OpenFile.open(path, label);
      files.add(file);
      return file.whole();
    } catch (IOException e) {
      throw new UnreadableFileException(
          problem.expected("scratch space to unpack to").found(String.valueOf(e.getMessage())), e);
    }
  }

  private FileRegion inflate(ZipEntryInfo entry) {
    Problem problem = problem(entry);
    if (entry.size() > ArchiveLimits.SMALL_ENTRY
        && entry.size() / ArchiveLimits.MAX_RATIO > entry.packed().length()) {
      throw new TooLargeException(
          problem
              .expected(
                  "an entry that unpacks to at most " + ArchiveLimits.MAX_RATIO + " times its size")
              .found("%d bytes from %d".formatted(entry.size(), entry.packed().length())));
    }
    takeSpace(entry.size(), problem);
    return scratch(
        entry.packed().file().label() + "!" + JsonCursor.shortened(entry.name()),
        problem,
        target -> inflate(entry, target));
  }

  private static void inflate(ZipEntryInfo entry, FileChannel target) throws IOException {
    Inflater inflater = new Inflater(true);
    try {
      ByteBuffer packed = ByteBuffer.allocate(CHUNK);
      ByteBuffer unpacked = ByteBuffer.allocate(CHUNK);
      long read = 0;
      long written = 0;
      while (!inflater.finished()) {
        if (inflater.needsInput()) {
          if (read == entry.packed().length()) {
            throw new MalformedFileException(
                problem(entry).expected("more packed bytes").found("the end of the entry"));
          }
          packed.clear().limit((int) Math.min(CHUNK, entry.packed().length() - read));
          entry.packed().file().read(entry.packed().offset() + read, packed);
          read += packed.limit();
          inflater.setInput(packed.flip());
        }
        unpacked.clear();
        int count = inflater.inflate(unpacked);
        if (count == 0 && inflater.needsDictionary()) {
          throw new MalformedFileException(
              problem(entry).expected("plain deflate").found("a dictionary"));
        }
        written += count;
        if (written > entry.size()) {
          throw new MalformedFileException(
              problem(entry)
                  .expected("the %d bytes it claims".formatted(entry.size()))
                  .found("more"));
        }
        unpacked.flip();
        while (unpacked.hasRemaining()) {
          target.write(unpacked);
        }
      }
      if (written != entry.size()) {
        throw new MalformedFileException(
            problem(entry)
                .expected("the %d bytes it claims".formatted(entry.size()))
                .found(written + " bytes"));
      }
    } catch (DataFormatException e) {
      throw new MalformedFileException(
          problem(entry).expected("deflated bytes").found(String.valueOf(e.getMessage())), e);
    } finally {
      inflater.end();
    }
  }

  private static Problem problem(ZipEntryInfo entry) {
    return entry
        .packed()
        .file()
        .problemAt(entry.packed().offset())
        .inside("zip entry '" + JsonCursor.shortened(entry.name()) + "'");
  }

  @Override
  public void close() {
    files.forEach(OpenFile::close);
    for (Path path : paths) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        path.toFile().deleteOnExit();
      }
    }
  }
}
