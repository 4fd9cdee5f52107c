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

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.proof.FusionProof;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.testing.UsesRealModels;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.testing.RealModels;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Right folds of real models are proven, and faults that are put into them, one at a time, are all
 * seen: the proof has power, and raises no false alarm.
 */
@UsesRealModels
class FaultDetectionTest {
  /**
   * Enough of a model to have met small and large layers, grouped and not, near the input and the
   * output.
   */
  private static final int SITES_PER_MODEL = 3;

  private static final double SMALLEST_FAULT = 1e-6;

  /**
   * Its norms were never trained: gamma 1, beta and mean 0, variance 1, so that several faults
   * change nothing.
   */
  @Test
  void an_untrained_norm_is_proven_and_what_can_be_wrong_with_it_is_seen(TestReporter reporter) {
    assertThat(kindsSeen("s10_deeploy_autoencoder1d/network.onnx", reporter))
        .contains(
            Fault.ONE_CHANNEL_OFF_BY_ONE_PERCENT,
            Fault.ONE_CHANNEL_NEGATED,
            Fault.EPSILON_DROPPED,
            Fault.RELU_BEFORE_THE_NORM);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s01_rfb320/version-RFB-320.onnx",
        "s03_ppocr_cls/ch_ppocr_mobile_v2.0_cls_infer.onnx",
        "s04_ppocrv3_det/ch_PP-OCRv3_det_infer.onnx",
        "s06_light_inception_v2/light_inception_v2.onnx",
        "s19_torchvision_basic/mobilenet_v2/mobilenet_v2.onnx",
        "s20_torchvision_small/conv1d_net/conv1d_net.onnx",
        "s20_torchvision_small/dcgan_generator/dcgan_generator.onnx",
        "s20_torchvision_small/pointnet/pointnet.onnx",
        "s20_torchvision_small/tcn_weightnorm/tcn_weightnorm.onnx",
        "s20_torchvision_small/unet_bn/unet_bn.onnx"
      })
  void every_fault_in_a_real_model_is_seen_and_right_folds_are_proven(
      String file, TestReporter reporter) {
    assertThat(kindsSeen(file, reporter)).hasSizeGreaterThanOrEqualTo(12);
  }

  /** Proves a model, injects every fault that changes something, and requires each to be seen. */
  private static Set<Fault> kindsSeen(String file, TestReporter reporter) {
    try (GraphCheckpoint model = Formats.openGraph(RealModels.file(file))) {
      FusionPlan plan = new FusionEngine(Rules.inference()).plan(model.graph().frozen());
      ModelGraph fused = plan.apply();
      FusionProof right = FusionProof.of(plan, fused, 1);
      assertThat(right.certificate().verdict())
          .as(right.certificate().reason())
          .isEqualTo(Verdict.EQUIVALENT);
      assertThat(right.site().verdict()).as(right.site().reason()).isEqualTo(Verdict.EQUIVALENT);

      double smallest = 0;
      Map<Fault, Integer> injected = new EnumMap<>(Fault.class);
      for (FaultySite site : sites(plan, fused)) {
        FusionPlan only = onlyAround(plan, site);
        for (Fault fault : Fault.values()) {
          Optional<ModelGraph> faulty = site.with(fault);
          if (faulty.isPresent()) {
            injected.merge(fault, 1, Integer::sum);
            assertThat(isSeen(only, faulty.get())).as("%s in '%s'", fault, site.label()).isTrue();
          }
        }
        assertThat(isSeen(only, site.offBy(SMALLEST_FAULT)))
            .as("one channel of '%s' off by %s", site.label(), SMALLEST_FAULT)
            .isTrue();
        smallest = Math.max(smallest, smallestSeen(only, site));
      }
      reporter.publishEntry(
          file,
          "%d kinds of faults, %d injected, all seen; the smallest seen at every site is %.1e on one channel"
              .formatted(
                  injected.size(),
                  injected.values().stream().mapToInt(Integer::intValue).sum(),
                  smallest));
      return injected.keySet();
    }
  }

  private static double smallestSeen(FusionPlan plan, FaultySite site) {
    double part = SMALLEST_FAULT;
    while (isSeen(plan, site.offBy(part / 2))) {
      part /= 2;
    }
    return part;
  }

  private static boolean isSeen(FusionPlan plan, ModelGraph faulty) {
    return FusionProof.of(plan, faulty, 1).certificate().verdict() == Verdict.DIFFERENT;
  }

  /**
   * The plan with the fusions of one site alone: the others need not be proven again for each
   * fault.
   */
  private static FusionPlan onlyAround(FusionPlan plan, FaultySite site) {
    return new FusionPlan(
        plan.original(),
        plan.fusions().stream()
            .filter(fusion -> fusion.nodeIds().contains(site.layerId()))
            .toList(),
        List.of(),
        List.of());
  }

  private static List<FaultySite> sites(FusionPlan plan, ModelGraph fused) {
    List<FaultySite> all = new ArrayList<>();
    for (Fusion fusion : plan.fusions()) {
      FaultySite.of(plan, fused, fusion).ifPresent(all::add);
    }
    assertThat(all).isNotEmpty();
    Set<Integer> chosen = new HashSet<>();
    for (int i = 0; i < SITES_PER_MODEL; i++) {
      chosen.add(i * (all.size() - 1) / Math.max(1, SITES_PER_MODEL - 1));
    }
    return chosen.stream().sorted().map(all::get).toList();
  }
}
