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
package dev.fusewright.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** The folder of other people's models, which the environment names. */
public final class RealModels {
  private static final String VARIABLE = "FUSEWRIGHT_MODELS";

  private RealModels() {}

  /**
   * A file of that folder; skips the test if there is no such folder, and fails it if it is not
   * where it is said to be.
   */
  public static Path file(String path) {
    String folder = System.getenv(VARIABLE);
    assumeTrue(folder != null, "skipped: " + VARIABLE + " does not name the folder of real models");
    Path file = Path.of(folder, path);
    assertThat(Files.exists(file)).as("%s names a folder with %s", VARIABLE, path).isTrue();
    return file;
  }
}
