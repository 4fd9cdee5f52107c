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

import java.util.UUID;

/** Names of files that are not finished. */
final class TemporaryName {
  private TemporaryName() {}

  /** A name that no glob matches by accident, and that two writers of one target do not share. */
  static String beside(Location target) {
    return "." + target.name() + "." + UUID.randomUUID() + ".fusewright-tmp";
  }
}
