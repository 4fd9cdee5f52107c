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
package dev.fusewright.deploy.supply;

import org.jspecify.annotations.Nullable;

/**
 * A library on the run-time class path.
 *
 * @param artifact as group:name
 * @param version as its makers call it
 * @param carrier the group:name of the jar in whose bytes it is hidden, or null if it is a jar
 */
record Component(String artifact, String version, @Nullable String carrier) {
  @Override
  public String toString() {
    return artifact + ":" + version + (carrier == null ? "" : " inside " + carrier);
  }
}
