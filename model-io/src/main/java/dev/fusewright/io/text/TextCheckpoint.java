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
package dev.fusewright.io.text;

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.tensor.StoredTensor;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.core.tensor.TensorSource;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.core.text.ParsedText;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.GraphFacts;
import dev.fusewright.io.format.GraphFormat;
import dev.fusewright.io.format.WriteSummary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** An open text. Its values are on the heap; the file stays open to be copied. */
final class TextCheckpoint implements GraphCheckpoint {
  private final Path path;
  private final OpenFile file;
  private final ParsedText text;
  private final ModelGraph graph;
  private volatile boolean isClosed;

  TextCheckpoint(Path path, OpenFile file, ParsedText text) {
    this.path = path;
    this.file = file;
    this.text = text;
    Graph main = text.model().graph();
    List<Initializer> parameters =
        main.initializers().stream()
            .map(it -> new Initializer(it.name(), whileOpen(it.tensor())))
            .toList();
    this.graph = text.model().withGraph(main.withInitializers(parameters));
  }

  /** A tensor that can be read until the text is closed. */
  private Tensor whileOpen(Tensor tensor) {
    return GraphText.isElided(tensor)
        ? tensor
        : new StoredTensor(tensor.type(), tensor.shape(), new OpenValues(tensor));
  }

  private final class OpenValues implements TensorSource {
    private final Tensor tensor;

    OpenValues(Tensor tensor) {
      this.tensor = tensor;
    }

    @Override
    public void read(long offset, ByteBuffer destination) {
      if (isClosed) {
        throw new TensorReadException(path + " is closed", null);
      }
      tensor.read(offset, destination);
    }
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public GraphFormat format() {
    return new TextFormat();
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
    return graph;
  }

  @Override
  public GraphFacts facts() {
    return new GraphFacts(
        OptionalLong.of(graph.irVersion()), graph.opsets(), "", "", 0, text.metadata());
  }

  @Override
  public void requireValues() {
    if (!text.elided().isEmpty()) {
      throw new UnsupportedFormatException(
          Problem.in(path)
              .expected("the values of all parameters")
              .found(
                  "a text that leaves out those of %d, the first at %s"
                      .formatted(text.elided().size(), text.elided().get(0)))
              .hint("Use the model that it was printed from, or print that with show --full"));
    }
  }

  @Override
  public WriteSummary write(ModelGraph edited, Map<String, String> metadata, Path target)
      throws IOException {
    if (Files.exists(target) && Files.isSameFile(path, target)) {
      throw new IllegalArgumentException(
          target + " is the original: write to another folder, then move");
    }
    if (edited.equals(graph) && metadata.isEmpty()) {
      return TextWriter.copy(file, target);
    }
    requireValues();
    return TextWriter.write(
        edited, TextWriter.merged(text.metadata(), metadata), List.of(graph), target);
  }

  @Override
  public void close() {
    isClosed = true;
    file.close();
  }
}
