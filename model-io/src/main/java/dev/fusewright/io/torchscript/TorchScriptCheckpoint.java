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
import dev.fusewright.io.aten.Fitting;
import dev.fusewright.io.aten.Lowered;
import dev.fusewright.io.aten.Lowering;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.format.Fit;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.GraphFacts;
import dev.fusewright.io.format.GraphFormat;
import dev.fusewright.io.format.Translation;
import dev.fusewright.io.format.WriteSummary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** An open archive: its tensors read from its records, and a writer copies from there. */
final class TorchScriptCheckpoint implements GraphCheckpoint {
  private final Path path;
  private final OpenFile file;
  private final ZipScratch scratch;
  private final TracedArchive archive;
  private final Lowered lowered;

  private TorchScriptCheckpoint(
      Path path, OpenFile file, ZipScratch scratch, TracedArchive archive) {
    this.path = path;
    this.file = file;
    this.scratch = scratch;
    this.archive = archive;
    this.lowered = Lowering.planned(archive);
  }

  /** Reads an archive; what was opened for it is the caller's if that fails. */
  static TorchScriptCheckpoint of(Path path, OpenFile file, ZipScratch scratch) {
    TracedArchive archive = new TracedArchive(new ScriptArchive(path, file, scratch));
    ScriptRefusals.checkMode(path, archive.archive().objects(), archive.program());
    return new TorchScriptCheckpoint(path, file, scratch, archive);
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public GraphFormat format() {
    return new TorchScriptFormat();
  }

  @Override
  public long bytes() {
    return file.size();
  }

  @Override
  public List<String> dataFiles() {
    return List.of();
  }

  @Override
  public ModelGraph graph() {
    return lowered.graph();
  }

  @Override
  public Translation translation() {
    return Lowering.translated(archive);
  }

  @Override
  public GraphFacts facts() {
    Map<String, String> facts = new LinkedHashMap<>(archive.archive().facts());
    if (!archive.traced().assumptions().isEmpty()) {
      facts.put("assumes", String.join("; ", archive.traced().assumptions()));
    }
    return new GraphFacts(OptionalLong.empty(), Map.of(), "torch.jit", "", 0, facts);
  }

  @Override
  public Fit fit(ModelGraph edited) {
    Fit fit = new Fitting(archive, lowered).fit(edited);
    if (!fit.misfits().isEmpty()) {
      return fit;
    }
    List<Fit.Misfit> misfits =
        new ArrayList<>(ScriptEdit.of(archive, lowered, fit.graph()).misfits());
    return new Fit(fit.graph(), misfits);
  }

  @Override
  public WriteSummary write(ModelGraph edited, Map<String, String> metadata, Path target)
      throws IOException {
    return new TorchScriptWriter(this).write(edited, metadata, target);
  }

  TracedArchive archive() {
    return archive;
  }

  Lowered lowered() {
    return lowered;
  }

  @Override
  public void close() {
    try {
      scratch.close();
    } finally {
      file.close();
    }
  }
}
