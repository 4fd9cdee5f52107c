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
import java.io.IOException;

/**
 * What else is published where a model goes. Data files keep the names that the model knows them
 * by, and two models from different folders may both call theirs {@code weights.bin}.
 */
@FunctionalInterface
public interface OutputConflicts {
  /** Nobody else publishes anything: a single file. */
  OutputConflicts NONE = (source, folder) -> false;

  /**
   * Nothing is known of others, but that none is published in this model's own folder: data files
   * may stand there, and nowhere else.
   */
  static OutputConflicts outside(Location own) {
    return (source, folder) -> !(folder + "/").startsWith(own + "/");
  }

  /**
   * Whether models whose sources lie elsewhere than this one's, or something that is no model, are
   * published in a folder.
   *
   * @param source the folder of this model's source
   */
  boolean mayOccur(Location source, Location folder) throws IOException;

  /** Whether another model is published in this very place. */
  default boolean isTaken(Location file) throws IOException {
    return false;
  }
}
