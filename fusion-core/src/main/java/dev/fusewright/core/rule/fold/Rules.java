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

import static dev.fusewright.core.rule.fold.FoldArithmetic.EXACT;
import static dev.fusewright.core.rule.fold.FoldArithmetic.TORCH;

import dev.fusewright.core.rule.FusedActivations;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleSet;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The rules, in order. */
public final class Rules {
  private static final List<Rule<?>> CONTAINERS = ActivationContainer.of(FusedActivations.NATIVE);

  private Rules() {}

  /** Exactly PyTorch's table of {@code fuse_modules}, with its arithmetic. */
  public static RuleSet torch() {
    return new RuleSet(
        "torch",
        List.of(
            new ConvBatchNormFold(TORCH),
            new ConvTransposeBatchNormFold(TORCH),
            new GemmBatchNormFold(TORCH),
            new MatMulBatchNormFold(TORCH)),
        CONTAINERS);
  }

  /**
   * Every sound fold, computed in float64 and rounded once.
   *
   * <p>The order: what only stands in the way goes first; a layer takes what follows it before a
   * norm could, so that norms vanish instead of growing; folds forward come last, since they read
   * whole weights.
   */
  public static RuleSet inference() {
    return new RuleSet(
        "inference",
        List.of(
            PassThroughRemoval.identity(),
            PassThroughRemoval.dropout(),
            new MatMulAddToGemm(),
            new ConvBatchNormFold(EXACT),
            new ConvTransposeBatchNormFold(EXACT),
            new GemmBatchNormFold(EXACT),
            new MatMulBatchNormFold(EXACT),
            new LayoutBatchNormFold(EXACT),
            new ConcatBatchNormFold(),
            LayerElementwiseFold.conv(),
            LayerElementwiseFold.convTranspose(),
            LayerElementwiseFold.gemm(),
            LayerElementwiseFold.matMul(),
            new LayoutElementwiseFold(),
            BatchNormAffineFold.batchNorm(),
            BatchNormAffineFold.elementwise(),
            NeutralElementwiseRemoval.ofOne(),
            NeutralElementwiseRemoval.ofZero(),
            ConstantChainMerge.mul(),
            ConstantChainMerge.add(),
            new UnsqueezeSqueezeRemoval(),
            new ReluClipMerge(),
            PadMerge.conv(),
            PadMerge.averagePool(),
            new BatchNormConvFold(),
            new BatchNormGemmFold()),
        CONTAINERS);
  }

  /**
   * The set that {@code --rules} names: {@code inference}, {@code torch}, or a comma-separated list
   * of ids from the inference set.
   *
   * @throws IllegalArgumentException naming the unknown id and the known ones
   */
  public static RuleSet named(String name) {
    if (name.equals("torch")) {
      return torch();
    }
    RuleSet all = inference();
    if (name.equals("inference")) {
      return all;
    }
    Set<String> ids = Arrays.stream(name.split(",")).map(String::strip).collect(Collectors.toSet());
    Set<String> known = all.stream().map(rule -> rule.info().id()).collect(Collectors.toSet());
    for (String id : ids) {
      if (!known.contains(id)) {
        throw new IllegalArgumentException(
            "unknown rule '%s'; known are inference, torch, and %s"
                .formatted(id, known.stream().sorted().collect(Collectors.joining(", "))));
      }
    }
    return new RuleSet(name, chosen(all.folds(), ids), chosen(all.containers(), ids));
  }

  private static List<Rule<?>> chosen(List<Rule<?>> rules, Set<String> ids) {
    return rules.stream()
        .<Rule<?>>map(rule -> rule)
        .filter(rule -> ids.contains(rule.info().id()))
        .toList();
  }
}
