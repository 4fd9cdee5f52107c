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
import dev.fusewright.io.format.Format;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Staged;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.StoredFile;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** The data files of a model: what must be on this machine before the model is read. */
final class DataFiles {
  private final JobContext context;

  DataFiles(JobContext context) {
    this.context = context;
  }

  /** Fetches the data files of a model that has been fetched itself. Local ones stay. */
  Void fetch(Location location, Staged model) throws IOException {
    return fetch(location, model, "");
  }

  /**
   * The same, of a model that is in a folder of the scratch space.
   *
   * @param folder with a / at its end; empty for the scratch space itself
   */
  Void fetch(Location location, Staged model, String folder) throws IOException {
    if (!location.isLocal()) {
      Format format = Formats.of(model.file(), String.valueOf(model.file().getFileName()));
      List<String> names = format.dataFiles(model.file());
      List<StoredFile> files = new ArrayList<>();
      for (String name : names) {
        files.add(context.staging().find(location.parent().resolve(name)));
      }
      Staging staging = context.staging(mounts(location, format, files));
      for (String name : names) {
        Location data = location.parent().resolve(name);
        Staged staged = staging.fetch(data, context.scratch(), folder + name);
        context.report().companion(staged.source(), staged.sha256());
      }
    }
    return null;
  }

  /** A companion is small beside the model, and is fetched. */
  private Staging.Mounts mounts(Location location, Format format, List<StoredFile> files)
      throws IOException {
    return location.equals(context.request().source())
        ? context.mounting().data(format, files)
        : Staging.Mounts.NONE;
  }

  /** Now it is known how large the model is in all. A companion is small beside it. */
  private void need(Location location, long bytes) throws IOException {
    if (location.equals(context.request().source())) {
      context.scratch().need(location, ScratchNeed.of(context.request(), bytes));
    }
  }

  /** Remembers how the data files of a local model look that is being read where it lies. */
  void note(Location location, List<String> names) throws IOException {
    if (location.isLocal() && !names.isEmpty()) {
      long bytes = Files.size(location.localPath());
      for (String name : names) {
        StoredFile file =
            context.flow().store().status(location.parent().resolve(name)).orElse(null);
        if (file != null) {
          context.report().companion(file, null);
          bytes += file.bytes();
        }
      }
      need(location, bytes);
    }
  }
}
