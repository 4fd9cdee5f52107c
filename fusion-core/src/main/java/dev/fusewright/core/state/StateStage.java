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
package dev.fusewright.core.state;

import dev.fusewright.core.modules.FusionMode;

/** Which of PyTorch's functions a state dict is taken through. */
public enum StateStage {
  /** {@code fuse_modules}: BatchNorms are folded into the layers before them. */
  EVAL(FusionMode.EVAL),
  /**
   * {@code fuse_modules_qat}: layers and BatchNorms move into modules for training; no value
   * changes.
   */
  QAT(FusionMode.QAT),
  /**
   * {@code fuse_modules_qat}, then {@code prepare_qat}: observers and fake-quantizers in their
   * initial state.
   */
  PREPARED(FusionMode.QAT);

  private final FusionMode mode;

  StateStage(FusionMode mode) {
    this.mode = mode;
  }

  /** Whose table of sequences holds. */
  public FusionMode mode() {
    return mode;
  }
}
