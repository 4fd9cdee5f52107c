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
import java.io.Closeable;
import java.nio.file.Path;

/**
 * An ONNX model that was read and whose file is still open: its tensors read from there, and an
 * {@link OnnxWriter} copies from there. Tensors may be read from several threads until the model is
 * closed.
 */
public final class OnnxModel implements Closeable {
  private final FileBytes file;
  private final ExternalFiles externals;
  private final ModelReader.Result result;

  OnnxModel(FileBytes file, ExternalFiles externals, ModelReader.Result result) {
    this.file = file;
    this.externals = externals;
    this.result = result;
  }

  /** The model. Node ids are dense, in the order of the file over all scopes. */
  public ModelGraph graph() {
    return result.graph();
  }

  /** What the file says about itself. */
  public OnnxFacts facts() {
    return result.facts();
  }

  /** The file. */
  public Path path() {
    return file.path();
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
