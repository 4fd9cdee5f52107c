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

/**
 * How much a file may make its reader hold or do. Weights do not count: they are never held.
 *
 * @param structureBytes estimated heap taken by nodes, names, types and small attributes. Every
 *     message is charged a fixed amount above what its own bytes are charged, so this also bounds
 *     their number
 * @param depth messages inside each other
 * @param messageBytes the largest message that is parsed as a whole: a node without its tensors and
 *     bodies, a tensor without its payload, a value info
 */
record ReadLimits(long structureBytes, int depth, int messageBytes) {
  /** As deep as protobuf's own readers go by default. */
  private static final int DEPTH = 100;

  /** Also a fraction of the heap: parsing may blow a hostile message up tenfold. */
  private static final int MAX_MESSAGE_BYTES = 4 << 20;

  /** Limits for this process: the structure of one model may take a quarter of the heap. */
  static ReadLimits forThisHeap() {
    return forHeap(Runtime.getRuntime().maxMemory());
  }

  /** Limits for a heap of this many bytes. */
  static ReadLimits forHeap(long bytes) {
    return new ReadLimits(bytes / 4, DEPTH, (int) Math.min(bytes / 256, MAX_MESSAGE_BYTES));
  }
}
