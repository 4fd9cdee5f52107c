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
package dev.fusewright.pipeline.cli;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Store;
import dev.fusewright.pipeline.run.LatestRun;
import dev.fusewright.pipeline.run.RunFolder;
import dev.fusewright.pipeline.settings.NearestName;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which run a command is about, of those that report into one folder. */
final class NamedRun {
  @Option(
      names = "--run",
      paramLabel = "ID",
      description = "The run. Default: the newest complete one.")
  private @Nullable String run;

  /** Whether one is named. */
  boolean isNamed() {
    return run != null;
  }

  /**
   * Its id; empty if none is named and none has been completed.
   *
   * @throws IllegalArgumentException if what is named cannot be a run
   * @throws FileNotFoundException if it is none that reported there
   */
  Optional<String> id(Store store, Location reports) throws IOException {
    return run != null ? Optional.of(existing(store, reports, run)) : LatestRun.of(store, reports);
  }

  /**
   * A run that somebody named.
   *
   * @throws IllegalArgumentException if that cannot be a run
   * @throws FileNotFoundException if it is none that reported there, with the one that may have
   *     been meant
   */
  static String existing(Store store, Location reports, String id) throws IOException {
    String checked = RunFolder.checkedId(id);
    RunFolder folder = RunFolder.of(reports, checked);
    if (!folder.exists(store)) {
      throw new FileNotFoundException(
          "%s: expected a run, found none%s"
              .formatted(
                  folder.location(), NearestName.question(checked, RunFolder.ids(store, reports))));
    }
    return checked;
  }

  /** What there is to say when it is empty. */
  static String none(Location reports) {
    return reports
        + ": expected latest.json, found none: no run has been completed there. Name one with --run";
  }
}
