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

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.report.FileStates;
import dev.fusewright.report.FileState;
import java.io.IOException;

/**
 * Local files and mounted ones are read where they lie; what was read must have been one version of
 * each.
 */
final class UntouchedFiles {
  private UntouchedFiles() {}

  /**
   * Looks at the files of a job once more.
   *
   * @throws SourceChangedException if one is not what was read
   */
  static void require(JobContext context) throws IOException, SourceChangedException {
    Location source = context.request().source();
    if (source.isLocal()
        && !context.source().source().equals(context.flow().store().status(source).orElse(null))) {
      throw changed(source);
    }
    context.mounting().requireUntouched();
    for (FileState read : context.report().companions()) {
      Location companion = Location.of(read.getUri());
      if (source.isLocal() || companion.isLocal()) {
        StoredFile now = context.flow().store().status(companion).orElse(null);
        if (now == null || !FileStates.of(now, read.getSha256()).equals(read)) {
          throw changed(companion);
        }
      }
    }
  }

  static SourceChangedException changed(Location file) {
    return new SourceChangedException(
        file + " was changed or removed while it was being fused; try again");
  }
}
