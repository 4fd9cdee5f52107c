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
package dev.fusewright.io.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Other people's models, which are not in the repository. */
final class RealModels {
  private static final String VARIABLE = "FUSEWRIGHT_MODELS";

  private RealModels() {}

  /**
   * A file of the set; skips the test if the set is not there, fails it if the set is, and the file
   * is not.
   */
  static Path file(String name) {
    String folder = System.getenv(VARIABLE);
    Assumptions.assumeTrue(folder != null, VARIABLE + " is not set: real models are not tested");
    Path file = Path.of(String.valueOf(folder), name);
    assertThat(file).isRegularFile();
    return file;
  }
}
