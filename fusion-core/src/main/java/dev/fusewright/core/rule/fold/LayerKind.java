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
package dev.fusewright.core.rule.fold;

/**
 * The layers that torch folds a BatchNorm into: their biases are folded in different orders of
 * operations.
 */
public enum LayerKind {
  /** Conv and ConvTranspose: {@code (((b − mean)·r)·gamma) + beta}. */
  CONV,
  /** Linear: {@code ((b − mean)·(gamma·r)) + beta}. */
  LINEAR
}
