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
package dev.fusewright.pipeline.report;

import java.util.regex.Pattern;

/** What messages of one cause have in common, so that the cause is said once. */
public final class CauseWords {
  /**
   * What differs between two messages of one cause: names in quotes, paths, digests and numbers.
   */
  private static final Pattern PARTICULAR =
      Pattern.compile(
          "'[^'\n]{0,200}'|\"[^\"\n]{0,200}\"|[^\\s,:;()]*/[^\\s,:;()]*|[0-9a-f]{64}|[0-9]+");

  private CauseWords() {}

  /** A message without what is particular to the model that it is about. */
  public static String of(String message) {
    return PARTICULAR.matcher(message).replaceAll("…");
  }
}
