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

import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.tensor.TensorReadException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A plan that can be carried out as a whole. Fusions that together break the graph, although each
 * was right when it was planned, are refused as {@link Reason#DEFECT}; the rest stays.
 */
final class ApplicablePlan {
  private static final Logger LOG = LoggerFactory.getLogger(ApplicablePlan.class);

  private ApplicablePlan() {}

  static FusionPlan of(FusionPlan planned) throws Exception {
    FusionPlan plan = planned;
    while (!isApplicable(plan)) {
      plan =
          plan.refusing(
              Bisection.culprits(plan, FusionPlan::without, part -> !isApplicable(part)),
              Reason.DEFECT);
    }
    return plan;
  }

  private static boolean isApplicable(FusionPlan plan) {
    if (!plan.changesModel()) {
      return true;
    }
    try {
      plan.apply();
      return true;
    } catch (TensorReadException e) {
      throw e; // The file's fault.
    } catch (RuntimeException | StackOverflowError e) {
      LOG.debug("{} fusions cannot be carried out together", plan.fusions().size(), e);
      return false;
    }
  }
}
