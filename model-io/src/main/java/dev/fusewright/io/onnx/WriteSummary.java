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

import dev.fusewright.core.plan.ScopePath;
import java.nio.file.Path;
import java.util.List;

/**
 * What was written.
 *
 * @param bytes of the model's file
 * @param rewritten every tensor whose elements were computed or moved rather than copied
 * @param dataFiles external data files written beside the model
 */
public record WriteSummary(long bytes, List<Rewritten> rewritten, List<Path> dataFiles) {
  /** Copies the lists. */
  public WriteSummary {
    rewritten = List.copyOf(rewritten);
    dataFiles = List.copyOf(dataFiles);
  }

  /**
   * A tensor that was written anew, and what its elements became in the type that they are stored
   * in.
   *
   * @param name of the initializer, or of the output of the node that holds it
   * @param nonFinite elements that are infinite or NaN: a fold that makes any must not be published
   * @param subnormal elements below the type's smallest normal number, and not zero
   * @param zero elements that are zero, of either sign
   */
  public record Rewritten(
      ScopePath scope, String name, long elements, long nonFinite, long subnormal, long zero) {}

  /** The rewritten tensors that hold an infinite element or a NaN. */
  public List<Rewritten> nonFinite() {
    return rewritten.stream().filter(tensor -> tensor.nonFinite > 0).toList();
  }
}
