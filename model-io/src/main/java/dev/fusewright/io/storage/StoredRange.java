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
package dev.fusewright.io.storage;

/**
 * A range of a file that is to be published whose bytes are in a store already.
 *
 * @param position of its first byte in the file
 * @param source the very version that has it
 * @param offset of its first byte there
 * @param length in bytes
 */
public record StoredRange(long position, StoredFile source, long offset, long length) {
  /** Where it ends in the file. */
  public long end() {
    return position + length;
  }

  /** A part of it, by positions in the file. */
  StoredRange between(long from, long to) {
    return new StoredRange(from, source, offset + from - position, to - from);
  }
}
