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

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What of an upload is sent and what is copied, within the limits of S3. */
final class PartPlanTest {
  private static final long LEAST = S3Objects.LEAST_PART;
  private static final StoredFile SOURCE =
      new StoredFile(Location.of("s3a://zoo/m"), 1L << 42, Instant.EPOCH, "etag");

  private static StoredRange range(long position, long length) {
    return new StoredRange(position, SOURCE, /* offset= */ position + 1000, length);
  }

  /** What each part is and how long, such as {@code sent 7}. */
  private static List<String> plan(long bytes, StoredRange... ranges) {
    return PartPlan.of(bytes, List.of(ranges)).stream()
        .map(part -> (part instanceof PartPlan.Part.Sent ? "sent " : "copied ") + part.length())
        .toList();
  }

  @Test
  void a_long_range_is_copied_and_a_short_end_is_sent() {
    assertThat(plan(LEAST + 7, range(0, LEAST))).containsExactly("copied " + LEAST, "sent 7");
  }

  @Test
  void a_short_range_is_sent() {
    assertThat(plan(LEAST + 7, range(0, LEAST - 1))).containsExactly("sent " + (LEAST + 7));
  }

  @Test
  void what_is_too_short_to_be_sent_takes_bytes_of_the_range_behind_it() {
    assertThat(plan(7 + 3 * LEAST, range(7, 3 * LEAST)))
        .containsExactly("sent " + LEAST, "copied " + (2 * LEAST + 7));
  }

  @Test
  void a_range_of_which_too_little_would_be_left_is_sent_as_a_whole() {
    assertThat(plan(7 + 2 * LEAST - 8, range(7, 2 * LEAST - 8)))
        .containsExactly("sent " + (2 * LEAST - 1));
  }

  @Test
  void a_very_long_range_is_copied_in_parts() {
    assertThat(PartPlan.of(10L << 30, List.of(range(0, 10L << 30))))
        .hasSize(20)
        .allMatch(part -> part.length() == S3Objects.COPIED_PART);
  }

  @Test
  void whatever_the_ranges_are_each_byte_is_in_one_part_and_every_part_is_one_that_s3_takes() {
    Random random = new Random(5);
    for (int round = 0; round < 300; round++) {
      List<StoredRange> ranges = new ArrayList<>();
      long at = 0;
      int count = random.nextInt(200);
      for (int i = 0; i < count; i++) {
        at += random.nextBoolean() ? 0 : (long) Math.exp(random.nextDouble() * 20);
        long length = 1 + (long) Math.exp(random.nextDouble() * 24);
        ranges.add(range(at, length));
        at += length;
      }
      long bytes = at + random.nextInt(20_000_000);
      check(bytes, PartPlan.of(bytes, ranges));
    }
  }

  @Test
  void many_ranges_of_a_large_file_are_no_more_parts_than_s3_takes() {
    List<StoredRange> ranges = new ArrayList<>();
    long at = 0;
    for (int i = 0; i < 30_000; i++) {
      ranges.add(range(at, LEAST));
      at += LEAST + 1;
    }
    List<PartPlan.Part> parts = PartPlan.of(at, ranges);
    check(at, parts);
    assertThat(parts).anyMatch(PartPlan.Part.Sent.class::isInstance);
  }

  private static void check(long bytes, List<PartPlan.Part> parts) {
    assertThat(parts).hasSizeLessThanOrEqualTo(S3Objects.MOST_PARTS);
    long position = 0;
    for (int i = 0; i < parts.size(); i++) {
      PartPlan.Part part = parts.get(i);
      if (i + 1 < parts.size()) {
        assertThat(part.length()).isGreaterThanOrEqualTo(LEAST);
      }
      assertThat(part.length()).isPositive().isLessThanOrEqualTo(S3Objects.MOST_PART);
      if (part instanceof PartPlan.Part.Copied copied) {
        assertThat(copied.range().position()).isEqualTo(position);
        assertThat(copied.range().offset()).isEqualTo(position + 1000);
      } else {
        assertThat(((PartPlan.Part.Sent) part).position()).isEqualTo(position);
      }
      position += part.length();
    }
    assertThat(position).isEqualTo(bytes);
  }
}
