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

/** The least that must be shown of a fused model before it is published. */
public enum Require {
  /** That it computes the same, by data flow that the file or a companion graph shows. */
  EQUIVALENT,
  /** That every pair is proven; that its members are neighbours may be the list's word. */
  AS_LISTED
}
