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
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.storage.Location;
import dev.fusewright.pipeline.settings.RequestException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Files beside a model that are published with it, and may be another's too: what is written of
 * them would be other weights of the other.
 *
 * @param model whose they are
 * @param kind what they are, in the plural
 * @param names of the files, beside the model
 * @param remedy what to do where they are not its own
 */
record SharedFiles(Location model, String kind, List<String> names, String remedy) {
  /**
   * Refuses files that another model of the folder names; one that cannot be read names nothing
   * that anybody loads.
   *
   * @param other where it is
   * @param file the same, on the local disk
   * @throws RequestException if it names one of them
   */
  void refuseIfNamedBy(Location other, Path file) throws RequestException {
    Set<String> shared = new TreeSet<>(names);
    try {
      shared.retainAll(Formats.dataFiles(file));
    } catch (CheckpointException e) {
      return;
    }
    if (!shared.isEmpty()) {
      throw new RequestException(
          "%s: expected %s that are its own, found that %s names %s too. %s"
              .formatted(model, kind, other, shared.iterator().next(), remedy));
    }
  }
}
