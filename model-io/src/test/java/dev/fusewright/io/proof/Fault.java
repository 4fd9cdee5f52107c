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
package dev.fusewright.io.proof;

/**
 * What can go wrong in a fold. Each changes the parameters of one site, consistently with
 * everything else.
 */
enum Fault {
  SCALE_ALONG_THE_WRONG_AXIS,
  SCALE_TRANSPOSED,
  NEIGHBOURS_SCALE,
  NEIGHBOURS_WEIGHT,
  GROUPS_SWAPPED,
  /** As if a Flatten repeated channels one after another instead of in turn. */
  REPEATED_IN_THE_WRONG_ORDER,
  TWO_CHANNELS_SWAPPED,
  ONE_CHANNEL_OFF_BY_ONE_PERCENT,
  ONE_CHANNEL_NEGATED,
  EPSILON_DROPPED,
  VARIANCE_FOR_DEVIATION,
  GAMMA_FORGOTTEN,
  BETA_FORGOTTEN,
  MEAN_STALE,
  BIAS_LOST,
  BIAS_DOUBLED,
  WEIGHT_NOT_SCALED,
  RELU_BEFORE_THE_NORM
}
