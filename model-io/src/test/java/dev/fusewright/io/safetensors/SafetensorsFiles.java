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
package dev.fusewright.io.safetensors;

import dev.fusewright.core.state.StateDict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** New safetensors files, for the tests of any module. */
public final class SafetensorsFiles {
  private SafetensorsFiles() {}

  /**
   * Writes a state dict that is from no file.
   *
   * @param metadata the file's {@code __metadata__}, in order
   */
  public static void write(StateDict state, Map<String, String> metadata, Path target)
      throws IOException {
    SafetensorsWriter.write(state, metadata, target);
  }
}
