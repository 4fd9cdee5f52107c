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
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.io.testing.FuzzedParser;
import java.nio.file.Path;

/** A catalogue, in whichever form: it is prepared, or refused by its name. */
abstract class FuzzedCatalogue extends FuzzedParser {
  private static final Store STORE = Stores.of(StorageConfiguration.defaults());

  @Override
  protected void read(Path file) throws Exception {
    CataloguePreparation.prepare(
        STORE, Location.of(file), Location.of(folder), folder.resolve("prepared"));
  }

  @Override
  protected boolean isRefusal(Exception error, Path file) {
    return error instanceof CatalogueException
        && String.valueOf(error.getMessage()).contains(file.toString());
  }
}
