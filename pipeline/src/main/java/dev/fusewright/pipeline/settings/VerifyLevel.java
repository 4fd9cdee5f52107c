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

/** How much is proven of a fused model before it is published. */
public enum VerifyLevel {
  /** Nothing. */
  NONE,
  /** Every fusion by itself: its certificate, and its sub-graph before and after. */
  SITE,
  /** The whole model, run before and after. */
  MODEL,
  /** Both. */
  ALL;

  /** Whether fusions are proven one by one. */
  public boolean checksSites() {
    return this == SITE || this == ALL;
  }

  /** Whether whole models are run. */
  public boolean checksModel() {
    return this == MODEL || this == ALL;
  }
}
