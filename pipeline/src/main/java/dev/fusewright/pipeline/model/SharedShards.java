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
package dev.fusewright.pipeline.model;

import dev.fusewright.io.Formats;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.settings.RequestException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Shards that two indexes name. Those of one keep their names, and what is published of them would
 * be the other's: it would load, and be another model.
 */
final class SharedShards {
  private final JobContext context;

  SharedShards(JobContext context) {
    this.context = context;
  }

  /**
   * Refuses to publish shards that an index names which is not the target.
   *
   * @param names of the shards, beside the target
   */
  void refuse(Location target, List<String> names) throws IOException, RequestException {
    FuseRequest request = context.request();
    boolean isOfParts =
        !names.isEmpty()
            && Formats.of(context.source().file(), request.source().name()).isOfParts();
    // Beside its source whatever changes has a name of its own.
    if (!isOfParts || request.isPublishedBesideItsSource()) {
      return;
    }
    refuse(target, names, target);
    if (request.runId() != null) {
      // Another entry, whose shards go where this one's go.
      refuse(request.source(), names, target);
    }
  }

  private void refuse(Location own, List<String> names, Location target)
      throws IOException, RequestException {
    SharedFiles files =
        new SharedFiles(
            context.request().source(),
            "shards",
            names,
            "Publish it in another folder than " + target.parent());
    for (StoredFile index : indexes(own.parent())) {
      if (!index.location().equals(own)) {
        files.refuseIfNamedBy(
            index.location(),
            context.staging().fetch(index, context.scratch(), "other/index.json").file());
      }
    }
  }

  private List<StoredFile> indexes(Location folder) throws IOException {
    List<StoredFile> indexes = new ArrayList<>();
    for (String extension : Formats.listExtensions()) {
      context.flow().store().list(folder.filesWith(extension)).stream()
          .filter(file -> Formats.isListName(file.location().name()))
          .forEach(indexes::add);
    }
    return indexes;
  }
}
