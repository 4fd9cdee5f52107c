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
package dev.fusewright.io.storage;

import java.io.Serializable;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Folder and size of the workers' scratch space.
 *
 * @param root a local folder of each worker's machine; null for the JVM's own temporary folder
 * @param budget bytes for all workers of one JVM; null for most of what is free when it starts
 */
public record ScratchSettings(@Nullable String root, @Nullable Long budget)
    implements Serializable {
  /** Refuses a budget in which nothing fits. */
  public ScratchSettings {
    if (budget != null && budget < 1) {
      throw new IllegalArgumentException(
          "a scratch budget of " + budget + " bytes; expected at least 1");
    }
  }

  /** The JVM's own temporary folder, and most of what is free there. */
  public static ScratchSettings defaults() {
    return new ScratchSettings(null, null);
  }

  /** The folder, on the machine on which this is asked. */
  Path folder() {
    return Path.of(root == null ? System.getProperty("java.io.tmpdir") : root).toAbsolutePath();
  }
}
