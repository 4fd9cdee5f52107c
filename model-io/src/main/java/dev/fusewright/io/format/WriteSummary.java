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
package dev.fusewright.io.format;

import java.nio.file.Path;
import java.util.List;

/**
 * What was written.
 *
 * @param bytes of the new file, without data files
 * @param copied bytes that came from the original untouched, those of data files included
 * @param rewritten every tensor whose elements were computed or moved rather than copied
 * @param dataFiles written beside the file
 * @param dropped what the original held and the new file does not
 */
public record WriteSummary(
    long bytes,
    long copied,
    List<RewrittenTensor> rewritten,
    List<Path> dataFiles,
    List<ExtraEntry> dropped) {
  /** Copies the lists. */
  public WriteSummary {
    rewritten = List.copyOf(rewritten);
    dataFiles = List.copyOf(dataFiles);
    dropped = List.copyOf(dropped);
  }

  /** The rewritten tensors that hold an infinite element or a NaN. */
  public List<RewrittenTensor> nonFinite() {
    return rewritten.stream().filter(tensor -> tensor.nonFinite() > 0).toList();
  }
}
