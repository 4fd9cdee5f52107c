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
package dev.fusewright.pipeline.cli;

import java.util.Locale;

/** How it is shown how far a run is. */
enum ProgressStyle {
  /** Drawn on a terminal, a line every so often elsewhere. */
  AUTO,
  /** One line that is drawn anew. */
  DRAWN,
  /** A line every so often. */
  PLAIN,
  /** Not at all. */
  NONE;

  /**
   * What the option says.
   *
   * @throws UsageException naming what there is
   */
  static ProgressStyle of(String word) {
    return switch (word) {
      case "auto" -> AUTO;
      case "plain" -> PLAIN;
      case "none" -> NONE;
      default ->
          throw new UsageException(
              String.format(
                  Locale.ROOT, "--progress: expected auto, plain or none, found '%s'", word));
    };
  }

  /** The style that is meant where standard error is, or is not, a terminal. */
  ProgressStyle on(boolean isTerminal) {
    return this == AUTO ? (isTerminal ? DRAWN : PLAIN) : this;
  }
}
