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
package dev.fusewright.pipeline.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.report.FileStates;
import dev.fusewright.pipeline.report.FileStates.Likeness;
import dev.fusewright.report.FileState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ActionCacheTest {
  private static final Instant READ = Instant.parse("2026-01-01T00:00:10Z");
  private static final Instant LONG_BEFORE = READ.minusSeconds(5);
  private static final Instant JUST_BEFORE = READ.minusMillis(500);

  @TempDir Path folder;

  private static StoredFile file(long bytes, Instant modified, @Nullable String etag) {
    return new StoredFile(Location.of("/models/a.onnx"), bytes, modified, etag);
  }

  private static Likeness likeness(StoredFile then, StoredFile now) {
    return FileStates.likeness(FileStates.of(then, null), now, READ);
  }

  @Test
  void a_file_with_its_etag_is_the_same_whatever_its_time() {
    assertThat(likeness(file(5, LONG_BEFORE, "x"), file(5, JUST_BEFORE, "x")))
        .isEqualTo(Likeness.SAME);
    assertThat(likeness(file(5, JUST_BEFORE, "x"), file(5, JUST_BEFORE, "x")))
        .isEqualTo(Likeness.SAME);
  }

  @Test
  void another_etag_or_time_is_uncertain_and_another_size_is_another_file() {
    assertThat(likeness(file(5, LONG_BEFORE, "x"), file(5, LONG_BEFORE, "y")))
        .isEqualTo(Likeness.UNCERTAIN);
    assertThat(likeness(file(5, LONG_BEFORE, null), file(5, JUST_BEFORE, null)))
        .isEqualTo(Likeness.UNCERTAIN);
    assertThat(likeness(file(5, LONG_BEFORE, "x"), file(6, LONG_BEFORE, "x")))
        .isEqualTo(Likeness.DIFFERENT);
  }

  @Test
  void a_time_tells_only_if_it_lay_well_before_the_reading() {
    assertThat(likeness(file(5, LONG_BEFORE, null), file(5, LONG_BEFORE, null)))
        .isEqualTo(Likeness.SAME);
    assertThat(likeness(file(5, JUST_BEFORE, null), file(5, JUST_BEFORE, null)))
        .isEqualTo(Likeness.UNCERTAIN);
  }

  @Test
  void an_output_is_intact_with_its_size_and_etag_or_time() {
    FileState published = FileStates.of(file(5, JUST_BEFORE, null), null);
    assertThat(FileStates.isIntact(published, file(5, JUST_BEFORE, null))).isTrue();
    assertThat(FileStates.isIntact(published, file(5, LONG_BEFORE, null))).isFalse();
    assertThat(FileStates.isIntact(published, file(6, JUST_BEFORE, null))).isFalse();
    assertThat(FileStates.isIntact(published, file(5, JUST_BEFORE, "etag"))).isFalse();
  }

  @Test
  void what_is_no_receipt_counts_as_none() throws IOException {
    ActionCache ledger =
        new ActionCache(
            Stores.forSingleFiles(StorageConfiguration.defaults()),
            Location.of(folder.resolve("ledger")));
    assertThat(ledger.find("a/b")).isEmpty();
    Files.createDirectories(folder.resolve("ledger/a"));
    Files.writeString(folder.resolve("ledger/a/b.avro"), "half a rec");
    assertThat(ledger.find("a/b")).isEmpty();
  }
}
