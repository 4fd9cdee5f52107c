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
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.format.Format;
import dev.fusewright.io.storage.Location;
import java.nio.file.Files;
import java.util.Locale;
import java.util.Optional;

/** Whether an output is called like what will be written into it. */
final class OutputExtension {
  private OutputExtension() {}

  /**
   * Refuses an extension of another format: a file keeps its own, and is not converted. A source
   * that is not local, or cannot be read, is left to whoever reads it.
   *
   * @throws UsageException naming the format that will be written
   */
  static void require(Location source, Location output) {
    Optional<String> extension =
        Formats.extension(output.name()).map(name -> name.toLowerCase(Locale.ROOT));
    if (extension.isEmpty() || !source.isLocal() || !Files.isRegularFile(source.localPath())) {
      return;
    }
    Format written;
    try {
      written = Formats.written(Formats.of(source.localPath(), source.name()));
    } catch (CheckpointException e) {
      return;
    }
    if (!written.extensions().contains(extension.get())
        && !written.otherExtensions().contains(extension.get())) {
      throw new UsageException(
          "-o %s: expected an extension of %s (%s), found .%s: what is fused keeps its format. Give another name, or --force"
              .formatted(
                  output.name(),
                  written.title(),
                  String.join(", ", written.extensions()),
                  extension.get()));
    }
  }
}
