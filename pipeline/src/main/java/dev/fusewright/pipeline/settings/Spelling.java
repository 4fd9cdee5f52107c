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
package dev.fusewright.pipeline.settings;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The spelling of constants: lower case, with hyphens. */
public final class Spelling {
  private Spelling() {}

  /**
   * The constant called {@code text}.
   *
   * @param what is being read, for the message
   * @throws IllegalArgumentException naming the constants there are
   */
  public static <E extends Enum<E>> E of(Class<E> type, String what, String text) {
    E[] constants = type.getEnumConstants();
    for (E constant : constants) {
      if (text(constant).equals(text)) {
        return constant;
      }
    }
    throw new IllegalArgumentException(
        "%s: expected one of %s, found '%s'"
            .formatted(
                what,
                Arrays.stream(constants).map(Spelling::text).collect(Collectors.joining(", ")),
                text));
  }

  /** How a constant is spelled. */
  static String text(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
