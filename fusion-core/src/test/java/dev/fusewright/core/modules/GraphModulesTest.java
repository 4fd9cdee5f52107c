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
package dev.fusewright.core.modules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.engine.StepwisePlanning;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.text.GraphText;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GraphModulesTest {
  private static GraphModules modules(ModelGraph model) {
    return GraphModules.of(new StepwisePlanning(model).graph());
  }

  private static GraphModules modules(String nodes) {
    return modules(
        GraphText.parse(
            """
            <ir_version: 7, opset_import: ["" : 13]>
            g (float[2,4,8,8] x) => (float[2,4,8,8] y)
            <float[4,4,1,1] "conv.weight" = random(1), float[4,4,1,1] "block.conv.weight" = random(2),
             float[4] "bn.weight" = random(3), float[4] "bn.bias" = random(4),
             float[4] "bn.running_mean" = random(5), float[4] "bn.running_var" = random(6, 0.5, 1.5),
             float[4,4] "fc.weight" = random(7)>
            { %s }
            """
                .formatted(nodes)));
  }

  @Test
  void a_child_of_a_sequential_repeats_its_parent_in_its_scope() {
    GraphModules modules =
        modules(
            """
            ["/features/features.1/conv/conv.0/conv.0.0/Conv"] a = Conv(x, "conv.weight")
            ["/features/features.1/conv/conv.0/conv.0.2/Relu"] b = Relu(a)
            ["/features/features.1/conv/conv.1/Conv"] c = Conv(b, "conv.weight")
            ["/features/features.1/Add"] y = Add(c, x)
            """);

    assertThat(modules.names())
        .containsExactly("features.1.conv.0.0", "features.1.conv.0.2", "features.1.conv.1");
    assertThat(modules.calls("features.1.conv.0.2").get(0).type()).isEqualTo("ReLU");
  }

  @Test
  void parameters_tell_a_second_call_from_another_module() {
    GraphModules modules =
        modules(
            """
            ["/conv/Conv"] a = Conv(x, "conv.weight")
            ["/conv_1/Conv"] b = Conv(a, "conv.weight")
            ["/block/conv/Conv"] c = Conv(b, "block.conv.weight")
            ["/block/relu/Relu"] d = Relu(c)
            ["/block_1/conv/Conv"] e = Conv(d, "block.conv.weight")
            ["/block_1/relu/Relu"] y = Relu(e)
            """);

    assertThat(modules.names()).containsExactly("conv", "block.conv", "block.relu");
    assertThat(modules.calls("conv")).hasSize(2);
    assertThat(modules.calls("block.relu"))
        .extracting(call -> call.last().output())
        .containsExactly("d", "y");
  }

  @Test
  void a_counted_call_without_parameters_is_found_under_both_names() {
    GraphModules modules =
        modules(
            """
            ["/relu/Relu"] a = Relu(x)
            ["/relu_1/Relu"] y = Relu(a)
            """);

    assertThat(modules.calls("relu")).hasSize(2);
    assertThat(modules.calls("relu_1")).hasSize(1);
  }

  @Test
  void without_scopes_parameters_name_the_modules() {
    GraphModules modules =
        modules(
            """
            [Conv_0] a = Conv(x, "conv.weight")
            [Bn_1] b = BatchNormalization(a, "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var")
            [Relu_2] y = Relu(b)
            """);

    assertThat(modules.hasScopes()).isFalse();
    assertThat(modules.names()).containsExactly("conv", "bn");
    assertThat(modules.calls("bn").get(0).type()).isEqualTo("BatchNorm2d");
  }

  @Test
  void the_newer_exporters_metadata_names_module_class_and_call() {
    ModelGraph plain =
        GraphText.parse(
            """
            <ir_version: 10, opset_import: ["" : 18]>
            g (float[2,4,8,8] x) => (float[2,4,8,8] y)
            <float[4,4,1,1] w = random(1)>
            { [node_conv] a = Conv(x, w) [node_relu] b = Relu(a) [node_relu_1] y = Relu(b) }
            """);
    Map<String, List<String>> origins =
        Map.of(
            "node_conv",
                List.of("['', 'layer1', 'layer1.0', 'layer1.0.conv', 'conv2d']", "my.net.Conv2d"),
            "node_relu", List.of("['', 'relu', 'relu']", "torch.nn.modules.activation.ReLU"),
            "node_relu_1", List.of("['', 'relu', 'relu_1']", "torch.nn.modules.activation.ReLU"));
    List<Node> nodes =
        plain.graph().nodes().stream()
            .map(
                node -> {
                  List<String> origin = origins.get(node.name());
                  String classes =
                      origin
                          .get(0)
                          .replaceAll("'[^']*'", "'x'")
                          .replaceAll("'x', 'x'\\]$", "'" + origin.get(1) + "', 'aten.x']");
                  return node.withDocumentation(
                      "",
                      Map.of(
                          "pkg.torch.onnx.name_scopes",
                          origin.get(0),
                          "pkg.torch.onnx.class_hierarchy",
                          classes));
                })
            .toList();
    GraphModules modules =
        modules(
            plain.withGraph(
                new Graph(
                    "g",
                    nodes,
                    plain.graph().initializers(),
                    plain.graph().inputs(),
                    plain.graph().outputs())));

    assertThat(modules.calls("layer1.0.conv").get(0).type()).isEqualTo("my.net.Conv2d");
    assertThat(modules.calls("relu")).hasSize(2);
    assertThat(modules.calls("relu").get(0).type()).isEqualTo("ReLU");
  }

  @Test
  void a_linear_without_bias_is_a_transpose_and_a_mat_mul() {
    GraphModules modules =
        modules(
            """
            ["/fc/Transpose"] t = Transpose<perm=[1,0]>("fc.weight")
            ["/fc/MatMul"] y = MatMul(x, t)
            """);

    assertThat(modules.calls("fc"))
        .singleElement()
        .satisfies(
            call -> {
              assertThat(call.type()).isEqualTo("Linear");
              assertThat(call.first().op().type()).isEqualTo("MatMul");
            });
  }
}
