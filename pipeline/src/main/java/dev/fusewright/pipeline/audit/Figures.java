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
package dev.fusewright.pipeline.audit;

import dev.fusewright.core.text.Amounts;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Figures as people read them: always with the same digits, whatever the machine's language. */
final class Figures {
  private static final String NONE = "–";

  private Figures() {}

  /** A power of ten of bytes, for an axis: {@code 100 kB}. */
  static String wholeBytes(double bytes) {
    return Amounts.bytes(Math.round(bytes))
        .replace(".0 ", " ")
        .replace("bytes", "B")
        .replace("byte", "B");
  }

  /** A duration: {@code 42 ms}, {@code 4.20 s}, {@code 3 min 20 s}, {@code 2 h 5 min}. */
  static String seconds(double seconds) {
    if (seconds < 0.9995) {
      return String.format(Locale.ROOT, "%.0f ms", 1e3 * seconds);
    }
    if (seconds < 59.95) {
      return String.format(Locale.ROOT, seconds < 10 ? "%.2f s" : "%.1f s", seconds);
    }
    Duration duration = Duration.ofSeconds(Math.round(seconds));
    return duration.toHours() > 0
        ? "%d h %d min".formatted(duration.toHours(), duration.toMinutesPart())
        : "%d min %d s".formatted(duration.toMinutes(), duration.toSecondsPart());
  }

  /** A small number with three digits; {@code –} where there is none. */
  static String figure(@Nullable Double figure) {
    if (figure == null) {
      return NONE;
    }
    return figure == 0 ? "0" : String.format(Locale.ROOT, "%.2e", figure);
  }

  /** How much of {@code whole} a part is. */
  static String percent(double part, double whole) {
    return whole == 0 ? NONE : String.format(Locale.ROOT, "%.1f %%", 100 * part / whole);
  }

  /** How a size changed: {@code +3.2 %}. */
  static String change(double before, double after) {
    return before == 0
        ? NONE
        : String.format(Locale.ROOT, "%+.1f %%", 100 * (after - before) / before);
  }
}
