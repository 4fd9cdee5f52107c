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
package dev.fusewright.core.text;

import java.util.Locale;

/** Amounts as people read them: with the same digits and nouns, whatever the machine's language. */
public final class Amounts {
  private static final double KILO = 1000;
  private static final String[] UNITS = {"kB", "MB", "GB", "TB"};

  private Amounts() {}

  /** A count: {@code 1,234}. */
  public static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** A count with the noun that it counts: {@code 1 model}, {@code 2 models}. */
  public static String count(long count, String singular) {
    return count(count, singular, singular + "s");
  }

  /** A count with a noun or more words: {@code 1 entry was}, {@code 2 entries were}. */
  public static String count(long count, String singular, String plural) {
    return count(count) + " " + (count == 1 ? singular : plural);
  }

  /** Bytes in the unit, a power of 1000, that leaves at most three digits before the point. */
  public static String bytes(long bytes) {
    if (Math.abs(bytes) < KILO) {
      return count(bytes, "byte");
    }
    double amount = bytes / KILO;
    int unit = 0;
    while (Math.abs(amount) >= KILO - 0.05 && unit < UNITS.length - 1) {
      amount /= KILO;
      unit++;
    }
    return String.format(Locale.ROOT, "%,.1f %s", amount, UNITS[unit]);
  }
}
