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

import dev.fusewright.core.rule.FusedActivations;
import java.util.Optional;

/** PyTorch's names of the modules that fusing makes. */
final class Modules {
  private Modules() {}

  static String conv(int spatialRank) {
    return "Conv" + spatialRank + "d";
  }

  static String conv(int spatialRank, Optional<Follower> follower) {
    return follower
        .map(it -> FusedActivations.moduleName("Conv", it.activation(), spatialRank))
        .orElseGet(() -> conv(spatialRank));
  }

  static String convTranspose(int spatialRank) {
    return "ConvTranspose" + spatialRank + "d";
  }
}
