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

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.io.archive.ZipScratch;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.format.GraphFacts;
import dev.fusewright.io.format.GraphFormat;
import dev.fusewright.io.format.WriteSummary;
import dev.fusewright.io.programs.ProgramCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;

/** An open archive: its tensors read from its records, and a writer copies from there. */
final class Pt2Checkpoint extends ProgramCheckpoint<Pt2Archive> {
  Pt2Checkpoint(Path path, OpenFile file, ZipScratch scratch) {
    super(path, file, scratch, new Pt2Archive(path, file, scratch));
  }

  @Override
  public GraphFormat format() {
    return new Pt2Format();
  }

  @Override
  public GraphFacts facts() {
    return new GraphFacts(
        OptionalLong.empty(),
        Map.of("aten", archive().program().opset()),
        "torch.export",
        archive().program().torchVersion(),
        0,
        archive().facts());
  }

  @Override
  public WriteSummary write(ModelGraph edited, Map<String, String> metadata, Path target)
      throws IOException {
    return new Pt2Writer(this).write(edited, metadata, target);
  }
}
