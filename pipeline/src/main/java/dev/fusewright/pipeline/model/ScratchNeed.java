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

import dev.fusewright.io.storage.Location;

/** How much local space the work on one model takes at most. */
final class ScratchNeed {
  /** Headers that are longer than the original's, repros, and what a file system adds. */
  private static final long MARGIN = 4L << 20;

  /** What a client keeps on disk of an upload in parts: four that wait, and those being made. */
  private static final long UPLOAD_PARTS = 6 * (64L << 20);

  private ScratchNeed() {}

  /**
   * All bytes that one attempt has on the disk at the same time.
   *
   * @param source bytes of the model with its data files
   */
  static long of(FuseRequest request, long source) {
    int copies = request.source().isLocal() ? 0 : 1;
    if (request.target() != null) {
      copies +=
          switch (request.settings().fusion()) {
            // What is published, and the trial of a bisection.
            case EVAL -> 2;
            // What is published, and the two that are compared in training mode.
            case QAT -> 3;
          };
      // An upload is buffered once more.
      copies += request.target().isLocal() ? 0 : 1;
    }
    return copies == 0 ? 0 : Math.addExact(Math.multiplyExact(copies, source), MARGIN);
  }

  /**
   * The same, of a model of which files are mounted: nothing of them is on this machine, and of
   * what is written only what was computed, or copied of the other files.
   *
   * @param staged bytes of the files that are fetched
   * @param mounted bytes of those that are not
   * @param computed bytes of what is computed
   */
  static long of(FuseRequest request, long staged, long mounted, long computed) {
    Location target = request.target();
    long written = target == null ? 0 : Math.addExact(staged, computed);
    long all = Math.addExact(Math.addExact(staged, mounted), computed);
    long sent = target == null || target.isLocal() ? 0 : Math.min(all, UPLOAD_PARTS);
    return staged + written + sent + MARGIN;
  }
}
