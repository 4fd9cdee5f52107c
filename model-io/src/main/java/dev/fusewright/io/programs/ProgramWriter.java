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

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.io.archive.ArchiveFolder;
import dev.fusewright.io.archive.RecordBytes;
import dev.fusewright.io.format.Fit;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.WriteSummary;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes an archive again, some of its nodes and parameters changed, and reads what it wrote: a
 * target that does not read back as what was meant does not stay.
 */
public abstract class ProgramWriter {
  private final ProgramCheckpoint<?> original;
  private final ArchiveFolder folder;
  private final String subject;

  /**
   * A writer, for one target.
   *
   * @param subject what a sentence calls the file
   */
  protected ProgramWriter(ProgramCheckpoint<?> original, ArchiveFolder folder, String subject) {
    this.original = original;
    this.folder = folder;
    this.subject = subject;
  }

  /** What the archive would hold of an edited graph. */
  protected Fit fit(ModelGraph edited) {
    return original.fit(edited);
  }

  /** Whether a graph, which fits, is that of the original, so that nothing is to be written. */
  protected abstract boolean isSame(Graph graph);

  /** Writes all records but those that say what was done. */
  protected abstract void records(Graph graph, RewrittenRecords out) throws IOException;

  /** Whether what was read of the target is what was meant. */
  protected abstract boolean isReadBack(Graph meant, Graph read);

  /** As {@link GraphCheckpoint#write} says. */
  public final WriteSummary write(ModelGraph edited, Map<String, String> metadata, Path target)
      throws IOException {
    if (Files.exists(target) && Files.isSameFile(original.path(), target)) {
      throw new IllegalArgumentException(subject + " is not written over itself: " + target);
    }
    Fit fit = fit(edited);
    if (!fit.misfits().isEmpty()) {
      throw new IllegalArgumentException(
          fit.misfits().stream().map(Fit.Misfit::sentence).collect(Collectors.joining("; ")));
    }
    Graph graph = fit.graph().graph();
    if (metadata.isEmpty() && isSame(graph)) {
      return copy(target);
    }
    boolean complete = false;
    try (FileChannel channel = created(target)) {
      RewrittenRecords out = new RewrittenRecords(folder, metadata, channel);
      records(graph, out);
      WriteSummary summary = out.finish();
      requireReadBack(graph, target);
      complete = true;
      return summary;
    } catch (TensorReadException e) {
      throw RecordBytes.unwrapped(e);
    } finally {
      if (!complete) {
        Files.deleteIfExists(target);
      }
    }
  }

  private static FileChannel created(Path target) throws IOException {
    return FileChannel.open(
        target,
        StandardOpenOption.CREATE,
        StandardOpenOption.WRITE,
        StandardOpenOption.TRUNCATE_EXISTING);
  }

  private WriteSummary copy(Path target) throws IOException {
    try (FileChannel channel = created(target)) {
      original.file().whole().transferTo(channel);
    }
    long size = original.file().size();
    return new WriteSummary(size, size, List.of(), List.of(), List.of());
  }

  private void requireReadBack(Graph meant, Path target) {
    try (GraphCheckpoint written = original.format().open(target)) {
      if (!isReadBack(meant, written.graph().graph())) {
        throw new IllegalStateException(
            "what was written does not read back as the graph that was meant; please report it");
      }
    }
  }

  /** Attributes but for what says where a node stood. */
  protected static Map<String, Attribute> withoutPlace(Node node) {
    return node.withoutAttribute("position").attributes();
  }
}
