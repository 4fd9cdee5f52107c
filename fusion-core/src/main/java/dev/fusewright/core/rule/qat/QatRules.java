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

import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleInfo;
import dev.fusewright.core.rule.RuleSet;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.rule.qat.QatFusion.Reach;
import dev.fusewright.core.rule.qat.QatModule.LayerType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The rules of {@code --mode qat}, as sets for the engine and for module lists. */
public final class QatRules {
  private QatRules() {}

  /** {@code fuse_modules_qat} on every sequence of a model, longest first. */
  public static RuleSet construction() {
    return set("qat", Reach.LONGEST, Optional.empty());
  }

  /**
   * The same, and then {@code prepare_qat}: weights are fake-quantized as the backend's default
   * configuration says, also those of layers that stand alone.
   */
  public static RuleSet prepared(QatBackend backend) {
    return set("qat-" + backend.text(), Reach.LONGEST, Optional.of(backend));
  }

  /**
   * The rules for sequences that a module list names.
   *
   * @param backend for which the weights are fake-quantized, if they are
   */
  public static RuleSet listed(Optional<QatBackend> backend) {
    return set("qat" + backend.map(it -> "-" + it.text()).orElse(""), Reach.AS_NAMED, backend);
  }

  private static RuleSet set(String name, Reach reach, Optional<QatBackend> backend) {
    List<Rule<?>> alone = new ArrayList<>();
    if (backend.isPresent()) {
      alone.add(
          new QatFusion(
              new RuleInfo("qat-conv", "The weight of a Conv is fake-quantized", "y = fq(W)∗x + b"),
              LayerType.CONV,
              /* hasNorm= */ false,
              /* hasRelu= */ false,
              reach,
              backend));
      alone.add(
          new QatFusion(
              new RuleInfo(
                  "qat-linear", "The weight of a Linear is fake-quantized", "y = x·fq(W) + b"),
              LayerType.LINEAR,
              /* hasNorm= */ false,
              /* hasRelu= */ false,
              reach,
              backend));
    }
    return new RuleSet(name, fusions(reach, backend), alone);
  }

  private static List<Rule<?>> fusions(Reach reach, Optional<QatBackend> backend) {
    return List.of(
        new QatFusion(
            new RuleInfo(
                "qat-conv-bn-relu",
                "Conv, BatchNorm and ReLU become a ConvBnReLU",
                "ConvBnReLU(x) = max(0, BN(W∗x + b))"),
            LayerType.CONV,
            /* hasNorm= */ true,
            /* hasRelu= */ true,
            reach,
            backend),
        new QatFusion(
            new RuleInfo(
                "qat-conv-bn", "Conv and BatchNorm become a ConvBn", "ConvBn(x) = BN(W∗x + b)"),
            LayerType.CONV,
            /* hasNorm= */ true,
            /* hasRelu= */ false,
            reach,
            backend),
        new QatFusion(
            new RuleInfo(
                "qat-linear-bn",
                "Linear and BatchNorm become a LinearBn1d",
                "LinearBn1d(x) = BN(xW + b)"),
            LayerType.LINEAR,
            /* hasNorm= */ true,
            /* hasRelu= */ false,
            reach,
            backend),
        new QatFusion(
            new RuleInfo(
                "qat-conv-relu",
                "Conv and ReLU become a ConvReLU",
                "ConvReLU(x) = max(0, W∗x + b)"),
            LayerType.CONV,
            /* hasNorm= */ false,
            /* hasRelu= */ true,
            reach,
            backend),
        new QatFusion(
            new RuleInfo(
                "qat-linear-relu",
                "Linear and ReLU become a LinearReLU",
                "LinearReLU(x) = max(0, xW + b)"),
            LayerType.LINEAR,
            /* hasNorm= */ false,
            /* hasRelu= */ true,
            reach,
            backend),
        new QatFusion(
            new RuleInfo(
                "qat-bn-relu", "BatchNorm and ReLU become a BNReLU", "BNReLU(x) = max(0, BN(x))"),
            LayerType.NONE,
            /* hasNorm= */ true,
            /* hasRelu= */ true,
            reach,
            backend),
        new UnsupportedInQat());
  }

  /**
   * PyTorch's {@code to_float} and then {@code fuse_modules}: every QAT module becomes the plain
   * layer again, with its BatchNorm folded in and without fake-quantization.
   */
  public static RuleSet toFloat() {
    List<Rule<?>> folds = new ArrayList<>();
    folds.add(new QatToFloat());
    folds.addAll(Rules.torch().folds());
    return new RuleSet("to-float", folds, Rules.torch().containers());
  }
}
