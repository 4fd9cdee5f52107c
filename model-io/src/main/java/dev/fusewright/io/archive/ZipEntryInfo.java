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
package dev.fusewright.io.archive;

import dev.fusewright.io.file.FileRegion;
import java.util.OptionalLong;

/**
 * An entry of an archive, checked against its local header.
 *
 * @param packed the bytes as they lie in the file
 * @param size unpacked, as the directory claims
 * @param crc of the unpacked bytes, as the directory claims; empty in an archive that has none
 *     computed
 */
public record ZipEntryInfo(
    String name, Method method, FileRegion packed, long size, OptionalLong crc) {
  /** How the bytes are packed. */
  public enum Method {
    STORED,
    DEFLATED
  }
}
