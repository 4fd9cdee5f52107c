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
package dev.fusewright.io.ranged;

import org.jspecify.annotations.Nullable;

/** A stretch of a composite file. */
sealed interface Extent {
  /** Its first byte. */
  long start();

  long length();

  default long end() {
    return start() + length();
  }

  /** Itself and what follows, if both are one. */
  @Nullable Extent joined(Extent next);

  /**
   * Bytes that were written.
   *
   * @param at where they begin in the file on this machine
   */
  record Local(long start, long length, long at) implements Extent {
    @Override
    public @Nullable Extent joined(Extent next) {
      return next instanceof Local other && other.start == end() && other.at == at + length
          ? new Local(start, length + other.length, at)
          : null;
    }
  }

  /**
   * Bytes of a mounted file.
   *
   * @param at where they begin there
   */
  record Reference(long start, long length, RemoteFile file, long at) implements Extent {
    @Override
    public @Nullable Extent joined(Extent next) {
      return next instanceof Reference other
              && other.start == end()
              && other.file == file
              && other.at == at + length
          ? new Reference(start, length + other.length, file, at)
          : null;
    }
  }
}
