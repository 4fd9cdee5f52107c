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

import dev.fusewright.core.rule.fold.BatchNorm;
import dev.fusewright.core.rule.fold.LayerKind;
import dev.fusewright.core.tensor.ChannelAxis;
import dev.fusewright.core.tensor.Tensor;
import java.util.Optional;

/**
 * A layer and the BatchNorm that was folded into it, before and after: what a check needs to judge
 * the fold.
 *
 * @param layer dotted name of the layer
 * @param norm dotted name of the BatchNorm
 * @param kind of the layer
 * @param axis where the weight has its output channels
 * @param weight before
 * @param bias before, if there was one
 * @param parameters of the BatchNorm
 * @param foldedWeight after
 * @param foldedBias after
 */
public record FoldedPair(
    String layer,
    String norm,
    LayerKind kind,
    ChannelAxis axis,
    Tensor weight,
    Optional<Tensor> bias,
    BatchNorm parameters,
    Tensor foldedWeight,
    Tensor foldedBias) {}
