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

import dev.fusewright.io.storage.Location;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;

/**
 * The order in which a prepared catalogue is dealt out: the smallest models first, so that models
 * of one split stand together, and a split is one range of bytes. A model of unknown size stands
 * where a mean one would; models of one size keep the catalogue's order.
 *
 * <p>Takes some 40 bytes of memory for each line.
 */
public final class CostOrder {
  private final Path from;
  private final long[] offsets;
  private final int[] lengths;
  private final long[] sizes;

  private CostOrder(Path from, int lines) {
    this.from = from;
    this.offsets = new long[lines];
    this.lengths = new int[lines];
    this.sizes = new long[lines];
  }

  /**
   * Writes the lines of a prepared catalogue into another local file, in this order.
   *
   * @param catalogue a local one
   * @return the same catalogue, there
   */
  public static PreparedCatalogue sorted(PreparedCatalogue catalogue, Path target)
      throws IOException {
    CostOrder order =
        new CostOrder(catalogue.location().localPath(), Math.toIntExact(catalogue.entries()));
    order.read();
    order.write(target);
    return catalogue.at(Location.of(target));
  }

  /** The sizes, with the mean of the known ones where they are negative, as unknown ones are. */
  public static long[] estimated(long[] sizes) {
    double mean = Arrays.stream(sizes).filter(size -> size >= 0).average().orElse(0);
    return Arrays.stream(sizes).map(size -> size < 0 ? (long) mean : size).toArray();
  }

  private void read() throws IOException {
    int count = 0;
    try (CatalogueLines lines = new CatalogueLines(Files.newInputStream(from))) {
      for (var line = lines.next(); line != null && count < sizes.length; line = lines.next()) {
        offsets[count] = line.offset();
        lengths[count] = line.bytes();
        sizes[count] = EntryJson.preparedSize(line.text());
        count++;
      }
    }
    if (count < sizes.length) {
      throw new EOFException(
          "%s: expected %d entries, found %d".formatted(from, sizes.length, count));
    }
  }

  private void write(Path target) throws IOException {
    long[] estimated = estimated(sizes);
    Integer[] ascending = new Integer[estimated.length];
    Arrays.setAll(ascending, i -> i);
    Arrays.sort(ascending, Comparator.comparingLong(i -> estimated[i]));
    try (FileChannel lines = FileChannel.open(from, StandardOpenOption.READ);
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(target), 1 << 16)) {
      for (int line : ascending) {
        ByteBuffer bytes = ByteBuffer.allocate(lengths[line]);
        while (bytes.hasRemaining()) {
          if (lines.read(bytes, offsets[line] + bytes.position()) < 0) {
            throw new EOFException(from + " was cut short while it was being read");
          }
        }
        out.write(bytes.array());
        out.write('\n');
      }
    }
  }
}
