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
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.rule.qat.QatBackend;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.core.testing.UsesRealModels;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.safetensors.SafetensorsFormat;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.Mode;
import dev.fusewright.pipeline.settings.Require;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.Unnamed;
import dev.fusewright.pipeline.verification.NoVerifier;
import dev.fusewright.pipeline.verification.RuntimeVerifier;
import dev.fusewright.pipeline.verification.Verifier;
import dev.fusewright.report.AssumptionRecord;
import dev.fusewright.report.FusionRecord;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import dev.fusewright.report.RefusalRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StateDictJobTest {
  private static final String LIST = "[\"conv\", \"norm\", \"relu\"]";
  private static final FuseSettings TORCH =
      FuseSettings.defaults().with(SettingFields.RULES, "torch");

  @TempDir Path folder;
  private Path output;

  @BeforeEach
  void outputFolder() throws IOException {
    output = Files.createDirectory(folder.resolve("output"));
  }

  private static FuseSettings listed(String list) {
    return TORCH.with(SettingFields.MODULES, list);
  }

  private FuseModel flow() throws IOException {
    return flow(NoVerifier.INSTANCE);
  }

  private FuseModel flow(Verifier proof) throws IOException {
    return new FuseModel(
        Stores.of(StorageConfiguration.defaults()),
        proof,
        Files.createTempDirectory(folder, "scratch"));
  }

  private FusionReport fuse(Path source, FuseSettings settings) throws IOException {
    return fuse(source, settings, NoVerifier.INSTANCE);
  }

  private FusionReport fuse(Path source, FuseSettings settings, Verifier proof) throws IOException {
    return flow(proof)
        .fuse(
            FuseRequest.of(
                Location.of(source),
                Location.of(output.resolve(source.getFileName())),
                FuseRequest.Placement.BESIDE,
                settings));
  }

  private Path convAndNorm() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("conv.weight", LiteralTensor.ofFloats(Shape.of(2, 1, 1, 2), 1f, -2f, 0.5f, 0.25f));
    tensors.put("norm.weight", LiteralTensor.ofFloats(Shape.of(2), 2f, 0.5f));
    tensors.put("norm.bias", LiteralTensor.ofFloats(Shape.of(2), 0.1f, -0.2f));
    tensors.put("norm.running_mean", LiteralTensor.ofFloats(Shape.of(2), 0.3f, 0.4f));
    tensors.put("norm.running_var", LiteralTensor.ofFloats(Shape.of(2), 1f, 4f));
    Path file = folder.resolve("small.safetensors");
    new SafetensorsFormat().write(StateDict.ofTensors(tensors), Map.of(), file);
    return file;
  }

  /** Two blocks of Conv and BatchNorm, as a checkpoint and as a graph of another training. */
  private Path twoBlocks() throws IOException {
    return twoBlocks(Map.of());
  }

  private Path twoBlocks(Map<String, Tensor> replaced) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    blocks(1, "").graph().initializers().forEach(init -> tensors.put(init.name(), init.tensor()));
    tensors.putAll(replaced);
    Path file = folder.resolve("blocks.safetensors");
    new SafetensorsFormat().write(StateDict.ofTensors(tensors), Map.of(), file);
    return file;
  }

  private static ModelGraph blocks(int seed, String further) {
    StringBuilder parameters = new StringBuilder();
    for (int i = 1; i <= 2; i++) {
      parameters.append(
          """
          float[4,4,1,1] "conv%1$d.weight" = random(%2$d), float[4] "bn%1$d.weight" = random(%3$d),
          float[4] "bn%1$d.bias" = random(%4$d), float[4] "bn%1$d.running_mean" = random(%5$d),
          float[4] "bn%1$d.running_var" = random(%6$d, 0.5, 1.5)%7$s
          """
              .formatted(
                  i,
                  10 * i + seed,
                  10 * i + seed + 1,
                  10 * i + seed + 2,
                  10 * i + seed + 3,
                  10 * i + seed + 4,
                  i == 1 ? "," : further));
    }
    return GraphText.parse(
        """
        <ir_version: 8, opset_import: ["" : 13]>
        g (float[1,4,5,5] x) => (float[1,4,5,5] y)
        < %s >
        {
          a = Conv(x, "conv1.weight")
          b = BatchNormalization<epsilon = 0.001>(a, "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var")
          c = Relu(b)
          d = Conv(c, "conv2.weight")
          y = BatchNormalization<epsilon = 0.001>(d, "bn2.weight", "bn2.bias", "bn2.running_mean", "bn2.running_var")
        }
        """
            .formatted(parameters));
  }

  private FuseSettings withGraph(ModelGraph graph) throws IOException {
    Path file = folder.resolve("companion.onnx");
    Formats.onnx().write(graph, file);
    return TORCH.with(SettingFields.GRAPH, Location.of(file));
  }

  /** A judge of whole models only. */
  private record WholeJudge(Predicate<ModelGraph> isDifferent) implements Verifier {
    @Override
    public Finding check(Case models, FuseSettings settings) {
      throw new AssertionError("a state dict has no plan");
    }

    @Override
    public Finding compare(Pair models, FuseSettings settings) {
      try (GraphCheckpoint after = Formats.openGraph(models.candidate())) {
        LevelVerdict verdict =
            isDifferent.test(after.graph())
                ? LevelVerdict.different("as the judge says")
                : LevelVerdict.equivalent("as the judge says");
        return new Finding(
            new Equivalence(Map.of(Level.MODEL, verdict), 1, 0, List.of(), List.of()), "a judge");
      }
    }

    @Override
    public void close() {}
  }

  private static StateDict only(StateCheckpoint checkpoint) {
    assertThat(checkpoint.states()).hasSize(1);
    return checkpoint.states().get(0).state();
  }

  @Test
  void a_listed_group_is_folded_proven_and_published_under_torchs_names() throws IOException {
    FusionReport report = fuse(convAndNorm(), listed(LIST));

    assertThat(report.getOutcome()).as("%s", report).isEqualTo(Outcome.FUSED);
    assertThat(report.getFormat()).isEqualTo("safetensors");
    assertThat(report.getFusions())
        .singleElement()
        .satisfies(
            fusion -> {
              assertThat(fusion.getModule()).isEqualTo("ConvReLU2d");
              assertThat(fusion.getNodes()).containsExactly("conv", "norm", "relu");
              assertThat(fusion.getResult()).isEqualTo("folded");
            });
    assertThat(report.getEquivalence().getVerdict()).isEqualTo("AS_LISTED");
    assertThat(report.getEquivalence().getAssumptions())
        .extracting(AssumptionRecord::getWhat, AssumptionRecord::getBy)
        .containsExactly(
            tuple("'norm' alone follows 'conv'", "the module list"),
            tuple("'relu' alone follows 'norm'", "the module list"),
            tuple("'relu' has no parameters, and is taken for a ReLU as listed", "the module list"),
            tuple("eps of 1 BatchNorm is 1.0E-5", "PyTorch's default"));
    assertThat(report.getEquivalence().getLevels().getModel().getVerdict())
        .isEqualTo("NOT_CHECKED");
    assertThat(report.getEquivalence().getSites()).hasSize(1);
    assertThat(report.getBefore().getParameters()).isEqualTo(12);
    assertThat(report.getAfter().getParameters()).isEqualTo(6);
    assertThat(report.getBefore().getTensors()).isEqualTo(5);
    assertThat(report.getAfter().getTensors()).isEqualTo(2);
    assertThat(report.getTimingsMs())
        .containsOnlyKeys("fetch", "read", "plan", "write", "verify", "publish");
    try (StateCheckpoint fused = Formats.openStates(output.resolve("small.safetensors"))) {
      assertThat(only(fused).entries()).containsOnlyKeys("conv.0.weight", "conv.0.bias");
    }
  }

  @Test
  void what_rests_on_a_lists_word_is_rejected_where_more_is_required() throws IOException {
    FusionReport report =
        fuse(convAndNorm(), listed(LIST).with(SettingFields.REQUIRE, Require.EQUIVALENT));

    assertThat(report.getOutcome()).isEqualTo(Outcome.REJECTED);
    assertThat(report.getError().getMessage())
        .contains("--require equivalent asks for more than a list's word");
    assertThat(output).isEmptyDirectory();
  }

  @Test
  void what_a_graph_shows_is_enough_where_more_than_a_lists_word_is_required() throws IOException {
    try (Verifier proof = RuntimeVerifier.withThreads(1)) {
      FusionReport report =
          fuse(
              twoBlocks(),
              withGraph(blocks(100, "")).with(SettingFields.REQUIRE, Require.EQUIVALENT),
              proof);
      assertThat(report.getOutcome()).as("%s", report).isEqualTo(Outcome.FUSED);
    }
  }

  @Test
  void without_a_name_for_anything_the_candidates_are_listed_and_nothing_is_published()
      throws IOException {
    FusionReport report =
        fuse(convAndNorm(), FuseSettings.defaults().with(SettingFields.UNNAMED, Unnamed.FAIL));

    assertThat(report.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(report.getError().getStage()).isEqualTo("plan");
    assertThat(report.getError().getType()).isEqualTo("ModuleListException");
    assertThat(report.getError().getMessage())
        .contains("[conv, norm]: no running mean is negative")
        .doesNotContain("defect");
    assertThat(report.getRefusals())
        .extracting(RefusalRecord::getReason)
        .containsExactly("NOT_NAMED");
    assertThat(output).isEmptyDirectory();
  }

  @Test
  void in_a_run_what_nothing_names_is_copied_or_skipped() throws IOException {
    Path source = convAndNorm();
    FusionReport skipped =
        fuse(source, FuseSettings.defaults().with(SettingFields.UNNAMED, Unnamed.SKIP));
    assertThat(output).isEmptyDirectory();
    FusionReport copied = fuse(source, FuseSettings.defaults());

    assertThat(output.resolve("small.safetensors")).hasSameBinaryContentAs(source);
    assertThat(List.of(skipped, copied))
        .allSatisfy(
            report -> {
              assertThat(report.getOutcome()).isEqualTo(Outcome.NOTHING_TO_FUSE);
              assertThat(report.getRefusals())
                  .extracting(RefusalRecord::getReason)
                  .containsExactly("NOT_NAMED");
            });
    assertThat(skipped.getOutcomeDetail()).isEqualTo("NOT_COPIED");
  }

  @Test
  void a_state_dict_without_any_batch_norm_is_nothing_to_fuse() throws IOException {
    Path file = folder.resolve("plain.safetensors");
    Map<String, Tensor> tensors =
        Map.of("fc.weight", LiteralTensor.ofFloats(Shape.of(1, 2), 1f, 2f));
    new SafetensorsFormat().write(StateDict.ofTensors(tensors), Map.of(), file);
    FusionReport report =
        fuse(file, FuseSettings.defaults().with(SettingFields.UNNAMED, Unnamed.FAIL));

    assertThat(report.getOutcome()).isEqualTo(Outcome.NOTHING_TO_FUSE);
    assertThat(report.getRefusals()).isEmpty();
    assertThat(output.resolve("plain.safetensors")).hasSameBinaryContentAs(file);
  }

  @Test
  void a_shard_alone_is_called_one() throws IOException {
    Path shard = folder.resolve("model-00001-of-00002.safetensors");
    Files.copy(convAndNorm(), shard);

    assertThat(fuse(shard, listed("[[\"conv\", \"bn9\"]]")).getError().getMessage())
        .contains("one shard of several by its name", "*.index.json");
    assertThat(fuse(convAndNorm(), listed("[[\"conv\", \"bn9\"]]")).getError().getMessage())
        .doesNotContain("shard");
  }

  @Test
  void for_training_modules_move_and_no_value_changes() throws IOException {
    FusionReport report = fuse(convAndNorm(), listed(LIST).with(SettingFields.MODE, Mode.QAT));

    assertThat(report.getOutcome()).as("%s", report).isEqualTo(Outcome.FUSED);
    assertThat(report.getFusions()).singleElement().extracting("module").isEqualTo("ConvBnReLU2d");
    assertThat(report.getEquivalence().getLevels().getSite().getReason())
        .contains("no value changed");
    try (StateCheckpoint fused = Formats.openStates(output.resolve("small.safetensors"))) {
      assertThat(only(fused).entries()).containsKeys("conv.0.weight", "conv.1.running_var");
    }
  }

  @Test
  void an_eps_of_its_own_changes_what_is_folded() throws IOException {
    fuse(convAndNorm(), listed(LIST).with(SettingFields.EPS, Map.of("*", 3.0)));
    try (StateCheckpoint fused = Formats.openStates(output.resolve("small.safetensors"))) {
      Tensor weight = only(fused).tensor("conv.0.weight").orElseThrow();
      assertThat(Tensors.doubles(weight, 4)[0]).isEqualTo(1.0);
    }
  }

  @UsesProcesses
  @Test
  void with_a_companion_graph_the_whole_model_is_run_with_the_parameters_of_the_written_file()
      throws IOException {
    FusionReport report;
    try (Verifier proof = RuntimeVerifier.withThreads(1)) {
      report = fuse(twoBlocks(), withGraph(blocks(100, "")), proof);
    }

    assertThat(report.getOutcome()).as("%s", report).isEqualTo(Outcome.FUSED);
    assertThat(report.getFusions()).hasSize(2);
    assertThat(report.getEquivalence().getVerdict()).isEqualTo("EQUIVALENT");
    assertThat(report.getEquivalence().getLevels().getModel().getVerdict()).isEqualTo("EQUIVALENT");
    assertThat(report.getEquivalence().getRunner()).contains("ONNX Runtime");
    assertThat(report.getEquivalence().getOutputs())
        .singleElement()
        .satisfies(
            figures -> {
              assertThat(figures.getName()).isEqualTo("y");
              assertThat(figures.getError()).isLessThan(1e-6);
            });
    assertThat(report.getEquivalence().getSites()).hasSize(2);
  }

  @UsesProcesses
  @Test
  void the_whole_model_is_run_for_qat_modules_too_without_their_fake_quantizers()
      throws IOException {
    FuseSettings settings = withGraph(blocks(100, "")).with(SettingFields.MODE, Mode.QAT);
    FuseSettings prepared = settings.with(SettingFields.QAT_PREPARE, QatBackend.FBGEMM);
    try (Verifier proof = RuntimeVerifier.withThreads(1)) {
      FusionReport report = fuse(twoBlocks(), prepared, proof);
      assertThat(report.getOutcome()).as("%s", report).isEqualTo(Outcome.FUSED);
      assertThat(report.getEquivalence().getLevels().getModel().getVerdict())
          .isEqualTo("EQUIVALENT");
    }
    try (StateCheckpoint fused = Formats.openStates(output.resolve("blocks.safetensors"))) {
      assertThat(only(fused).entries())
          .containsKeys("conv1.bn.running_mean", "conv2.weight_fake_quant.scale");
    }
  }

  @Test
  void a_graph_of_another_model_is_refused_with_the_list_of_differences() throws IOException {
    FusionReport report =
        fuse(twoBlocks(), withGraph(blocks(100, ", float[3,4,1,1] \"head.weight\" = random(9)")));

    assertThat(report.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(report.getError().getStage()).isEqualTo("plan");
    assertThat(report.getError().getMessage())
        .endsWith("the graph is not of the model of the root: the state dict has no 'head.weight'");
    assertThat(report.getRefusals())
        .extracting(RefusalRecord::getReason)
        .containsExactly("OTHER_GRAPH");
    assertThat(output).isEmptyDirectory();
  }

  @Test
  void a_list_that_the_graph_contradicts_is_refused_as_a_whole() throws IOException {
    FuseSettings settings = withGraph(blocks(100, ""));
    FusionReport report =
        fuse(
            twoBlocks(),
            settings.with(
                SettingFields.MODULES, "[[\"conv1\", \"bn1\"], [\"conv2\", \"bn2\", \"relu\"]]"));

    assertThat(report.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(report.getError().getMessage()).contains("'bn2' is listed with a ReLU");
    assertThat(output).isEmptyDirectory();
  }

  @Test
  void a_pair_that_cannot_be_stored_is_refused_and_the_others_are_published() throws IOException {
    Path source =
        twoBlocks(
            Map.of(
                "conv2.weight", filled(Shape.of(4, 4, 1, 1), 1e30f),
                "bn2.weight", filled(Shape.of(4), 1e20f)));
    FusionReport report = fuse(source, listed("[[\"conv{n}\", \"bn{n}\"]]"));

    assertThat(report.getOutcome()).as("%s", report).isEqualTo(Outcome.FUSED);
    assertThat(report.getEquivalence().getVerdict()).isEqualTo("AS_LISTED");
    assertThat(report.getFusions())
        .extracting(FusionRecord::getNodes)
        .containsExactly(List.of("conv1", "bn1"));
    assertThat(report.getRefusals())
        .extracting(RefusalRecord::getNodes, RefusalRecord::getReason, RefusalRecord::getMessage)
        .containsExactly(
            tuple(
                List.of("conv2", "bn2"),
                "NON_FINITE_RESULT",
                "the folded weight of 'conv2' overflows float"));
    try (StateCheckpoint fused = Formats.openStates(output.resolve("blocks.safetensors"))) {
      assertThat(only(fused).entries())
          .containsKeys("conv1.bias", "bn2.running_var")
          .doesNotContainKeys("bn1.weight", "conv2.bias");
    }
  }

  @Test
  void a_group_that_makes_only_the_whole_model_different_is_found_and_dropped() throws IOException {
    Verifier judge =
        new WholeJudge(
            after ->
                after.graph().nodes().stream()
                    .noneMatch(node -> node.input(1).equals("bn2.weight")));
    FusionReport report = fuse(twoBlocks(), withGraph(blocks(100, "")), judge);

    assertThat(report.getOutcome()).as("%s", report).isEqualTo(Outcome.FUSED);
    assertThat(report.getDropped())
        .extracting(FusionRecord::getNodes)
        .containsExactly(List.of("conv2", "bn2"));
    assertThat(report.getDropped()).extracting(FusionRecord::getLevel).containsExactly("model");
    assertThat(report.getEquivalence().getVerdict()).isEqualTo("EQUIVALENT");
  }

  @Test
  void where_no_group_is_left_the_source_is_copied_and_the_report_says_why() throws IOException {
    FusionReport report =
        fuse(twoBlocks(), withGraph(blocks(100, "")), new WholeJudge(after -> true));

    assertThat(report.getOutcome()).isEqualTo(Outcome.NOTHING_TO_FUSE);
    assertThat(report.getDropped()).hasSize(2);
    assertThat(output.resolve("blocks.safetensors")).hasSameBinaryContentAs(twoBlocks());
  }

  private static Tensor filled(Shape shape, float value) {
    float[] values = new float[(int) shape.elementCount()];
    Arrays.fill(values, value);
    return LiteralTensor.ofFloats(shape, values);
  }

  @Test
  void inspect_says_the_same_and_publishes_nothing() throws IOException {
    FusionReport report =
        flow()
            .inspect(
                FuseRequest.of(
                    Location.of(convAndNorm()), null, FuseRequest.Placement.BESIDE, listed(LIST)));
    assertThat(report.getOutcome()).isEqualTo(Outcome.FUSED);
    assertThat(report.getFusions()).hasSize(1);
    assertThat(report.getAfter().getParameters()).isEqualTo(6);
    assertThat(output).isEmptyDirectory();
  }

  @UsesRealModels
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "s18_winml_classifier/myFirstModel.pth | [[\"conv{n}\",\"bn{n}\"]] | 4 | conv1.bias",
        "s15_resnet20_cifar/resnet20-12fca82f.th | [[\"conv1\",\"bn1\"],[\"layer*.*.conv{n}\",\"layer*.*.bn{n}\"]] | 19 | module.conv1.bias",
      })
  void a_real_checkpoint_is_fused_and_read_again(String file, String list, int folds, String key)
      throws IOException {
    String models = System.getenv("FUSEWRIGHT_MODELS");
    assumeTrue(models != null && !models.isEmpty(), "FUSEWRIGHT_MODELS is not set: no real models");
    Path source = Path.of(models).resolve(file);
    FusionReport report = fuse(source, listed(list));

    assertThat(report.getOutcome()).as("%s", report).isEqualTo(Outcome.FUSED);
    assertThat(report.getFormat()).isEqualTo("pytorch");
    assertThat(report.getFusions()).hasSize(folds);
    assertThat(report.getEquivalence().getVerdict()).isEqualTo("AS_LISTED");
    try (StateCheckpoint fused = Formats.openStates(output.resolve(source.getFileName()))) {
      assertThat(only(fused).entries()).containsKey(key);
      assertThat(only(fused).entries().keySet())
          .filteredOn(name -> name.contains("running_var"))
          .isEmpty();
    }
    assertThat(
            fuse(source, TORCH.with(SettingFields.UNNAMED, Unnamed.FAIL)).getError().getMessage())
        .contains(list.substring(1, list.indexOf(']') + 1).replace(",", ", "));
  }
}
