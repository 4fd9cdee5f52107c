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
package dev.fusewright.pipeline.catalogue;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Store;
import dev.fusewright.pipeline.model.OutputConflicts;
import java.io.IOException;
import java.util.Arrays;

/**
 * The other entries of a catalogue. Read when the first model with data files comes, and kept as
 * three hashes per entry. Models of one folder cannot disagree about a file of it, so that only
 * strangers matter.
 */
public final class CatalogueConflicts implements OutputConflicts {
  private final Store store;
  private final PreparedCatalogue catalogue;
  private final Location output;
  private final Location reports;
  private long[] targets = {};
  private long[] sources = {};

  /** Where entries are published, sorted. */
  private long[] outputs = {};

  /**
   * The entries of a run.
   *
   * @param output folder of the published models
   * @param reports folder of all runs' reports, in which nothing is published
   */
  public CatalogueConflicts(
      Store store, PreparedCatalogue catalogue, Location output, Location reports) {
    this.store = store;
    this.catalogue = catalogue;
    this.output = output;
    this.reports = reports;
  }

  @Override
  public synchronized boolean mayOccur(Location source, Location folder) throws IOException {
    if ((folder + "/").startsWith(reports + "/")) {
      return true;
    }
    read();
    long own = hash(source);
    long target = hash(folder);
    for (int i = 0; i < targets.length; i++) {
      if (targets[i] == target && sources[i] != own) {
        return true;
      }
    }
    return false;
  }

  @Override
  public synchronized boolean isTaken(Location file) throws IOException {
    read();
    return Arrays.binarySearch(outputs, hash(file)) >= 0;
  }

  private void read() throws IOException {
    if (targets.length > 0) {
      return;
    }
    int entries = Math.toIntExact(catalogue.entries());
    long[] foundTargets = new long[entries];
    long[] foundSources = new long[entries];
    long[] foundOutputs = new long[entries];
    int i = 0;
    try (CatalogueLines lines = new CatalogueLines(store.open(catalogue.location()))) {
      for (var line = lines.next(); line != null && i < entries; line = lines.next(), i++) {
        CatalogueEntry entry = EntryJson.prepared(line.text());
        Location target = output.resolve(entry.output());
        foundOutputs[i] = hash(target);
        foundTargets[i] = hash(target.parent());
        foundSources[i] = hash(entry.source().parent());
      }
    }
    Arrays.sort(foundOutputs);
    outputs = foundOutputs;
    sources = foundSources;
    targets = foundTargets;
  }

  private static long hash(Location folder) {
    return NameClashes.hash(folder.toString());
  }
}
