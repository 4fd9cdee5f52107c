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
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class StatusTableTest {
  private static final Instant TIME = Instant.parse("2026-01-02T03:04:05.678901234Z");

  private final StatusTable table = new StatusTable();

  private static StoredFile file(String path, long bytes, Instant time, @Nullable String etag) {
    return new StoredFile(Location.of(path), bytes, time, etag);
  }

  @Test
  void what_was_put_is_found_whatever_its_etag_and_its_time() {
    String digits = "0123456789abcdef0123456789abcdef";
    List<StoredFile> files =
        List.of(
            file("s3a://zoo/none", 1, TIME, null),
            file("s3a://zoo/usual", 2, TIME, digits),
            file("s3a://zoo/parts", 3, TIME, digits + "-17"),
            file("s3a://zoo/quoted", 4, TIME, '"' + digits + '"'),
            file("s3a://zoo/upper", 5, TIME, digits.toUpperCase(Locale.ROOT)),
            file("s3a://zoo/many", 6, TIME, digits + "-10001"),
            file("s3a://zoo/padded", 7, TIME, digits + "-017"),
            file("s3a://zoo/empty", 0, Instant.EPOCH, ""),
            file("s3a://other/usual", 8, Instant.EPOCH.minusNanos(1), "x"));
    files.forEach(table::put);

    files.forEach(file -> assertThat(table.find(file.location())).contains(file));
    assertThat(table.find(Location.of("s3a://zoo/nowhere"))).isEmpty();
    assertThat(table.find(Location.of("hdfs://zoo/usual"))).isEmpty();
    assertThat(table.size()).isEqualTo(files.size());
  }

  @Test
  void a_file_that_is_told_twice_is_there_once_as_it_was_told_last() {
    table.put(file("/a", 1, TIME, null));
    table.put(file("/a", 2, TIME, "etag"));
    assertThat(table.size()).isOne();
    assertThat(table.find(Location.of("/a"))).contains(file("/a", 2, TIME, "etag"));
  }

  @Test
  void a_time_that_cannot_be_kept_exactly_is_not_kept() {
    table.put(file("/a", 1, Instant.MAX, null));
    assertThat(table.find(Location.of("/a"))).isEmpty();
  }

  @Test
  void none_of_many_files_is_lost_or_taken_for_another() {
    int files = 50_000;
    for (int i = 0; i < files; i++) {
      table.put(file("/zoo/m" + i, i, TIME.plusMillis(i), i < 1000 ? null : "%032x".formatted(i)));
    }
    assertThat(table.size()).isEqualTo(files);
    for (int i = 0; i < files; i++) {
      assertThat(table.find(Location.of("/zoo/m" + i)))
          .contains(
              file("/zoo/m" + i, i, TIME.plusMillis(i), i < 1000 ? null : "%032x".formatted(i)));
      assertThat(table.find(Location.of("/zoo/n" + i))).isEmpty();
    }
  }
}
