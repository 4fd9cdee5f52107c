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
package dev.fusewright.core.proof.structure;

import org.jspecify.annotations.Nullable;

/**
 * Result of comparing two values.
 *
 * @param what the first thing that is not the same, with the names on both sides; null if there is
 *     none
 */
record Difference(@Nullable String what) {
  static final Difference NONE = new Difference(null);

  static Difference of(String format, Object... arguments) {
    return new Difference(format.formatted(arguments));
  }

  /** This one, in a part of what is compared. */
  Difference within(String part) {
    return what == null ? this : new Difference(part + ": " + what);
  }

  boolean isNone() {
    return what == null;
  }
}
