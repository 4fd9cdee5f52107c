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
package dev.fusewright.pipeline.catalogue;

import dev.fusewright.io.storage.Location;
import java.io.Serializable;

/**
 * A catalogue that has been checked and written down with every location resolved.
 *
 * @param location of the JSON Lines
 * @param entries how many
 * @param sized of how many the size is known
 * @param bytes of all models whose size is known
 */
public record PreparedCatalogue(Location location, long entries, long sized, long bytes)
    implements Serializable {
  /** The same catalogue, copied elsewhere. */
  public PreparedCatalogue at(Location copy) {
    return new PreparedCatalogue(copy, entries, sized, bytes);
  }
}
