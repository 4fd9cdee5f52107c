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
import dev.fusewright.pipeline.cache.CacheLookup;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that a run and its plan share: what is driven, where to, and what counts as done. */
final class DriveOptions {
  @Option(
      names = "--catalogue",
      required = true,
      paramLabel = "URI",
      description = "JSON Lines, Avro (*.avro), or a glob of models.")
  private String catalogue = "";

  @Option(
      names = "--output",
      required = true,
      paramLabel = "URI",
      description = "The folder of the published models.")
  private String output = "";

  @Option(
      names = "--reports",
      paramLabel = "URI",
      description = "The folder of all runs' reports. Default: reports/ in the output.")
  private @Nullable String reports;

  @Option(
      names = "--force",
      description = "Fuses everything anew, whatever earlier runs have done.")
  private boolean force;

  Location catalogue() {
    return SingleFile.location(catalogue);
  }

  Location output() {
    return SingleFile.location(output);
  }

  Location reports() {
    return reports == null ? output().resolve("reports") : SingleFile.location(reports);
  }

  CacheLookup.Trust trust() {
    return force ? CacheLookup.Trust.THIS_RUN_ONLY : CacheLookup.Trust.EVERY_RUN;
  }
}
