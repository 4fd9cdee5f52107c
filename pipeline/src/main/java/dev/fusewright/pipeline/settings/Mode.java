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

/** Whose semantics a model is fused with. */
public enum Mode {
  /** For inference: BatchNorm is folded into the weights before it. */
  EVAL,
  /** For quantization-aware training: sequences are built into QAT modules. */
  QAT;

  /** As the command line, catalogues and reports spell it. */
  public String text() {
    return Spelling.text(this);
  }
}
