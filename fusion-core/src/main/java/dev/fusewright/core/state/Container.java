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

import dev.fusewright.core.analysis.Activation;
import java.util.Optional;

/**
 * What stands where the first module of a group stood.
 *
 * @param layer the layer (or, alone with an activation, the BatchNorm), already folded where it is
 *     to be
 * @param norm the BatchNorm that moves in unfolded
 * @param activation that moves in
 */
record Container(StateModule layer, Optional<StateModule> norm, Optional<Activation> activation) {
  /** A folded layer without an activation needs no container. */
  boolean isBare() {
    return norm.isEmpty() && activation.isEmpty();
  }

  /** The number of axes that a convolution slides over; 0 for a Linear, −1 for a BatchNorm. */
  int dimensions() {
    return layer.isLayer() ? layer.shape("weight").rank() - 2 : -1;
  }
}
