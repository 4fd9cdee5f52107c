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

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.tuple;

import dev.fusewright.core.text.GraphText;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.InputPolicy;
import dev.fusewright.pipeline.settings.Require;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.pipeline.verification.NoVerifier;
import dev.fusewright.pipeline.verification.Verifier;
import dev.fusewright.report.FusionRecord;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import dev.fusewright.report.RefusalRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class FuseModelTest {
  private static final FuseSettings UNPROVEN =
      FuseSettings.defaults().with(SettingFields.VERIFY_LEVEL, VerifyLevel.NONE);
  private static final FuseSettings PROVEN = FuseSettings.defaults();

  @TempDir Path folder;
  private Path output;
  private Path scratch;

  @BeforeEach
  void folders() throws IOException {
    output = Files.createDirectory(folder.resolve("output"));
    scratch = Files.createDirectory(folder.resolve("scratch"));
  }

  @AfterEach
  void scratch_is_always_left_empty() {
    assertThat(scratch).isEmptyDirectory();
  }

  /** A judge that says always the same. */
  private record Judge(LevelVerdict verdict, Runnable meanwhile) implements Verifier {
    static Judge says(LevelVerdict verdict) {
      return new Judge(verdict, () -> {});
    }

    @Override
    public Finding check(Case models, FuseSettings settings) {
      assertThat(models.candidate()).isRegularFile();
      meanwhile.run();
      return new Finding(
          new Equivalence(Map.of(Level.MODEL, verdict), 1, 0, List.of(), List.of()), "a judge");
    }

    @Override
    public Finding compare(Pair models, FuseSettings settings) {
      throw new AssertionError("an ONNX model is judged with its plan");
    }

    @Override
    public void close() {}
  }

  private FuseRequest request(Path source, FuseSettings settings) {
    return new FuseRequest(
        "a-run",
        "an/id",
        Location.of(source),
        Location.of(output.resolve("an/id.onnx")),
        FuseRequest.Placement.BESIDE,
        null,
        null,
        OutputConflicts.NONE,
        /* problem= */ null,
        null,
        settings,
        FuseRequest.Naming.OWN);
  }

  private FusionReport fuse(FuseRequest request, Verifier proof) {
    return new FuseModel(Stores.of(StorageConfiguration.defaults()), proof, scratch).fuse(request);
  }

  private FusionReport fuse(Path source) {
    return fuse(request(source, UNPROVEN), NoVerifier.INSTANCE);
  }

  private Path model(String text) throws IOException {
    Path file = folder.resolve("model.onnx");
    Formats.onnx().write(GraphText.parse(text), file);
    return file;
  }

  private void assertNothingIsPublished() {
    assertThat(output).isEmptyDirectory();
  }

  @Test
  void a_model_is_fused_and_accounted_for() throws IOException {
    Path source = ExampleModels.model("resnet18");
    FusionReport report = fuse(source);

    assertThat(report.getOutcome()).isEqualTo(Outcome.FUSED);
    assertThat(report.getError()).isNull();
    assertThat(report.getRunId()).isEqualTo("a-run");
    assertThat(report.getId()).isEqualTo("an/id");
    assertThat(report.getSource().getSha256()).isEqualTo(Staging.sha256(source));
    assertThat(report.getSource().getBytes()).isEqualTo(Files.size(source));
    assertThat(report.getFusions())
        .hasSize(20)
        .extracting(FusionRecord::getResult)
        .containsOnly("folded");
    assertThat(report.getBefore().getOperators()).containsEntry("BatchNormalization", 20L);
    assertThat(report.getAfter().getOperators()).doesNotContainKey("BatchNormalization");
    assertThat(report.getAfter().getNodes()).isEqualTo(report.getBefore().getNodes() - 20);
    assertThat(report.getTimingsMs())
        .containsOnlyKeys("fetch", "read", "plan", "write", "verify", "publish");
    Path fused = output.resolve("an/id.onnx");
    assertThat(report.getOutput().getUri()).isEqualTo(fused.toString());
    assertThat(report.getOutput().getSha256()).isEqualTo(Staging.sha256(fused));
    assertThat(report.getOutput().getBytes()).isEqualTo(Files.size(fused));
    assertThat(report.getAfter().getBytes()).isEqualTo(Files.size(fused));
  }

  @Test
  void a_published_model_carries_only_what_is_the_same_for_every_run() {
    Path source = ExampleModels.model("conv1d_net");
    FusionReport report = fuse(source);
    try (GraphCheckpoint fused = Formats.openGraph(output.resolve("an/id.onnx"))) {
      assertThat(fused.facts().metadata())
          .contains(
              entry("fusewright.version", Converter.version()),
              entry("fusewright.source_sha256", report.getSource().getSha256()))
          .containsKey("fusewright.rules");
      assertThat(fused.facts().metadata().get("fusewright.rules")).isEqualTo("conv-batch-norm");
    }
    assertThat(Converter.version()).matches("\\d+\\.\\d+\\.\\d+.*");
  }

  @Test
  void fusing_twice_gives_the_same_bytes() throws IOException {
    Path source = ExampleModels.model("mobilenet_v2");
    fuse(source);
    byte[] first = Files.readAllBytes(output.resolve("an/id.onnx"));
    fuse(source);
    assertThat(Files.readAllBytes(output.resolve("an/id.onnx"))).isEqualTo(first);
  }

  @Test
  void a_cancelled_task_publishes_nothing_and_reports_nothing() {
    Verifier cancelling =
        new Verifier() {
          @Override
          public Finding check(Case models, FuseSettings settings) {
            Thread.currentThread().interrupt();
            return NoVerifier.INSTANCE.check(models, settings);
          }

          @Override
          public Finding compare(Pair models, FuseSettings settings) {
            return NoVerifier.INSTANCE.compare(models, settings);
          }

          @Override
          public void close() {}
        };

    assertThatThrownBy(
            () ->
                fuse(
                    request(ExampleModels.model("conv1d_net"), FuseSettings.defaults()),
                    cancelling))
        .isInstanceOf(CancelledException.class)
        .hasMessageContaining("an/id");
    assertThat(Thread.interrupted()).as("whoever interrupted is heard further up").isTrue();
    assertThat(output.resolve("an/id.onnx")).doesNotExist();
  }

  @Test
  void a_model_with_nothing_to_fuse_is_copied_byte_for_byte() throws IOException {
    Path source = ExampleModels.model("nothing_to_fuse");
    FusionReport report = fuse(source);
    assertThat(report.getOutcome()).isEqualTo(Outcome.NOTHING_TO_FUSE);
    assertThat(output.resolve("an/id.onnx")).hasSameBinaryContentAs(source);
    assertThat(report.getOutcomeDetail()).isNull();
    assertThat(report.getOutput().getSha256()).isEqualTo(report.getSource().getSha256());
    assertThat(source).exists();
  }

  @Test
  void what_nobody_proves_is_not_published_where_equivalence_is_required() {
    FusionReport report =
        fuse(
            request(
                ExampleModels.model("mlp_bn"),
                UNPROVEN.with(SettingFields.REQUIRE, Require.EQUIVALENT)),
            NoVerifier.INSTANCE);
    assertThat(report.getOutcome()).isEqualTo(Outcome.REJECTED);
    assertThat(report.getOutcomeDetail()).isEqualTo("NOT_CHECKED");
    assertNothingIsPublished();
  }

  @Test
  void a_model_with_nothing_to_fuse_can_be_left_out() {
    FusionReport report =
        fuse(
            request(
                ExampleModels.model("nothing_to_fuse"),
                UNPROVEN.with(SettingFields.NO_COPY, FuseSettings.Unfused.OMIT)),
            NoVerifier.INSTANCE);
    assertThat(report.getOutcome()).isEqualTo(Outcome.NOTHING_TO_FUSE);
    assertThat(report.getOutcomeDetail()).isEqualTo("NOT_COPIED");
    assertThat(report.getOutput()).isNull();
    assertNothingIsPublished();
  }

  @Test
  void a_model_that_differs_whatever_is_fused_is_copied_and_says_what_was_dropped() {
    Path source = ExampleModels.model("mlp_bn");
    FusionReport report =
        fuse(request(source, PROVEN), Judge.says(LevelVerdict.different("off by a mile")));
    assertThat(report.getOutcome()).isEqualTo(Outcome.NOTHING_TO_FUSE);
    assertThat(report.getOutcomeDetail()).isEqualTo("FUSIONS_DROPPED");
    assertThat(report.getDropped())
        .isNotEmpty()
        .allSatisfy(
            dropped -> {
              assertThat(dropped.getLevel()).isEqualTo("model");
              assertThat(dropped.getReason()).isEqualTo("DIFFERENT");
              assertThat(dropped.getMessage()).isEqualTo("off by a mile");
            });
    assertThat(output.resolve("an/id.onnx")).hasSameBinaryContentAs(source);
  }

  /** Does not confirm fusions whose nodes include one of these, each by itself. */
  private record SuspiciousJudge(Set<String> nodes) implements Verifier {
    @Override
    public Finding check(Case models, FuseSettings settings) {
      Set<Integer> culprits =
          models.plan().fusions().stream()
              .filter(fusion -> fusion.nodes().stream().anyMatch(nodes::contains))
              .map(dev.fusewright.core.plan.Fusion::id)
              .collect(java.util.stream.Collectors.toSet());
      LevelVerdict verdict =
          culprits.isEmpty() ? LevelVerdict.equivalent("") : LevelVerdict.different("a site");
      return new Finding(
          new Equivalence(Map.of(Level.SITE, verdict), 0, 0, List.of(), List.of()), null, culprits);
    }

    @Override
    public Finding compare(Pair models, FuseSettings settings) {
      throw new AssertionError("an ONNX model is judged with its plan");
    }

    @Override
    public void close() {}
  }

  @Test
  void a_fusion_that_is_not_confirmed_is_dropped_and_the_rest_is_published() throws IOException {
    Path source = model(twoSites("float", "1.0", "1.0"));
    FusionReport report = fuse(request(source, PROVEN), new SuspiciousJudge(Set.of("c1")));
    assertThat(report.getOutcome()).isEqualTo(Outcome.FUSED);
    assertThat(report.getFusions())
        .extracting(FusionRecord::getNodes)
        .containsExactly(List.of("c2", "b2"));
    assertThat(report.getDropped())
        .extracting(FusionRecord::getNodes)
        .containsExactly(List.of("c1", "b1"));
    assertThat(report.getRefusals())
        .extracting(RefusalRecord::getReason)
        .containsExactly("DROPPED_BY_VERIFICATION");
    assertThat(report.getEquivalence().getVerdict()).isEqualTo("EQUIVALENT");
  }

  @Test
  void a_model_of_which_every_fusion_is_dropped_is_copied() throws IOException {
    Path source = model(twoSites("float", "1.0", "1.0"));
    FusionReport report = fuse(request(source, PROVEN), new SuspiciousJudge(Set.of("c1", "c2")));
    assertThat(report.getOutcome()).isEqualTo(Outcome.NOTHING_TO_FUSE);
    assertThat(report.getDropped()).hasSize(2);
    // The verdict is that of what is published, not of what was tried.
    assertThat(report.getEquivalence().getVerdict()).isEqualTo("NOT_CHECKED");
    assertThat(report.getEquivalence().getLevels().getModel().getReason())
        .contains("every fusion was dropped");
    assertThat(output.resolve("an/id.onnx")).hasSameBinaryContentAs(source);
  }

  @Test
  void what_cannot_be_told_is_rejected_unless_it_is_accepted() {
    Judge judge = Judge.says(LevelVerdict.inconclusive(InconclusiveReason.MEMORY, "too big"));
    Path source = ExampleModels.model("mlp_bn");
    FusionReport rejected = fuse(request(source, PROVEN), judge);
    assertThat(rejected.getOutcome()).isEqualTo(Outcome.REJECTED);
    assertThat(rejected.getOutcomeDetail()).isEqualTo("INCONCLUSIVE");
    assertThat(rejected.getEquivalence().getRunner()).isEqualTo("a judge");
    assertThat(rejected.getError().getStage()).isEqualTo("verify");
    assertThat(rejected.getError().getMessage())
        .isEqualTo("the fused model is not proven to be the same: model inconclusive (too big)");
    assertThat(rejected.getFusions()).isNotEmpty();
    assertNothingIsPublished();

    FuseSettings accepting =
        PROVEN.with(SettingFields.ACCEPT_INCONCLUSIVE, FuseSettings.Doubtful.ACCEPT);
    FusionReport accepted = fuse(request(source, accepting), judge);
    assertThat(accepted.getOutcome()).isEqualTo(Outcome.FUSED);
    assertThat(accepted.getEquivalence().getVerdict()).isEqualTo("INCONCLUSIVE");
    assertThat(output.resolve("an/id.onnx")).exists();
  }

  @Test
  void a_source_that_changes_meanwhile_is_not_published() throws IOException {
    Path source = Files.copy(ExampleModels.model("mlp_bn"), folder.resolve("source.onnx"));
    Runnable change =
        () -> {
          try {
            Files.write(source, new byte[1], java.nio.file.StandardOpenOption.APPEND);
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        };
    FusionReport report =
        fuse(request(source, PROVEN), new Judge(LevelVerdict.equivalent("the same"), change));
    assertThat(report.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(report.getError().getStage()).isEqualTo("publish");
    assertThat(report.getError().getRetryable()).isTrue();
    assertNothingIsPublished();
  }

  @Test
  void a_model_is_replaced_in_place_once_it_is_proven() throws IOException {
    Path source = Files.copy(ExampleModels.model("mlp_bn"), folder.resolve("source.onnx"));
    Location place = Location.of(source);
    FusionReport rejected =
        fuse(
            FuseRequest.of(place, place, FuseRequest.Placement.IN_PLACE, PROVEN),
            Judge.says(LevelVerdict.inconclusive(InconclusiveReason.RUNNER, "it crashed")));
    assertThat(rejected.getOutcome()).isEqualTo(Outcome.REJECTED);
    assertThat(source).hasSameBinaryContentAs(ExampleModels.model("mlp_bn"));

    FusionReport fused =
        fuse(
            FuseRequest.of(place, place, FuseRequest.Placement.IN_PLACE, PROVEN),
            Judge.says(LevelVerdict.equivalent("")));
    assertThat(fused.getOutcome()).isEqualTo(Outcome.FUSED);
    assertThat(Staging.sha256(source)).isEqualTo(fused.getOutput().getSha256());
    assertThat(fuse(source).getOutcome()).isEqualTo(Outcome.NOTHING_TO_FUSE);
  }

  @Test
  void a_source_is_never_overwritten_by_its_own_output() throws IOException {
    Path source = Files.copy(ExampleModels.model("mlp_bn"), output.resolve("model.onnx"));
    Path link = Files.createSymbolicLink(folder.resolve("link.onnx"), source);
    FusionReport report =
        fuse(
            FuseRequest.of(
                Location.of(link), Location.of(source), FuseRequest.Placement.BESIDE, UNPROVEN),
            NoVerifier.INSTANCE);
    assertThat(report.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(report.getError().getMessage()).contains("the output is the source itself");
    assertThat(source).hasSameBinaryContentAs(ExampleModels.model("mlp_bn"));
  }

  @Test
  void another_digest_than_the_catalogues_is_a_failure() {
    Path source = ExampleModels.model("mlp_bn");
    FuseRequest request = request(source, UNPROVEN);
    FusionReport report =
        fuse(
            new FuseRequest(
                request.runId(),
                request.id(),
                request.source(),
                request.target(),
                request.placement(),
                "onnx",
                "0".repeat(64),
                OutputConflicts.NONE,
                /* problem= */ null,
                null,
                UNPROVEN,
                FuseRequest.Naming.OWN),
            NoVerifier.INSTANCE);
    assertThat(report.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(report.getError().getStage()).isEqualTo("fetch");
    assertThat(report.getError().getMessage())
        .contains("expected the sha256 000", "found " + report.getSource().getSha256());
    assertNothingIsPublished();
  }

  @Test
  void initializers_among_the_inputs_are_folded_when_they_are_frozen() throws IOException {
    Path source =
        model(
            """
            <ir_version: 8, opset_import: ["" : 13]>
            g (float[1,3,5,5] x, float[4,3,3,3] w) => (float[1,4,3,3] z)
            <float[4,3,3,3] w = random(1), float[4] scale = random(3), float[4] shift = random(4),
             float[4] mean = random(5), float[4] var = random(6, 0.1, 2.0)>
            {
              [conv] y = Conv(x, w)
              [bn] z = BatchNormalization(y, scale, shift, mean, var)
            }
            """);
    FusionReport kept = fuse(source);
    assertThat(kept.getOutcome()).isEqualTo(Outcome.NOTHING_TO_FUSE);
    assertThat(kept.getRefusals())
        .extracting(RefusalRecord::getReason)
        .containsExactly("OVERRIDABLE");

    FusionReport frozen =
        fuse(
            request(source, UNPROVEN.with(SettingFields.INPUT_POLICY, InputPolicy.FREEZE)),
            NoVerifier.INSTANCE);
    assertThat(frozen.getOutcome()).isEqualTo(Outcome.FUSED);
    try (GraphCheckpoint fused = Formats.openGraph(output.resolve("an/id.onnx"))) {
      assertThat(fused.graph().graph().inputs())
          .extracting(dev.fusewright.core.graph.ValueInfo::name)
          .containsExactly("x");
    }
  }

  private static String twoSites(String type, String weight, String scale) {
    return """
    <ir_version: 8, opset_import: ["" : 15]>
    g (%1$s[1,1,2,2] x) => (%1$s[1,1,2,2] bad, %1$s[1,1,2,2] good)
    <%1$s[1,1,1,1] w1 = {%2$s}, %1$s[1] s1 = {%3$s}, %1$s[1,1,1,1] w2 = {0.5}, %1$s[1] s2 = {2.0},
     %1$s[1] shift = {0.25}, %1$s[1] mean = {0.0}, %1$s[1] var = {1.0}>
    {
      [c1] y1 = Conv(x, w1)
      [b1] bad = BatchNormalization(y1, s1, shift, mean, var)
      [c2] y2 = Conv(x, w2)
      [b2] good = BatchNormalization(y2, s2, shift, mean, var)
    }
    """
        .formatted(type, weight, scale);
  }

  @ParameterizedTest
  @MethodSource("unsound")
  void a_parameter_that_makes_one_site_unsound_refuses_that_site_alone(
      String type, String weight, String scale, String reason) throws IOException {
    FusionReport report = fuse(model(twoSites(type, weight, scale)));
    assertThat(report.getOutcome()).as("%s", report.getError()).isEqualTo(Outcome.FUSED);
    assertThat(report.getFusions())
        .extracting(FusionRecord::getNodes)
        .containsExactly(List.of("c2", "b2"));
    assertThat(report.getRefusals())
        .extracting(RefusalRecord::getReason, RefusalRecord::getNodes)
        .containsExactly(tuple(reason, List.of("c1", "b1")));
    assertThat(report.getDropped()).isEmpty();
  }

  static Stream<Arguments> unsound() {
    return Stream.of(
        Arguments.of("float", "1.0", "nan", "NON_FINITE_PARAMETER"),
        Arguments.of("float", "1.0", "inf", "NON_FINITE_PARAMETER"),
        // Finite factors, whose product is not: found while the weight is written.
        Arguments.of("float", "3e38", "8.0", "NON_FINITE_RESULT"));
  }

  @ParameterizedTest
  @MethodSource("bad")
  void bad_input_fails_with_its_place_and_publishes_nothing(
      String what, byte[] content, String stage, String message) throws IOException {
    Path source = Files.write(folder.resolve("bad.onnx"), content);
    FusionReport report = fuse(source);
    assertThat(report.getOutcome()).as(what).isEqualTo(Outcome.FAILED);
    assertThat(report.getError().getStage()).isEqualTo(stage);
    assertThat(report.getError().getMessage()).contains("bad.onnx").containsPattern(message);
    assertThat(report.getError().getMessage()).doesNotContain("defect");
    assertThat(report.getError().getRetryable()).isFalse();
    assertThat(report.getSource().getSha256()).isNotNull();
    assertNothingIsPublished();
  }

  static Stream<Arguments> bad() throws IOException {
    byte[] whole = Files.readAllBytes(ExampleModels.model("mlp_bn"));
    return Stream.of(
        Arguments.of(
            "no protobuf", "this is no model at all\n".getBytes(UTF_8), "read", "byte \\d+"),
        Arguments.of("empty", new byte[0], "read", "expected"),
        Arguments.of(
            "truncated",
            Arrays.copyOf(whole, whole.length / 2),
            "read",
            "byte \\d+.*expected.*found"));
  }

  private static byte[] field(int number, byte[] content) {
    java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
    bytes.write(number << 3 | 2);
    int length = content.length;
    while (length > 0x7f) {
      bytes.write((length & 0x7f) | 0x80);
      length >>>= 7;
    }
    bytes.write(length);
    bytes.writeBytes(content);
    return bytes.toByteArray();
  }

  @Test
  void a_message_nested_too_deep_is_a_failure() throws IOException {
    byte[] graph = field(2, "g".getBytes(UTF_8));
    for (int depth = 0; depth < 2000; depth++) {
      graph = field(1, field(5, field(6, graph)));
    }
    Path source = Files.write(folder.resolve("deep.onnx"), field(7, graph));
    FusionReport report = fuse(source);
    assertThat(report.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(report.getError().getMessage()).contains("deep.onnx").contains("byte");
    assertNothingIsPublished();
  }

  @Test
  void a_missing_file_and_a_folder_are_failures() {
    FusionReport missing = fuse(folder.resolve("none.onnx"));
    assertThat(missing.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(missing.getError().getStage()).isEqualTo("fetch");
    assertThat(missing.getError().getMessage())
        .isEqualTo(folder.resolve("none.onnx") + ": expected a file, found nothing");
    assertThat(missing.getError().getRetryable()).isFalse();
    FusionReport directory = fuse(folder);
    assertThat(directory.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(directory.getError().getMessage()).endsWith("expected a file, found a folder");
    assertNothingIsPublished();
  }

  @Test
  void a_cycle_is_a_failure_that_names_its_nodes() throws IOException {
    FusionReport report =
        fuse(
            model(
                """
                <ir_version: 8, opset_import: ["" : 13]>
                g (float[1] x) => (float[1] z)
                {
                  [first] a = Add(x, b)
                  [second] b = Relu(a)
                  z = Relu(b)
                }
                """));
    assertThat(report.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(report.getError().getStage()).isEqualTo("plan");
    assertThat(report.getError().getMessage()).contains("cycle").containsAnyOf("first", "second");
    assertThat(report.getBefore()).isNotNull();
    assertNothingIsPublished();
  }

  @Test
  void inspecting_finds_the_same_and_publishes_nothing() {
    Path source = ExampleModels.model("resnet18");
    FuseModel flow =
        new FuseModel(Stores.of(StorageConfiguration.defaults()), NoVerifier.INSTANCE, scratch);
    FusionReport inspected =
        flow.inspect(
            FuseRequest.of(Location.of(source), null, FuseRequest.Placement.BESIDE, UNPROVEN));
    assertThat(inspected.getOutcome()).isEqualTo(Outcome.FUSED);
    assertThat(inspected.getFusions()).isEqualTo(fuse(source).getFusions());
    assertThat(inspected.getOutput()).isNull();
  }

  @Test
  void an_unknown_rule_is_a_failure_that_names_the_known_ones() {
    FusionReport report =
        fuse(
            request(ExampleModels.model("mlp_bn"), UNPROVEN.with(SettingFields.RULES, "conv-bm")),
            NoVerifier.INSTANCE);
    assertThat(report.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(report.getError().getStage()).isEqualTo("configure");
    assertThat(report.getError().getMessage()).contains("conv-bm", "conv-batch-norm");
  }
}
