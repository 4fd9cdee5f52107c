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
package dev.fusewright.io.torchscript;

import dev.fusewright.io.format.FormatContract;
import dev.fusewright.io.testing.ExportedPrograms;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A trace, a script, and constants of frozen code. */
final class TorchScriptFormatTest extends FormatContract {
  TorchScriptFormatTest() {
    super("torchscript");
  }

  @Override
  protected List<Path> samples(Path empty) throws IOException {
    return List.of(
        ExportedPrograms.copy("conv1d.trace.pt", empty),
        ExportedPrograms.copy("functional.script.pt", empty),
        ExportedPrograms.copy("dcgan.frozen.pt", empty));
  }
}
