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
package dev.fusewright.io.format;

/**
 * Something in a checkpoint that is no state dict: an optimizer, an epoch, metadata.
 *
 * @param path such as {@code optimizer.param_groups}
 * @param description for people, such as {@code dict of 2} or {@code float 91.7}
 * @param disposition what writing does with it
 */
public record ExtraEntry(StatePath path, String description, Disposition disposition) {
  /** What writing does with it. */
  public enum Disposition {
    /** It is written again. */
    CARRIED,
    /** It is left out, since it cannot be written without running code; the report names it. */
    DROPPED
  }
}
