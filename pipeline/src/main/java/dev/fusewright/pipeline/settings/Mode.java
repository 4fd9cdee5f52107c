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

import dev.fusewright.core.modules.FusionMode;

/** What is done with models: with whose semantics they are fused, or what is held against what. */
public enum Mode {
  /** For inference: BatchNorm is folded into the weights before it. */
  EVAL,
  /** For quantization-aware training: sequences are built into QAT modules. */
  QAT,
  /** Nothing is fused: an entry's candidate is held against its original. A run's only. */
  VERIFY,
  /**
   * Nothing is fused: what was published is held against its receipt and original. A run's only.
   */
  AUDIT;

  /** Whether models are fused, and published. */
  public boolean fuses() {
    return this == EVAL || this == QAT;
  }

  /** Which of PyTorch's two ways of fusing is meant; what fuses nothing is about the first. */
  public FusionMode fusion() {
    return switch (this) {
      case EVAL, VERIFY, AUDIT -> FusionMode.EVAL;
      case QAT -> FusionMode.QAT;
    };
  }

  /** As the command line, catalogues and reports spell it. */
  public String text() {
    return Spelling.text(this);
  }
}
