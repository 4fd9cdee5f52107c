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
package dev.fusewright.core.engine;

import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;

/** What the fusions of one model may cost together. */
record Budgets(CloneBudget clones, GrowthBudget growth) {

  /** Refuses what would exceed a budget. */
  Decision<SiteGrowth> exceededBy(SiteGrowth site) {
    if (!clones.allows(site.copied())) {
      return Decision.refuse(
          Reason.CLONE_BUDGET,
          "parameters of %d bytes are read by others too and would have to be copied; %d bytes are left for that",
          site.copied(),
          clones.left());
    }
    return growth.allows(site.added())
        ? Decision.sound(site)
        : Decision.refuse(
            Reason.GROWTH,
            "%d bytes would be stored that are computed or shared; the parameters of the model take %d bytes by now, and took %d",
            site.added(),
            growth.size(),
            growth.original());
  }

  void spend(SiteGrowth site) {
    clones.spend(site.copied());
    growth.spend(site.added());
  }
}
