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
package dev.fusewright.core.rule.qat;

import static dev.fusewright.core.graph.OpKind.BATCH_NORMALIZATION;
import static dev.fusewright.core.graph.OpKind.CONV_TRANSPOSE;

import dev.fusewright.core.pattern.Capture;
import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.Pattern;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleInfo;

/** Says why a BatchNorm after a ConvTranspose stays: PyTorch has no QAT module for the two. */
final class UnsupportedInQat implements Rule<Void> {
  private static final Capture LAYER = Capture.named("conv transpose");

  @Override
  public RuleInfo info() {
    return new RuleInfo(
        "qat-conv-transpose-bn",
        "ConvTranspose and BatchNorm have no QAT module",
        "Fusing ConvTranspose+BatchNorm not yet supported in QAT");
  }

  @Override
  public Pattern pattern() {
    return Pattern.node(BATCH_NORMALIZATION)
        .as(Capture.named("batch norm"))
        .fedBy(0, Pattern.node(CONV_TRANSPOSE).as(LAYER));
  }

  @Override
  public Decision<Void> check(Match match) {
    return Decision.refuse(
        Reason.QAT_UNSUPPORTED,
        "Fusing ConvTranspose+BatchNorm not yet supported in QAT: '%s' is a ConvTranspose",
        match.node(LAYER).label());
  }

  @Override
  public Rewrite rewrite(Match match, Void facts) {
    throw new IllegalStateException("no site of this rule is sound");
  }
}
