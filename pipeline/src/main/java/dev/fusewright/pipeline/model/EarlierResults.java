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

import dev.fusewright.report.Receipt;
import java.io.IOException;
import java.util.Optional;

/** Source of what was made of models before, by their content. */
@FunctionalInterface
public interface EarlierResults {
  /** Nothing was made before. */
  EarlierResults NONE = content -> Optional.empty();

  /**
   * The receipt of a model that was made of the same content and published.
   *
   * @param content as {@link JobResult#content} has it
   * @throws IOException if the store fails
   */
  Optional<Receipt> find(String content) throws IOException;
}
