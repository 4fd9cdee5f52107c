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

import dev.fusewright.core.proof.Repro;
import dev.fusewright.io.Formats;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Keeps the smallest models that show why fusions were dropped: {@code
 * <folder>/site-1/{before,after,inputs}.onnx}.
 */
final class Repros {
  /** Where they are kept. */
  interface Keeper {
    /** Keeps models whose parameters can be read until this returns. */
    void keep(List<Repro> repros) throws IOException;
  }

  private Repros() {}

  /**
   * Keeps them.
   *
   * @param kept how many sites the folder already holds
   */
  static void keep(List<Repro> repros, int kept, Location folder, Store store, Scratch scratch)
      throws IOException {
    int number = kept + 1;
    for (Repro repro : repros) {
      Location place = folder.resolve("site-" + number++);
      var models =
          Map.of("before", repro.before(), "after", repro.after(), "inputs", repro.inputs());
      for (var model : models.entrySet()) {
        Path file = scratch.file("repro-" + model.getKey() + ".onnx");
        Formats.onnx().write(model.getValue(), file);
        store.take(file, place.resolve(model.getKey() + ".onnx"));
      }
    }
  }
}
