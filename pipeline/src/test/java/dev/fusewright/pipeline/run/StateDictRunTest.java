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
package dev.fusewright.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fusewright.core.testing.UsesFlink;
import dev.fusewright.core.testing.UsesRealModels;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.report.ReportFiles;
import dev.fusewright.pipeline.settings.Settings;
import dev.fusewright.report.BesideRecord;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import dev.fusewright.report.RefusalRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints of other people in a catalogue, on a real Flink, embedded in this JVM. */
@UsesFlink
@UsesRealModels
final class StateDictRunTest {
  @TempDir Path folder;

  @Test
  void checkpoints_are_fused_as_their_entries_say_and_those_that_say_nothing_are_copied()
      throws Exception {
    String models = System.getenv("FUSEWRIGHT_MODELS");
    assumeTrue(models != null && !models.isEmpty(), "FUSEWRIGHT_MODELS is not set: no real models");
    Path catalogue = folder.resolve("catalogue.jsonl");
    Files.write(
        catalogue,
        List.of(
            entry(models, "listed", "s15_resnet20_cifar/resnet20-12fca82f.th")
                + ", \"fuse\": [[\"conv1\", \"bn1\"], [\"layer*.*.conv{n}\", \"layer*.*.bn{n}\"]]}",
            entry(models, "safe", "s16_burn_mnist_pt/mnist.safetensors")
                + ", \"fuse\": [[\"fc2\", \"norm2\"]], \"eps\": 1e-5}",
            entry(models, "recipe", "s19_torchvision_basic/mobilenet_v2/mobilenet_v2.pth")
                + ", \"fuse\": \"recipe:mobilenet_v2\"}",
            entry(models, "whole", "s20_torchvision_small/conv1d_net/conv1d_net.pth")
                + ", \"graph\": \"%s/s20_torchvision_small/conv1d_net/conv1d_net.onnx\"}"
                    .formatted(models),
            entry(models, "training", "s18_winml_classifier/myFirstModel.pth")
                + ", \"fuse\": [[\"conv{n}\", \"bn{n}\"]], \"mode\": \"qat\"}",
            "{\"id\": \"trained\", \"uri\": \"%s\"".formatted(trained())
                + ", \"fuse\": [[\"conv1\", \"bn1\", \"relu\"], [\"conv2\", \"bn2\"], [\"fc\", \"bnf\"]]}",
            entry(models, "other-graph", "s18_winml_classifier/myFirstModel.pth")
                + ", \"graph\": \"%s/s20_torchvision_small/conv1d_net/conv1d_net.onnx\"}"
                    .formatted(models),
            entry(models, "unnamed", "s14_lprnet/Final_LPRNet_model.pth") + "}"));

    Map<String, FusionReport> reports = run(catalogue);

    assertThat(reports).hasSize(8);
    assertFused(reports.get("listed"), 19, "NOT_CHECKED");
    assertFused(reports.get("safe"), 1, "NOT_CHECKED");
    assertFused(reports.get("recipe"), 52, "NOT_CHECKED");
    assertFused(reports.get("whole"), 5, "EQUIVALENT");
    assertFused(reports.get("training"), 4, "NOT_CHECKED");
    assertFused(reports.get("trained"), 3, "NOT_CHECKED");
    assertRefused(reports.get("other-graph"), "OTHER_GRAPH", "the state dict has no '");
    assertCopied(reports.get("unnamed"), "NOT_NAMED", "[\"backbone.0\", \"backbone.1\"]");
    assertThat(reports.get("listed").getBeside())
        .extracting(BesideRecord::getPath, BesideRecord::getFate)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("best_prec1", "carried"));
    assertThat(reports.get("whole").getRules()).isEqualTo("torch");
    assertThat(keys("listed.th")).contains("module.layer1.0.conv1.bias");
    assertThat(keys("safe.safetensors")).contains("fc2.bias").doesNotContain("norm2.weight");
    assertThat(keys("trained.pth"))
        .containsExactlyInAnyOrder(
            "conv1.0.weight", "conv1.0.bias", "conv2.weight", "conv2.bias", "fc.weight", "fc.bias");
    assertThat(keys("training.pth")).contains("conv1.0.weight", "conv1.1.running_var");
    assertThat(folder.resolve("out/unnamed.pth"))
        .hasSameBinaryContentAs(Path.of(models, "s14_lprnet/Final_LPRNet_model.pth"));
    assertThat(folder.resolve("out/other-graph.pth")).doesNotExist();
  }

  /** A state dict of real quantization-aware training. */
  private static Path trained() throws Exception {
    return Path.of(
        Objects.requireNonNull(
                StateDictRunTest.class.getResource("/cases/torch/c36b_qat_trained_list.t2.pth"))
            .toURI());
  }

  private static String entry(String models, String id, String file) {
    return "{\"id\": \"%s\", \"uri\": \"%s/%s\"".formatted(id, models, file);
  }

  private Map<String, FusionReport> run(Path catalogue) throws Exception {
    FuseRun.Ended ended =
        TestRuns.into(folder.resolve("out"), Location.of(catalogue), Settings.NONE)
            .execute(begun -> {});
    Map<String, FusionReport> reports = new TreeMap<>();
    var store = Stores.of(StorageConfiguration.defaults());
    for (var part : store.list(ended.folder().resolve("part-*.avro"))) {
      ReportFiles.read(store, part.location(), report -> reports.put(report.getId(), report));
    }
    return reports;
  }

  private static void assertFused(FusionReport report, int fusions, String whole) {
    assertThat(report.getOutcome()).as("%s", report).isEqualTo(Outcome.FUSED);
    assertThat(report.getFusions()).as(report.getId()).hasSize(fusions);
    assertThat(report.getEquivalence().getVerdict())
        .isEqualTo(whole.equals("NOT_CHECKED") ? "AS_LISTED" : whole);
    assertThat(report.getEquivalence().getLevels().getModel().getVerdict()).isEqualTo(whole);
  }

  private static void assertRefused(FusionReport report, String reason, String message) {
    assertThat(report.getOutcome()).as("%s", report).isEqualTo(Outcome.FAILED);
    assertThat(report.getError().getMessage()).contains(message);
    assertThat(report.getRefusals()).extracting(RefusalRecord::getReason).containsExactly(reason);
  }

  private static void assertCopied(FusionReport report, String reason, String message) {
    assertThat(report.getOutcome()).as("%s", report).isEqualTo(Outcome.NOTHING_TO_FUSE);
    assertThat(report.getRefusals()).extracting(RefusalRecord::getReason).containsExactly(reason);
    assertThat(report.getRefusals().get(0).getMessage()).contains(message);
  }

  private Set<String> keys(String file) {
    try (StateCheckpoint fused = Formats.openStates(folder.resolve("out").resolve(file))) {
      return Set.copyOf(fused.states().get(0).state().entries().keySet());
    }
  }
}
