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
package dev.fusewright.pipeline.audit;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Store;
import dev.fusewright.pipeline.run.RunFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Small models in a run's quarantine that show why fusions were dropped, by the model's id. */
final class Repros {
  private final Map<Location, List<String>> files = new HashMap<>();
  private final Location quarantine;

  private Repros(Location quarantine) {
    this.quarantine = quarantine;
  }

  static Repros of(Store store, RunFolder run) throws IOException {
    Repros repros = new Repros(run.quarantine());
    store.forEachBelow(
        repros.quarantine,
        Integer.MAX_VALUE - 1,
        file -> {
          Location folder = file.location().parent();
          if (!folder.equals(repros.quarantine)) {
            repros
                .files
                .computeIfAbsent(folder, f -> new ArrayList<>())
                .add(file.location().toString());
          }
        });
    return repros;
  }

  /** Those of a model, in order. */
  List<String> of(String id) {
    return id.isEmpty()
        ? List.of()
        : files.getOrDefault(folder(id), List.of()).stream().sorted().distinct().toList();
  }

  private Location folder(String id) {
    return new Location(quarantine.scheme(), quarantine.authority(), quarantine.path() + "/" + id);
  }
}
