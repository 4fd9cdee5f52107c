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

/**
 * What an initializer is that is also a graph input, which callers may override from IR version 4
 * on.
 */
public enum InputPolicy {
  /** Overridable: it is not folded, and the report says so. */
  KEEP,
  /** A constant: it is removed from the inputs, and callers can no longer override it. */
  FREEZE
}
