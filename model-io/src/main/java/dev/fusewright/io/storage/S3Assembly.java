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
package dev.fusewright.io.storage;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.List;

/** An object that is put together of what is sent and what the server copies. */
final class S3Assembly {
  private final S3Objects objects;
  private final Path file;
  private final List<StoredRange> ranges;
  private final Location target;
  private final List<PartPlan.Part> parts;

  /**
   * An object.
   *
   * @param file all of it can be read by this path
   * @param ranges that the server can copy, in order
   */
  S3Assembly(S3Objects objects, Path file, List<StoredRange> ranges, Location target)
      throws IOException {
    this.objects = objects;
    this.file = file;
    this.ranges = ranges;
    this.target = target;
    this.parts = PartPlan.of(Files.size(file), ranges);
  }

  /** Whether anything is copied. */
  boolean isWorthwhile() throws IOException {
    return isCopy() || parts.stream().anyMatch(PartPlan.Part.Copied.class::isInstance);
  }

  /** Whether it is another object, and nothing else. */
  private boolean isCopy() throws IOException {
    return ranges.size() == 1
        && ranges.get(0).offset() == 0
        && ranges.get(0).length() == ranges.get(0).source().bytes()
        && ranges.get(0).length() == Files.size(file);
  }

  /** Refuses what is another version than was seen. */
  interface Check {
    void require(StoredFile source) throws IOException;
  }

  /**
   * Makes the object; it appears as a whole.
   *
   * @param check of the sources, after the last part: servers that speak S3's protocol need not
   *     know the condition that a copy is sent with
   */
  void send(Check check) throws IOException {
    if (isCopy()) {
      objects.copy(ranges.get(0).source(), target);
      check.require(ranges.get(0).source());
      return;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        S3Objects.Upload upload = objects.begin(target)) {
      int number = 1;
      for (PartPlan.Part part : parts) {
        if (part instanceof PartPlan.Part.Copied copied) {
          StoredRange range = copied.range();
          upload.copy(number, range.source(), range.offset(), range.length());
        } else {
          byte[] bytes = bytes(channel, (PartPlan.Part.Sent) part);
          upload.send(number, bytes, 0, bytes.length);
        }
        number++;
      }
      for (StoredFile source : new LinkedHashSet<>(sources())) {
        check.require(source);
      }
      upload.complete();
    }
  }

  private List<StoredFile> sources() {
    return ranges.stream().map(StoredRange::source).toList();
  }

  private static byte[] bytes(FileChannel channel, PartPlan.Part.Sent part) throws IOException {
    byte[] bytes = new byte[Math.toIntExact(part.length())];
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, part.position() + buffer.position()) < 0) {
        throw new EOFException("a file became shorter while it was published");
      }
    }
    return bytes;
  }
}
