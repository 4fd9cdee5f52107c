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

import java.util.Optional;

/**
 * What stands where the first module of a group stood.
 *
 * @param layer the layer (or, alone with a ReLU, the BatchNorm), already folded where it is to be
 * @param norm the BatchNorm that moves in unfolded
 * @param hasRelu whether a ReLU moves in
 */
record Container(StateModule layer, Optional<StateModule> norm, boolean hasRelu) {
  /** A folded layer, which needs no container. */
  static Container bare(StateModule layer) {
    return new Container(layer, Optional.empty(), false);
  }

  static Container withRelu(StateModule layer) {
    return new Container(layer, Optional.empty(), true);
  }

  static Container withNorm(StateModule layer, StateModule norm, boolean hasRelu) {
    return new Container(layer, Optional.of(norm), hasRelu);
  }

  boolean isBare() {
    return norm.isEmpty() && !hasRelu;
  }

  /** The number of axes that a convolution slides over; 0 for a Linear, −1 for a BatchNorm. */
  int dimensions() {
    return layer.isLayer() ? layer.shape("weight").rank() - 2 : -1;
  }
}
