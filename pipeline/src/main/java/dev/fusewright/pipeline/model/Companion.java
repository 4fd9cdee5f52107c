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
package dev.fusewright.pipeline.model;

import dev.fusewright.core.companion.CompanionGraph;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.Translation;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Staged;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** An open model with a graph that shows what a state dict's model computes. */
final class Companion implements AutoCloseable {
  private final GraphCheckpoint model;
  private final Translation translation;
  private final CompanionGraph graph;

  private Companion(GraphCheckpoint model) {
    this.model = model;
    this.translation = model.translation();
    this.graph =
        new CompanionGraph(translation.unknown().isEmpty() ? translation.graph() : model.graph());
  }

  /** Opens it, and remembers how its files look: what was made with others is made again. */
  static Companion open(Location location, JobContext context) throws IOException {
    Staged file = context.staging().fetch(location, context.scratch());
    context.report().companion(file.source(), file.sha256());
    DataFiles data = new DataFiles(context);
    data.fetch(location, file);
    GraphCheckpoint model = Formats.openGraph(file.file());
    data.note(location, model.dataFiles());
    return new Companion(model);
  }

  CompanionGraph graph() {
    return graph;
  }

  /** What the model was taken to be where its file leaves it open. */
  List<Assumption> premises() {
    return Premises.of(model);
  }

  /** Operators of the model that no runtime of ours knows; then it can be read, and not be run. */
  List<String> unknown() {
    return translation.unknown();
  }

  /** Writes the model with other parameters or nodes, as something that can be run. */
  void write(ModelGraph edited, Path target) throws IOException {
    if (model.format().id().equals(Formats.onnx().id())) {
      model.write(edited, Map.of(), target);
    } else {
      Formats.onnx().write(edited, target);
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
