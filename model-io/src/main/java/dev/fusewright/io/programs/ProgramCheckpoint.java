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
package dev.fusewright.io.programs;

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.io.archive.ZipScratch;
import dev.fusewright.io.aten.AtenArchive;
import dev.fusewright.io.aten.Fitting;
import dev.fusewright.io.aten.Lowered;
import dev.fusewright.io.aten.Lowering;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.format.Fit;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.Translation;
import java.nio.file.Path;
import java.util.List;

/**
 * An open archive: its tensors read from its records, and a writer copies from there.
 *
 * @param <A> what is known of the archive
 */
public abstract class ProgramCheckpoint<A extends AtenArchive> implements GraphCheckpoint {
  private final Path path;
  private final OpenFile file;
  private final ZipScratch scratch;
  private final A archive;
  private final Lowered lowered;

  /** An open archive, which closes the file and its scratch space. */
  protected ProgramCheckpoint(Path path, OpenFile file, ZipScratch scratch, A archive) {
    this.path = path;
    this.file = file;
    this.scratch = scratch;
    this.archive = archive;
    this.lowered = Lowering.planned(archive);
  }

  @Override
  public final Path path() {
    return path;
  }

  @Override
  public final long bytes() {
    return file.size();
  }

  @Override
  public final List<String> dataFiles() {
    return List.of();
  }

  @Override
  public final ModelGraph graph() {
    return lowered.graph();
  }

  @Override
  public final Translation translation() {
    return Lowering.translated(archive);
  }

  @Override
  public Fit fit(ModelGraph edited) {
    return new Fitting(archive, lowered).fit(edited);
  }

  /** The file itself. */
  protected final OpenFile file() {
    return file;
  }

  /** What is known of the archive. */
  public final A archive() {
    return archive;
  }

  /** Its graph, and where that is in the archive. */
  public final Lowered lowered() {
    return lowered;
  }

  @Override
  public final void close() {
    try {
      scratch.close();
    } finally {
      file.close();
    }
  }
}
