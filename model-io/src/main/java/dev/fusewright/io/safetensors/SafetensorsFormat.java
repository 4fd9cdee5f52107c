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
package dev.fusewright.io.safetensors;

/** Constants and limits of the safetensors format. The package's description shows the layout. */
final class SafetensorsFormat {
  /** The header's longest length, as the reference implementation limits it. */
  static final long MAX_HEADER = 100_000_000;

  /** Heap, as estimated, that a header may take: some 400,000 tensors. */
  static final long MAX_HEAP = 128L << 20;

  /** The key that holds text instead of a tensor. */
  static final String METADATA = "__metadata__";

  /** Headers are padded with spaces to a multiple of this. */
  static final int ALIGNMENT = 8;

  private SafetensorsFormat() {}
}
