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

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.io.archive.ZipScratch;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.format.Fit;
import dev.fusewright.io.format.GraphFacts;
import dev.fusewright.io.format.GraphFormat;
import dev.fusewright.io.format.WriteSummary;
import dev.fusewright.io.programs.ProgramCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** An open archive: its tensors read from its records, and a writer copies from there. */
final class TorchScriptCheckpoint extends ProgramCheckpoint<TracedArchive> {
  TorchScriptCheckpoint(Path path, OpenFile file, ZipScratch scratch) {
    super(path, file, scratch, read(path, file, scratch));
  }

  private static TracedArchive read(Path path, OpenFile file, ZipScratch scratch) {
    TracedArchive archive = new TracedArchive(new ScriptArchive(path, file, scratch));
    ScriptRefusals.checkMode(path, archive.archive().objects(), archive.program());
    return archive;
  }

  @Override
  public GraphFormat format() {
    return new TorchScriptFormat();
  }

  @Override
  public GraphFacts facts() {
    Map<String, String> facts = new LinkedHashMap<>(archive().archive().facts());
    if (!premises().isEmpty()) {
      facts.put("assumes", String.join("; ", premises()));
    }
    return new GraphFacts(OptionalLong.empty(), Map.of(), "torch.jit", "", 0, facts);
  }

  @Override
  public List<String> premises() {
    return archive().traced().assumptions();
  }

  @Override
  public Fit fit(ModelGraph edited) {
    return edit(edited).fit();
  }

  /**
   * An edited graph, and what it makes of the archive.
   *
   * @param edit null where the graph does not even fit the parameters
   */
  record Edited(Fit fit, @Nullable ScriptEdit edit) {}

  Edited edit(ModelGraph edited) {
    Fit fit = super.fit(edited);
    if (!fit.misfits().isEmpty()) {
      return new Edited(fit, null);
    }
    ScriptEdit edit = ScriptEdit.of(archive(), lowered(), fit.graph());
    return new Edited(new Fit(fit.graph(), edit.misfits()), edit);
  }

  @Override
  public WriteSummary write(ModelGraph edited, Map<String, String> metadata, Path target)
      throws IOException {
    return new TorchScriptWriter(this).write(edited, metadata, target);
  }
}
