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
package dev.fusewright.io.onnx;

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.GraphFacts;
import dev.fusewright.io.format.GraphFormat;
import dev.fusewright.io.format.WriteSummary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** An open ONNX model: its tensors read from its file, and a writer copies from there. */
final class OnnxCheckpoint implements GraphCheckpoint {
  private final FileBytes file;
  private final ExternalFiles externals;
  private final ModelReader.Result result;

  OnnxCheckpoint(FileBytes file, ExternalFiles externals, ModelReader.Result result) {
    this.file = file;
    this.externals = externals;
    this.result = result;
  }

  @Override
  public Path path() {
    return file.path();
  }

  @Override
  public GraphFormat format() {
    return new OnnxFormat();
  }

  @Override
  public long bytes() {
    return file.size();
  }

  @Override
  public List<String> dataFiles() {
    return result.dataFiles();
  }

  @Override
  public ModelGraph graph() {
    return result.graph();
  }

  @Override
  public GraphFacts facts() {
    return result.facts();
  }

  @Override
  public WriteSummary write(ModelGraph edited, Map<String, String> metadata, Path target)
      throws IOException {
    return OnnxWriter.write(this, edited, metadata, target);
  }

  FileBytes file() {
    return file;
  }

  ExternalFiles externals() {
    return externals;
  }

  ModelIndex index() {
    return result.index();
  }

  @Override
  public void close() {
    try {
      externals.close();
    } finally {
      file.close();
    }
  }
}
