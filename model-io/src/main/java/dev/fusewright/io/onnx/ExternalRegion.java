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
 * Where the payload of an external tensor lies.
 *
 * @param location of the data file, relative to the model's folder, as the model says it
 * @param hasChecksum whether the model says the SHA-1 of the whole data file
 */
record ExternalRegion(String location, long offset, long length, boolean hasChecksum) {
  long end() {
    return offset + length;
  }

  boolean overlaps(ExternalRegion other) {
    return location.equals(other.location) && offset < other.end() && other.offset < end();
  }
}
