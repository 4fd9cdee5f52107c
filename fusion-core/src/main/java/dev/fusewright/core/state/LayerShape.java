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

import dev.fusewright.core.tensor.Shape;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which operator a layer of a state dict is, as far as its weight and the BatchNorm behind it tell.
 *
 * <p>A Conv has its output channels on axis 0 whatever its groups are; a ConvTranspose {@code [in,
 * out/groups, …]} on axis 1. Nothing in a state dict says which of the two a layer is. The
 * BatchNorm's channels tell it where the two axes differ. Where they do not, a layer is a Conv,
 * unless the same list holds a layer that must be a ConvTranspose: then it is not proven.
 *
 * @param operator the layer's
 * @param groups of a ConvTranspose; those of a Conv make no difference to what is folded
 */
record LayerShape(Operator operator, int groups) {
  /** The operators that layers of state dicts are. */
  enum Operator {
    CONV,
    CONV_TRANSPOSE,
    LINEAR
  }

  /** The shape of a layer before a BatchNorm of so many channels; empty if they do not fit. */
  static Optional<LayerShape> of(StateModule layer, long channels, Set<String> transposed) {
    Shape weight = layer.shape("weight");
    if (weight.rank() == 2) {
      return weight.dim(0) == channels
          ? Optional.of(new LayerShape(Operator.LINEAR, 1))
          : Optional.empty();
    }
    if (transposed.contains(layer.name()) || weight.dim(0) != channels) {
      long perGroup = weight.dim(1);
      boolean divides = perGroup > 0 && channels % perGroup == 0;
      long groups = divides ? channels / perGroup : 0;
      if (groups < 1 || weight.dim(0) % groups != 0 || groups > Integer.MAX_VALUE) {
        return Optional.empty();
      }
      return Optional.of(new LayerShape(Operator.CONV_TRANSPOSE, (int) groups));
    }
    return Optional.of(new LayerShape(Operator.CONV, 1));
  }

  /** Whether the same weight could belong to a Conv and to a ConvTranspose of as many channels. */
  static boolean isAmbiguous(StateModule layer, long channels) {
    Shape weight = layer.shape("weight");
    return weight.rank() > 2 && weight.dim(0) == channels && weight.dim(1) == channels;
  }

  /**
   * Whether a ConvTranspose could have the weight of what is taken for a Conv, and be folded
   * another way: with a channel per group, both are folded along the first axis.
   */
  static boolean couldBeTransposed(StateModule layer, long channels) {
    Shape weight = layer.shape("weight");
    return weight.rank() > 2
        && weight.dim(0) == channels
        && weight.dim(1) > 1
        && channels % weight.dim(1) == 0;
  }

  /**
   * The layers among these pairs of a layer and its BatchNorm's channels that must be transposed.
   */
  static boolean isProvenTransposed(StateModule layer, long channels) {
    List<Long> dims = layer.shape("weight").dims();
    return dims.size() > 2 && dims.get(0) != channels && of(layer, channels, Set.of()).isPresent();
  }
}
