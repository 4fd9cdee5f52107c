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
package dev.fusewright.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.cache.CacheLookup;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.pipeline.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FailureLimitTest {
  @TempDir Path folder;
  private final Store store = Stores.of(StorageConfiguration.defaults());
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));

  private RunSpec run(@Nullable Long most) {
    PreparedCatalogue catalogue =
        new PreparedCatalogue(Location.of(folder.resolve("catalogue.jsonl")), 9, 0, 0);
    return new RunSpec(
        "limited",
        Instant.EPOCH,
        catalogue,
        UpToDateEntries.none(catalogue),
        Location.of(folder.resolve("fused")),
        Location.of(folder.resolve("reports")),
        Settings.NONE,
        StorageConfiguration.defaults(),
        new RunChoices(CacheLookup.Trust.EVERY_RUN, most),
        1,
        1);
  }

  private FailureLimit process(@Nullable Long most, FailureLimit.Count count) {
    return new FailureLimit(run(most), store, now::get, count);
  }

  @Test
  void threads_of_one_process_stop_at_once_when_one_failure_more_than_allowed_is_counted()
      throws IOException {
    FailureLimit.Count count = new FailureLimit.Count();
    FailureLimit one = process(2L, count);
    FailureLimit other = process(2L, count);
    one.countFailure("a");
    other.countFailure("b");
    other.countFailure("b");
    assertThat(one.isReached()).isFalse();
    one.countFailure("c");
    assertThat(one.isReached()).isTrue();
    assertThat(other.isReached()).isTrue();
  }

  @Test
  void processes_learn_of_each_other_a_little_later() throws IOException {
    FailureLimit one = process(2L, new FailureLimit.Count());
    FailureLimit other = process(2L, new FailureLimit.Count());
    one.countFailure("a");
    other.countFailure("b");
    one.countFailure("c");
    assertThat(one.isReached()).as("it has just looked").isFalse();
    now.set(now.get().plus(FailureLimit.PATIENCE));
    assertThat(one.isReached()).isTrue();
    assertThat(other.isReached()).as("told by the mark that the first one left").isTrue();
  }

  @Test
  void without_a_limit_nothing_stops_and_nothing_is_written() throws IOException {
    FailureLimit none = process(null, new FailureLimit.Count());
    none.countFailure("a");
    assertThat(none.isReached()).isFalse();
    assertThat(folder.resolve("reports")).doesNotExist();
  }
}
