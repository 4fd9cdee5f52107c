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

import dev.fusewright.core.analysis.Activation;
import dev.fusewright.core.rule.FusedActivations;
import dev.fusewright.core.rule.FusedActivations.Predecessor;
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
    Sequences sequences = new Sequences(reach, backend);
    List<Rule<?>> alone = new ArrayList<>();
    if (backend.isPresent()) {
      alone.add(
          sequences.layer(
              new RuleInfo("qat-conv", "The weight of a Conv is fake-quantized", "y = fq(W)∗x + b"),
              LayerType.CONV));
      alone.add(
          sequences.layer(
              new RuleInfo(
                  "qat-linear", "The weight of a Linear is fake-quantized", "y = x·fq(W) + b"),
              LayerType.LINEAR));
    }
    return new RuleSet(name, sequences.fusions(), alone);
  }

  /** Makes the rules of the sequences that are fused, the longest first. */
  private record Sequences(Reach reach, Optional<QatBackend> backend) {
    List<Rule<?>> fusions() {
      FusedActivations fused = QatBackend.fused(backend);
      List<Rule<?>> rules = new ArrayList<>();
      for (Activation activation : fused.behind(Predecessor.CONV_NORM)) {
        rules.add(
            normed(
                info("conv-bn", "Conv, BatchNorm", "ConvBn", "BN(W∗x + b)", activation),
                LayerType.CONV,
                Optional.of(activation)));
      }
      rules.add(
          normed(
              new RuleInfo(
                  "qat-conv-bn", "Conv and BatchNorm become a ConvBn", "ConvBn(x) = BN(W∗x + b)"),
              LayerType.CONV,
              Optional.empty()));
      rules.add(
          normed(
              new RuleInfo(
                  "qat-linear-bn",
                  "Linear and BatchNorm become a LinearBn1d",
                  "LinearBn1d(x) = BN(xW + b)"),
              LayerType.LINEAR,
              Optional.empty()));
      for (Activation activation : fused.behind(Predecessor.CONV)) {
        rules.add(
            activated(
                info("conv", "Conv", "Conv", "W∗x + b", activation), LayerType.CONV, activation));
      }
      for (Activation activation : fused.behind(Predecessor.LINEAR)) {
        rules.add(
            activated(
                info("linear", "Linear", "Linear", "xW + b", activation),
                LayerType.LINEAR,
                activation));
      }
      for (Activation activation : fused.behind(Predecessor.NORM)) {
        rules.add(
            normed(
                info("bn", "BatchNorm", "BN", "BN(x)", activation),
                LayerType.NONE,
                Optional.of(activation)));
      }
      rules.add(new UnsupportedInQat());
      return rules;
    }

    QatFusion layer(RuleInfo info, LayerType layer) {
      return new QatFusion(info, layer, /* hasNorm= */ false, Optional.empty(), reach, backend);
    }

    private QatFusion normed(RuleInfo info, LayerType layer, Optional<Activation> activation) {
      return new QatFusion(info, layer, /* hasNorm= */ true, activation, reach, backend);
    }

    private QatFusion activated(RuleInfo info, LayerType layer, Activation activation) {
      return new QatFusion(
          info, layer, /* hasNorm= */ false, Optional.of(activation), reach, backend);
    }

    private static RuleInfo info(
        String id, String layers, String module, String computed, Activation activation) {
      String result = FusedActivations.moduleName(module, activation, /* spatialRank= */ 0);
      return new RuleInfo(
          "qat-%s-%s".formatted(id, activation.id()),
          "%s and %s become a %s".formatted(layers, activation.torchName(), result),
          "%s(x) = %s".formatted(result, activation.formula(computed)));
    }
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
