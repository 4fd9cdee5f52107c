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

import dev.fusewright.core.state.StateDict;

/**
 * A state dict and where it was found.
 *
 * @param path in the checkpoint
 * @param origin what held it
 * @param state names exactly as in the file
 */
public record NestedState(StatePath path, Origin origin, StateDict state) {
  /** What held a state dict. */
  public enum Origin {
    /** A dict of tensors: what {@code model.state_dict()} gives. */
    STATE_DICT,
    /** A whole pickled module, whose code is neither had nor wanted. */
    MODULE,
    /** A TorchScript archive. */
    SCRIPT
  }
}
