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
package dev.fusewright.io.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Other people's models, found by {@code FUSEWRIGHT_MODELS}: not set is a skip, set and absent a
 * failure.
 */
public final class RealModels {
  private RealModels() {}

  /** A file of the collection, such as {@code s15_resnet20_cifar/resnet20-12fca82f.th}. */
  public static Path file(String name) {
    String folder = System.getenv("FUSEWRIGHT_MODELS");
    assumeTrue(folder != null && !folder.isEmpty(), "FUSEWRIGHT_MODELS is not set: no real models");
    Path file = Path.of(folder).resolve(name);
    assertThat(Files.exists(file)).as("%s of FUSEWRIGHT_MODELS", file).isTrue();
    return file;
  }
}
