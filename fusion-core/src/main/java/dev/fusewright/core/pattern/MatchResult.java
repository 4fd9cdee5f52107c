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
package dev.fusewright.core.pattern;

import dev.fusewright.core.plan.Reason;

/** Result of looking for a pattern at one node. */
public sealed interface MatchResult {
  /** The pattern is there. */
  record Found(Match match) implements MatchResult {}

  /** The operators are there in that order, but what lies between them is not theirs alone. */
  record NearMiss(Match match, Reason reason, String message) implements MatchResult {}

  /**
   * The pattern is not there.
   *
   * @param nearest where the attempt ended that found most of it
   */
  record None(Miss nearest) implements MatchResult {}
}
