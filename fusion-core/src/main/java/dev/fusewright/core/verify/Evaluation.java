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
package dev.fusewright.core.verify;

/** Order of a model's arithmetic: one of the legitimate ones. */
public enum Evaluation {
  /**
   * As the file says, operator by operator: no graph optimization. Both sides of a comparison are
   * run so.
   */
  PLAIN,
  /**
   * In another order that the runner holds to be as good: its own optimizations, another thread
   * count. Only the original is run so, to learn how far its answers move when nothing is changed.
   */
  REORDERED
}
