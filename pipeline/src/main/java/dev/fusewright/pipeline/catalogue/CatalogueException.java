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

import java.util.List;

/** A catalogue that no work is begun with. */
public final class CatalogueException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What is wrong, one line each, with the line of the catalogue. */
  CatalogueException(List<String> problems) {
    super(String.join(System.lineSeparator(), problems));
  }

  /** What is wrong with the catalogue as a whole. */
  CatalogueException(String problem) {
    super(problem);
  }
}
