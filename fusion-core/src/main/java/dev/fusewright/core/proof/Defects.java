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

import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.LevelVerdict;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What a proof throws unexpectedly costs the site at which it was thrown, and is reported as a
 * defect. A stack that overflows is one; a lack of memory is none, and ends the proof.
 */
final class Defects {
  private Defects() {}

  /** The result of a check, or what {@code otherwise} makes of the verdict that it has failed. */
  static <T> T guarded(Supplier<T> check, Function<LevelVerdict, T> otherwise) {
    try {
      return check.get();
    } catch (RuntimeException | StackOverflowError e) {
      return otherwise.apply(
          LevelVerdict.inconclusive(
              InconclusiveReason.DEFECT, message("the check failed unexpectedly", e)));
    }
  }

  /** One clause that says what was thrown, and where. */
  static String message(String what, Throwable cause) {
    StackTraceElement[] trace = cause.getStackTrace();
    return "%s: %s%s; this is a defect of fusewright, please report it"
        .formatted(
            what,
            cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage(),
            trace.length == 0 ? "" : " (at " + trace[0] + ")");
  }
}
