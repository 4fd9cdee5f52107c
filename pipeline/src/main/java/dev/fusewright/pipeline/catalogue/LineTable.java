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
package dev.fusewright.pipeline.catalogue;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Where the lines of a local prepared catalogue stand, twelve bytes for each, so that they can be
 * read in any order. For use by one thread.
 */
final class LineTable implements Closeable {
  private final Path file;
  private final FileChannel channel;
  private final long[] offsets;
  private final int[] lengths;

  private LineTable(Path file, int lines) throws IOException {
    this.file = file;
    this.channel = FileChannel.open(file, StandardOpenOption.READ);
    this.offsets = new long[lines];
    this.lengths = new int[lines];
  }

  /** Is told of each line while the table is made. */
  @FunctionalInterface
  interface Visitor {
    /** The next line, which is the {@code position}-th from 0. */
    void line(int position, String text) throws IOException;
  }

  /**
   * Reads a catalogue.
   *
   * @throws EOFException if it has fewer lines
   */
  static LineTable of(Path file, int lines, Visitor visitor) throws IOException {
    LineTable table = new LineTable(file, lines);
    try {
      table.read(visitor);
      return table;
    } catch (IOException | RuntimeException e) {
      table.close();
      throw e;
    }
  }

  private void read(Visitor visitor) throws IOException {
    int count = 0;
    try (CatalogueLines all = new CatalogueLines(Files.newInputStream(file))) {
      for (var line = all.next(); line != null && count < offsets.length; line = all.next()) {
        offsets[count] = line.offset();
        lengths[count] = line.bytes();
        visitor.line(count, line.text());
        count++;
      }
    }
    if (count < offsets.length) {
      throw new EOFException(
          "%s: expected %d entries, found %d".formatted(file, offsets.length, count));
    }
  }

  /** The bytes of a line, without its end. */
  byte[] line(int position) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(lengths[position]);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, offsets[position] + bytes.position()) < 0) {
        throw new EOFException(file + " was cut short while it was being read");
      }
    }
    return bytes.array();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
