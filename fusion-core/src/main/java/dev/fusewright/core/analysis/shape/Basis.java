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
package dev.fusewright.core.analysis.shape;

/** What a fact about a shape rests on, the strongest first. */
public enum Basis {
  /** ShapeFunctions, attributes and constants: it holds whatever the model is run on. */
  PROVEN,
  /** Also the declared types of the graph's inputs, which the caller promises to keep. */
  PROMISED,
  /** Also what the model says of inner values and outputs, which nobody checks. */
  STATED;

  /** What a fact rests on that follows from two others. */
  Basis and(Basis other) {
    return compareTo(other) >= 0 ? this : other;
  }

  /** Whether this is {@code other} or stronger. */
  public boolean isAtLeast(Basis other) {
    return compareTo(other) <= 0;
  }
}
