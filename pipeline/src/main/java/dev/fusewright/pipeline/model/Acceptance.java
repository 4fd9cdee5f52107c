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
package dev.fusewright.pipeline.model;

import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.Require;
import dev.fusewright.pipeline.settings.VerifyLevel;

/** Decides whether what was found of a candidate is enough to publish it. */
public final class Acceptance {
  private Acceptance() {}

  public static boolean accepts(FuseSettings settings, Equivalence found) {
    return switch (found.verdict()) {
      case EQUIVALENT -> true;
      case AS_LISTED ->
          switch (settings.require()) {
            case EQUIVALENT -> false;
            case AS_LISTED -> true;
          };
      case DIFFERENT -> false;
      case INCONCLUSIVE -> settings.doubt() == FuseSettings.Doubtful.ACCEPT;
      case NOT_CHECKED ->
          settings.proof() == VerifyLevel.NONE && settings.require() != Require.EQUIVALENT;
    };
  }

  public static void judge(FuseSettings settings, Equivalence found) throws RejectedException {
    if (!accepts(settings, found)) {
      throw new RejectedException(found.verdict(), found);
    }
  }
}
