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

import java.util.ArrayList;
import java.util.List;

/**
 * The parts of an upload of which the server copies the long ranges by itself. Every part but the
 * last has at least {@link S3Objects#LEAST_PART} bytes: what is too little to be sent for itself
 * takes bytes of the range behind it.
 */
final class PartPlan {
  /** What is sent at a time, up to twice as much at an end. */
  private static final long SENT = 8L << 20;

  /** No more ranges than this are copied, and no more parts than half as many are sent. */
  private static final long MOST_RANGES = 4000;

  /** A part. */
  sealed interface Part {
    long length();

    /** Bytes that are sent. */
    record Sent(long position, long length) implements Part {}

    /** Bytes that the server copies. */
    record Copied(StoredRange range) implements Part {
      @Override
      public long length() {
        return range.length();
      }
    }
  }

  private final long leastCopied;
  private final List<Part> parts = new ArrayList<>();
  private long position;
  private long sent = SENT;

  private PartPlan(long bytes) {
    this.leastCopied = Math.max(S3Objects.LEAST_PART, bytes / MOST_RANGES);
  }

  /**
   * The parts of a file, in order.
   *
   * @param bytes of the file
   * @param ranges that the server can copy, in order
   */
  static List<Part> of(long bytes, List<StoredRange> ranges) {
    PartPlan plan = new PartPlan(bytes);
    List<StoredRange> copied =
        ranges.stream().filter(range -> range.length() >= plan.leastCopied).toList();
    long rest = bytes - copied.stream().mapToLong(StoredRange::length).sum();
    plan.sent = Math.max(SENT, rest / (MOST_RANGES / 2));
    copied.forEach(plan::add);
    plan.send(bytes);
    return plan.parts;
  }

  private void add(StoredRange range) {
    long gap = range.position() - position;
    long start = gap == 0 ? position : Math.max(range.position(), position + S3Objects.LEAST_PART);
    if (range.end() - start >= S3Objects.LEAST_PART) {
      send(start);
      copy(range.between(start, range.end()));
    }
  }

  private void send(long end) {
    long length = end - position;
    long count = length == 0 ? 0 : Math.max(1, length / sent);
    for (long i = 0; i < count; i++) {
      long to = i + 1 == count ? end : position + length / count;
      parts.add(new Part.Sent(position, to - position));
      position = to;
    }
  }

  private void copy(StoredRange range) {
    long count = (range.length() + S3Objects.COPIED_PART - 1) / S3Objects.COPIED_PART;
    for (long i = 0; i < count; i++) {
      long to = i + 1 == count ? range.end() : position + range.length() / count;
      parts.add(new Part.Copied(range.between(position, to)));
      position = to;
    }
  }
}
