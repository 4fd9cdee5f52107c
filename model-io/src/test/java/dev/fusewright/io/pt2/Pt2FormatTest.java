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
package dev.fusewright.io.pt2;

import dev.fusewright.io.format.FormatContract;
import dev.fusewright.io.testing.ExportedPrograms;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Exported programs before and after they are decomposed. */
final class Pt2FormatTest extends FormatContract {
  Pt2FormatTest() {
    super("pt2");
  }

  @Override
  protected List<Path> samples(Path empty) throws IOException {
    return List.of(
        ExportedPrograms.copy("functional.pt2", empty),
        ExportedPrograms.copy("conv1d.core.pt2", empty));
  }
}
