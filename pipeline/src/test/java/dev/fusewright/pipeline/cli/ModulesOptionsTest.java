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
package dev.fusewright.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.pipeline.ExampleModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --modules}, {@code --mode qat} and {@code --qat-prepare}. */
@UsesProcesses
final class ModulesOptionsTest {
  @TempDir Path folder;

  @Test
  void inspect_lists_what_a_recipe_makes_of_a_resnet_and_which_relus_stay() {
    Answer answer =
        Answer.of("inspect", ExampleModels.model("resnet18"), "--modules", "recipe:resnet18");

    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(answer.out())
        .contains(
            "/conv1/Conv + /bn1/BatchNormalization + /relu/Relu → ConvReLU2d",
            "'layer1.0.relu' is called elsewhere too, and stays there: /layer1/layer1.0/relu_1/Relu",
            "fused    20 sites: 11 Conv2d, 9 ConvReLU2d");
  }

  @Test
  void a_list_is_given_inline_or_in_a_file_and_fuses_nothing_else() throws IOException {
    String list = "[[\"conv1\", \"bn1\", \"relu\"], [\"layer1.0.conv1\", \"layer1.0.bn1\"]]";
    Path file = Files.writeString(folder.resolve("modules.list"), "# two groups\n" + list);
    for (Object given : List.of(list, file)) {
      Answer answer =
          Answer.of(
              "fuse",
              ExampleModels.model("resnet18"),
              "-o",
              folder.resolve("fused.onnx"),
              "--modules",
              given,
              "--json");

      assertThat(answer.code()).as(answer.err()).isZero();
      List<String> modules = new ArrayList<>();
      answer.json().get("fusions").forEach(fusion -> modules.add(fusion.get("module").asText()));
      assertThat(modules).containsExactly("ConvReLU2d", "Conv2d");
      assertThat(answer.json().at("/equivalence/verdict").asText()).isEqualTo("EQUIVALENT");
      assertThat(answer.json().at("/after/operators/BatchNormalization").asInt()).isEqualTo(18);
    }
  }

  @Test
  void a_failing_group_changes_nothing_and_is_named() {
    Path target = folder.resolve("fused.onnx");
    Answer answer =
        Answer.of(
            "fuse",
            ExampleModels.model("resnet18"),
            "-o",
            target,
            "--modules",
            "[[\"conv1\", \"bn1\"], [\"layer1.0.conv1\", \"layer1.0.bn7\"]]");

    assertThat(answer.code()).isEqualTo(3);
    assertThat(answer.err())
        .contains(
            "group 2 [layer1.0.conv1, layer1.0.bn7]",
            "'layer1.0' has no 'bn7', but bn1, bn2, conv1, conv2, relu")
        .doesNotContain("defect");
    assertThat(target).doesNotExist();
  }

  @Test
  void qat_modules_are_proven_with_the_statistics_they_update() throws IOException {
    Answer answer =
        Answer.of(
            "fuse",
            ExampleModels.model("resnet18_training"),
            "-o",
            folder.resolve("qat.onnx"),
            "--mode",
            "qat",
            "--json");

    assertThat(answer.code()).as(answer.err()).isZero();
    JsonNode report = answer.json();
    assertThat(report.get("mode").asText()).isEqualTo("qat");
    assertThat(report.at("/equivalence/verdict").asText()).isEqualTo("EQUIVALENT");
    // The output, and mean and variance of each of 20 BatchNorms.
    assertThat(report.at("/equivalence/outputs")).hasSize(41);
  }

  @Test
  void a_prepared_model_is_prepared_in_mode_qat_only() {
    Object model = ExampleModels.model("resnet18_training");
    Path prepared = folder.resolve("prepared.onnx");
    Answer right =
        Answer.of("fuse", model, "-o", prepared, "--mode", "qat", "--qat-prepare", "qnnpack");
    assertThat(right.code()).as(right.err()).isZero();
    assertThat(right.out()).contains("11 ConvBn2d, 9 ConvBnReLU2d, 1 Linear");

    assertThat(Answer.of("fuse", model, "-o", prepared, "--qat-prepare", "fbgemm").err())
        .contains("in mode qat only");
    Answer unknown = Answer.of("fuse", model, "-o", prepared, "--qat-prepare", "x86");
    assertThat(unknown.code()).isEqualTo(1);
    assertThat(unknown.err()).contains("known are fbgemm and qnnpack");
  }
}
