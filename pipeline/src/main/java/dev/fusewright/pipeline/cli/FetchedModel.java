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

import dev.fusewright.io.Formats;
import dev.fusewright.io.format.Format;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.Staged;
import dev.fusewright.io.storage.Staging;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A model on this machine, with its data files beside it. A local one lies where it was.
 *
 * @param format by its bytes, or by its name where it came from
 */
record FetchedModel(Path file, Format format) {
  /**
   * Fetches a model.
   *
   * @param folder of the scratch space for its files, with a / at its end; empty for the scratch
   *     space itself
   * @throws dev.fusewright.io.file.CheckpointException if it is known to be something else
   */
  static FetchedModel of(Location location, String folder, Staging staging, Scratch scratch)
      throws IOException {
    Staged staged = staging.fetch(location, scratch, folder + location.name());
    Format format = Formats.of(staged.file(), location.name());
    if (!location.isLocal()) {
      for (String data : format.dataFiles(staged.file())) {
        staging.fetch(location.parent().resolve(data), scratch, folder + data);
      }
    }
    return new FetchedModel(staged.file(), format);
  }
}
