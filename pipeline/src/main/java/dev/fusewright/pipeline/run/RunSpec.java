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

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.Mode;
import dev.fusewright.pipeline.settings.Settings;
import java.io.Serializable;
import java.time.Instant;
import java.util.HexFormat;
import java.util.UUID;

/**
 * Everything that the workers of a run must know.
 *
 * @param id of the run, unique
 * @param started when this start of the run began; one that goes on under its id has several
 * @param catalogue checked and resolved
 * @param settled which of its entries need no work, and what those come to
 * @param output folder of the published models
 * @param reports folder of all runs' reports
 * @param settings what the run says of them; entries may say more
 * @param choices what the run does with what was done before, and when it stops
 * @param shards how many part files the reports are written in
 * @param modelsPerWorker how many models one worker process works on at the same time
 */
public record RunSpec(
    String id,
    Instant started,
    PreparedCatalogue catalogue,
    UpToDateEntries settled,
    Location output,
    Location reports,
    Settings settings,
    StorageConfiguration storage,
    RunChoices choices,
    int shards,
    int modelsPerWorker)
    implements Serializable {

  /** With how many threads a worker computes on one model: its processors, shared out. */
  public int threads() {
    return Math.max(1, Runtime.getRuntime().availableProcessors() / modelsPerWorker);
  }

  /**
   * A store whose unfinished files are known as those of this start of the run, whichever of its
   * processes begins them.
   */
  public Store store(StorageConfiguration configuration) {
    return Stores.of(configuration, writer());
  }

  /** In the names of the unfinished files of this start of the run. */
  public String writer() {
    String start = folder().location() + " " + started;
    long digest = UUID.nameUUIDFromBytes(start.getBytes(UTF_8)).getMostSignificantBits();
    return HexFormat.of().toHexDigits(digest);
  }

  /** The same, reached as the run says. */
  public Store store() {
    return store(storage);
  }

  /** What is done with the entries that do not say it themselves. */
  public Mode mode() {
    return FuseSettings.resolve(settings).mode();
  }

  /** The folder whose receipts count: an audit's may report elsewhere. */
  public Location receipts() {
    return choices.receipts() == null ? reports : choices.receipts();
  }

  /** The folder of this run's reports. */
  public RunFolder folder() {
    return RunFolder.of(reports, id);
  }
}
