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
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.GraphFormat;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.Staged;
import dev.fusewright.io.storage.Staging;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Turns a model of a format that nothing is written in, such as text, into one that is fused. */
final class Conversion {
  private Conversion() {}

  /**
   * The file that is worked on in the place of a source: the source itself, or what it is written
   * as, in scratch, with a digest of its own.
   *
   * @throws dev.fusewright.io.file.CheckpointException if the source cannot be read, or leaves out
   *     values of parameters
   */
  static Staged of(Staged source, Format format, Scratch scratch) throws IOException {
    return of(source, format, scratch, "converted");
  }

  /**
   * The same.
   *
   * @param folder of the scratch space for what is written
   */
  static Staged of(Staged source, Format format, Scratch scratch, String folder)
      throws IOException {
    if (Formats.written(format) == format
        || !(Formats.written(format) instanceof GraphFormat written)) {
      return source;
    }
    Path file = scratch.file(folder + "/model." + written.extensions().get(0));
    Files.createDirectories(file.resolveSibling("."));
    try (GraphCheckpoint model = Formats.openGraph(source.file())) {
      model.requireValues();
      written.write(model.graph(), file);
    }
    return new Staged(source.source(), file, Staging.sha256(file));
  }
}
