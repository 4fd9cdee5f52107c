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
package dev.fusewright.core.proof;

import dev.fusewright.core.analysis.shape.SymInt;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What the extents of a site's inputs have to be to one another, so that its nodes can be
 * evaluated.
 *
 * @param left an extent somewhere in the site, in terms of those of its inputs
 * @param right another one
 */
record ExtentRelation(Kind kind, SymInt left, SymInt right) {
  /** How two extents are related. */
  enum Kind {
    EQUAL,
    /** Equal, or one of them is 1. */
    BROADCAST,
    /** The left is not smaller. */
    AT_LEAST,
    /** The left is so many times the right, or as large. */
    MULTIPLE
  }

  static ExtentRelation atLeast(SymInt left, long least) {
    return new ExtentRelation(Kind.AT_LEAST, left, SymInt.of(least));
  }

  /** Whether the relation holds for these extents; null while they leave it open. */
  @Nullable Boolean holds(Map<String, Long> extents) {
    SymInt a = left.substituted(extents);
    SymInt b = right.substituted(extents);
    if (a == null || b == null) {
      return false; // More than can be counted.
    }
    OptionalLong x = a.constant();
    OptionalLong y = b.constant();
    if (x.isEmpty() || y.isEmpty()) {
      return a.equals(b) ? Boolean.TRUE : null;
    }
    return switch (kind) {
      case EQUAL -> x.getAsLong() == y.getAsLong();
      case BROADCAST -> x.getAsLong() == y.getAsLong() || x.getAsLong() == 1 || y.getAsLong() == 1;
      case AT_LEAST -> x.getAsLong() >= y.getAsLong();
      case MULTIPLE -> y.getAsLong() != 0 && x.getAsLong() % y.getAsLong() == 0;
    };
  }

  /** Whether the relation says anything of an extent. */
  boolean mentions(String extent) {
    return left.mentions(extent) || right.mentions(extent);
  }
}
