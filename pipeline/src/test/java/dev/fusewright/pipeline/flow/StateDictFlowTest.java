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
package dev.fusewright.pipeline.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.io.safetensors.SafetensorsWriter;
import dev.fusewright.io.state.Checkpoint;
import dev.fusewright.io.statefile.StateDictReader;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import dev.fusewright.report.RefusalRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StateDictFlowTest {
  private static final String LIST = "[\"conv\", \"norm\", \"relu\"]";
  private static final FuseSettings TORCH = FuseSettings.defaults().withRules("torch");

  @TempDir Path folder;
  private Path output;

  @BeforeEach
  void outputFolder() throws IOException {
    output = Files.createDirectory(folder.resolve("output"));
  }

  private static FuseSettings listed(String list) {
    return TORCH.withModules(ModuleRequest.NONE.withList(list));
  }

  private FuseModel flow() throws IOException {
    return new FuseModel(
        Stores.forSingleFiles(StorageConfiguration.defaults()),
        NoProof.INSTANCE,
        Files.createTempDirectory(folder, "scratch"));
  }

  private FusionReport fuse(Path source, FuseSettings settings) throws IOException {
    return flow()
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
    SafetensorsWriter.write(StateDict.ofTensors(tensors), Map.of(), file);
    return file;
  }

  private static StateDict only(Checkpoint checkpoint) {
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
    assertThat(report.getEquivalence().getVerdict()).isEqualTo("EQUIVALENT");
    assertThat(report.getEquivalence().getLevels().getModel().getVerdict())
        .isEqualTo("NOT_CHECKED");
    assertThat(report.getEquivalence().getSites()).hasSize(1);
    assertThat(report.getBefore().getParameters()).isEqualTo(12);
    assertThat(report.getAfter().getParameters()).isEqualTo(6);
    assertThat(report.getTimingsMs())
        .containsOnlyKeys("fetch", "read", "plan", "write", "verify", "publish");
    try (Checkpoint fused = StateDictReader.read(output.resolve("small.safetensors"))) {
      assertThat(only(fused).entries()).containsOnlyKeys("conv.0.weight", "conv.0.bias");
    }
  }

  @Test
  void without_a_name_for_anything_the_candidates_are_listed_and_nothing_is_published()
      throws IOException {
    FusionReport report = fuse(convAndNorm(), FuseSettings.defaults());

    assertThat(report.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(report.getError().getStage()).isEqualTo("plan");
    assertThat(report.getError().getType()).isEqualTo("ModuleListException");
    assertThat(report.getError().getMessage())
        .contains("[\"conv\", \"norm\"]")
        .doesNotContain("defect");
    assertThat(report.getRefusals())
        .extracting(RefusalRecord::getReason)
        .containsExactly("NOT_NAMED");
    assertThat(output).isEmptyDirectory();
  }

  @Test
  void for_training_modules_move_and_no_value_changes() throws IOException {
    FusionReport report = fuse(convAndNorm(), listed(LIST).withMode(Mode.QAT));

    assertThat(report.getOutcome()).as("%s", report).isEqualTo(Outcome.FUSED);
    assertThat(report.getFusions()).singleElement().extracting("module").isEqualTo("ConvBnReLU2d");
    assertThat(report.getEquivalence().getLevels().getSite().getReason())
        .contains("no value changed");
    try (Checkpoint fused = StateDictReader.read(output.resolve("small.safetensors"))) {
      assertThat(only(fused).entries()).containsKeys("conv.0.weight", "conv.1.running_var");
    }
  }

  @Test
  void an_eps_of_its_own_changes_what_is_folded() throws IOException {
    ModuleRequest modules = ModuleRequest.NONE.withList(LIST);
    fuse(convAndNorm(), TORCH.withModules(modules.withCompanion(null, 3.0)));
    try (Checkpoint fused = StateDictReader.read(output.resolve("small.safetensors"))) {
      Tensor weight = only(fused).tensor("conv.0.weight").orElseThrow();
      assertThat(Tensors.doubles(weight, 4)[0]).isEqualTo(1.0);
    }
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
    assertThat(report.getEquivalence().getVerdict()).isEqualTo("EQUIVALENT");
    try (Checkpoint fused = StateDictReader.read(output.resolve(source.getFileName()))) {
      assertThat(only(fused).entries()).containsKey(key);
      assertThat(only(fused).entries().keySet())
          .filteredOn(name -> name.contains("running_var"))
          .isEmpty();
    }
    assertThat(fuse(source, TORCH).getError().getMessage()).contains("conv1\", ", "bn1\"]");
  }
}
