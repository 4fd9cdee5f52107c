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
package dev.fusewright.pipeline.beam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.pipeline.flow.FuseSettings;
import dev.fusewright.pipeline.report.RunTotals;
import dev.fusewright.pipeline.run.SettledEntries;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FinishRunTest {
  @TempDir Path folder;

  @Test
  void a_run_that_does_not_account_for_every_entry_does_not_succeed() {
    Location reports = Location.of(folder.resolve("reports"));
    PreparedCatalogue catalogue =
        new PreparedCatalogue(Location.of(folder.resolve("catalogue.jsonl")), 1, 0, 0);
    RunSpec run =
        new RunSpec(
            "a-run",
            Instant.EPOCH,
            catalogue,
            SettledEntries.none(catalogue),
            Location.of(folder),
            reports,
            FuseSettings.defaults(),
            StorageConfiguration.defaults(),
            RunChoices.USUAL,
            1,
            1);

    assertThatThrownBy(() -> new FinishRun(run).finish(new RunTotals(), null))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("expected a report of each of 1 entries, found 0");
    assertThat(folder.resolve("reports")).doesNotExist();
  }
}
