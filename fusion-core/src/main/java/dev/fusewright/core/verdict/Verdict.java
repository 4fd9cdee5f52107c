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
package dev.fusewright.core.verdict;

/** Verdict of a check. */
public enum Verdict {
  /** The models answer the same, within a tolerance that the model itself justifies. */
  EQUIVALENT,
  /**
   * Every fusion is proven by itself; that its members are neighbours, and with which eps, is the
   * word of a list, a recipe or an option. The verdict of whole files only, never of a level.
   */
  AS_LISTED,
  /** They do not. */
  DIFFERENT,
  /** The check could not tell. */
  INCONCLUSIVE,
  /** Nobody asked. */
  NOT_CHECKED
}
