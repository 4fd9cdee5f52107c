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
import dev.fusewright.pipeline.settings.RequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Data files that a model has together with others beside it. Replaced with the one, they would be
 * other weights of the others.
 */
final class SharedData {
  private SharedData() {}

  /**
   * Refuses to replace data files that another model of the folder names.
   *
   * @param model local, and replaced with them
   * @param names of the data files, beside the model
   */
  static void refuse(Location model, List<String> names) throws IOException, RequestException {
    if (names.isEmpty()) {
      return;
    }
    SharedFiles files =
        new SharedFiles(model, "data files", names, "Give it an output in another folder");
    for (Path other : modelsBeside(model.localPath())) {
      files.refuseIfNamedBy(Location.of(other), other);
    }
  }

  private static List<Path> modelsBeside(Path model) throws IOException {
    String extension = Formats.extension(model.getFileName().toString()).orElse("");
    try (Stream<Path> files = Files.list(model.toAbsolutePath().getParent())) {
      return files
          .filter(file -> file.getFileName().toString().endsWith(extension))
          .filter(file -> !file.getFileName().equals(model.getFileName()))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    }
  }
}
