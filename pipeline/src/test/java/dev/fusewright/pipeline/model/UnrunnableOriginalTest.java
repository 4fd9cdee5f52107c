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

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.io.Formats;
import dev.fusewright.io.runtime.RunnerOptions;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.pipeline.verification.RuntimeVerifier;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.LevelRecord;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that ONNX Runtime cannot run, or not wholly judge, and whose fusions are proven. */
@UsesProcesses
final class UnrunnableOriginalTest {
  private static final String HEAD =
      """
      <ir_version: 8, opset_import: ["" : 13]>
      """;

  private static final String PARAMETERS =
      """
      <float[4,3,1,1] w = random(1), float[4] scale = {1.0, 0.5, 2.0, 1.5}, float[4] shift = random(2),
       float[4] mean = random(3), float[4] var = {1.0, 2.0, 0.5, 1.0}>
      """;

  private static RuntimeVerifier proof;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    proof = RuntimeVerifier.withThreads(1);
  }

  @AfterAll
  static void end() {
    proof.close();
  }

  private FusionReport fuse(String signature, String nodes, FuseSettings settings)
      throws IOException {
    Path file = folder.resolve("model.onnx");
    Formats.onnx().write(GraphText.parse(HEAD + signature + PARAMETERS + "{" + nodes + "}"), file);
    return fuse(file, settings, proof);
  }

  private FusionReport fuse(Path file, FuseSettings settings, RuntimeVerifier verifier) {
    return new FuseModel(Stores.of(StorageConfiguration.defaults()), verifier, folder)
        .fuse(
            FuseRequest.of(
                Location.of(file),
                Location.of(folder.resolve("fused.onnx")),
                FuseRequest.Placement.BESIDE,
                settings));
  }

  private FusionReport fuse(String signature, String nodes) throws IOException {
    return fuse(signature, nodes, FuseSettings.defaults());
  }

  private static LevelRecord model(FusionReport report) {
    return report.getEquivalence().getLevels().getModel();
  }

  private static void assertPublished(FusionReport report) {
    assertThat(report.getOutcome()).as("%s", report.getError()).isEqualTo(Outcome.FUSED);
    assertThat(report.getEquivalence().getVerdict()).isEqualTo("EQUIVALENT");
  }

  @Test
  void a_plugin_without_a_kernel_leaves_certificate_and_site_and_the_report_says_so()
      throws IOException {
    String nodes =
        """
        c = Conv(x, w)
        y = BatchNormalization(c, scale, shift, mean, var)
        [nms] n, b, s, k = EfficientNMS_TRT(boxes, scores)
        """;
    String signature =
        "g (float[1,3,4,4] x, float[1,2,4] boxes, float[1,2,3] scores) => (float[1,4,4,4] y, int32[1,1] n)";
    FusionReport report = fuse(signature, nodes);
    assertPublished(report);
    assertThat(model(report).getVerdict()).isEqualTo("INCONCLUSIVE");
    assertThat(model(report).getDoubt()).isEqualTo("NO_KERNEL");
    assertThat(model(report).getReason()).contains("EfficientNMS_TRT in version 13 (node 'nms')");

    // Without proven sites there is nothing that it could be excused by.
    FusionReport alone =
        fuse(
            signature,
            nodes,
            FuseSettings.defaults().with(SettingFields.VERIFY_LEVEL, VerifyLevel.MODEL));
    assertThat(alone.getOutcome()).isEqualTo(Outcome.REJECTED);
    assertThat(alone.getEquivalence().getVerdict()).isEqualTo("INCONCLUSIVE");
  }

  @Test
  void a_loop_without_end_is_given_up_and_the_sites_decide() throws Exception {
    Path file =
        Path.of(
            Objects.requireNonNull(getClass().getResource("/cases/hostile/loop-infinite.onnx"))
                .toURI());
    RunnerOptions impatient = RunnerOptions.forProcesses(1).withTimeLimit(Duration.ofSeconds(5));
    try (RuntimeVerifier limited = RuntimeVerifier.withOptions(impatient)) {
      FusionReport report = fuse(file, FuseSettings.defaults(), limited);
      assertPublished(report);
      assertThat(model(report).getDoubt()).isEqualTo("TIME_LIMIT");
      assertThat(model(report).getReason()).contains("killed after the time limit of 5 s");
    }
  }

  @Test
  void nodes_of_one_name_are_run_by_the_reference() throws IOException {
    FusionReport report =
        fuse(
            "g (float[N,3,4,4] x) => (float[N,4,4,4] y)",
            "[n] c = Conv(x, w) [n] z = BatchNormalization(c, scale, shift, mean, var) [n] y = Relu(z)");
    assertPublished(report);
    assertThat(model(report).getVerdict()).isEqualTo("EQUIVALENT");
    assertThat(report.getEquivalence().getRunner()).isEqualTo("the float64 reference");
  }

  @Test
  void strings_beside_an_image_are_made_and_those_that_come_out_are_said_not_to_be_compared()
      throws IOException {
    FusionReport report =
        fuse(
            "g (float[N,3,4,4] x, string[N] id) => (float[N,4,4,4] y, string[N] same)",
            "c = Conv(x, w) y = BatchNormalization(c, scale, shift, mean, var) same = Identity(id)");
    assertPublished(report);
    assertThat(model(report).getDoubt()).isEqualTo("OUTPUT_TYPE");
    assertThat(model(report).getReason()).contains("'same' (string)").contains("1 output on 9");
  }

  @Test
  void an_input_of_unknown_rank_is_given_one() throws IOException {
    FusionReport report =
        fuse(
            "g (float[] x) => (float[] y)",
            "c = Conv(x, w) y = BatchNormalization(c, scale, shift, mean, var)");
    assertPublished(report);
    assertThat(model(report).getVerdict()).isEqualTo("EQUIVALENT");
  }

  @Test
  void nodes_out_of_order_are_written_in_order_and_the_report_says_so() throws IOException {
    FuseSettings whole =
        FuseSettings.defaults().with(SettingFields.VERIFY_LEVEL, VerifyLevel.MODEL);
    FusionReport report =
        fuse(
            "g (float[N,3,4,4] x) => (float[N,4,4,4] y)",
            "[r] y = Relu(z) [b] z = BatchNormalization(c, scale, shift, mean, var) [c] c = Conv(x, w)",
            whole);
    assertPublished(report);
    assertThat(report.getNotes()).singleElement().asString().contains("topological order");
    try (var written = Formats.openGraph(folder.resolve("fused.onnx"))) {
      assertThat(written.graph().graph().nodes())
          .extracting(node -> node.op().type())
          .containsExactly("Conv", "Relu");
    }
  }
}
