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
package dev.fusewright.io.modules;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.modules.ModuleFuser;
import dev.fusewright.core.modules.ModuleList;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.core.verify.Evaluation;
import dev.fusewright.core.verify.ModelSession;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.runtime.RunnerOptions;
import dev.fusewright.io.runtime.RunnerPool;
import dev.fusewright.io.samples.SampleFiles;
import dev.fusewright.io.testing.Python;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a module list makes of exported models, against what real PyTorch's fuse_modules made of the
 * same list and exported.
 */
@UsesProcesses
@UsesPython
class FuseModulesOracleTest {
  @TempDir private static Path oracle;
  private static RunnerPool pool;

  @BeforeAll
  static void run() {
    Python.TORCH1.run(
        "fuse_modules_oracle.py",
        oracle,
        "--architecture",
        "resnet18",
        "--architecture",
        "resnet18_quantizable",
        "--architecture",
        "mobilenet_v2",
        "--architecture",
        "mobilenet_v2_quantizable",
        "--architecture",
        "conv1d_net",
        "--architecture",
        "conv3d_net",
        "--architecture",
        "dcgan_generator",
        "--architecture",
        "mlp_bn");
    pool = new RunnerPool(RunnerOptions.forProcesses(1));
  }

  @AfterAll
  static void end() {
    if (pool != null) {
      pool.close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "resnet18",
        "resnet18_quantizable",
        "mobilenet_v2",
        "mobilenet_v2_quantizable",
        "conv1d_net",
        "conv3d_net",
        "dcgan_generator",
        "mlp_bn"
      })
  void weights_have_the_bits_of_torchs_and_outputs_are_equal(String architecture) throws Exception {
    Path folder = oracle.resolve(architecture);
    String groups =
        JsonParser.parseString(Files.readString(folder.resolve("oracle.json")))
            .getAsJsonObject()
            .get("groups")
            .toString();
    check(folder, ModuleList.parse(groups));
  }

  @ParameterizedTest
  @ValueSource(strings = {"resnet18", "mobilenet_v2_quantizable"})
  void the_recipe_does_the_same_as_the_list(String architecture) throws Exception {
    check(
        oracle.resolve(architecture), ModuleList.recipe(architecture.replace("_quantizable", "")));
  }

  private static void check(Path folder, ModuleList list) throws Exception {
    Path file = folder.resolve("ours.onnx");
    try (GraphCheckpoint model = Formats.openGraph(folder.resolve("float.onnx"));
        GraphCheckpoint torch = Formats.openGraph(folder.resolve("eval.onnx"))) {
      ModelGraph fused = ModuleFuser.eval(list).plan(model.graph()).apply();
      model.write(fused, Map.of(), file);
      List<Node> ours = layers(fused);
      List<Node> theirs = layers(torch.graph());
      assertThat(ours).hasSameSizeAs(theirs);
      for (int i = 0; i < ours.size(); i++) {
        for (int input = 1; input <= 2; input++) {
          if (theirs.get(i).hasInput(input)) {
            assertThat(constant(fused, ours.get(i), input))
                .as(ours.get(i).label() + ", input " + input)
                .containsExactly(constant(torch.graph(), theirs.get(i), input));
          }
        }
      }
    }
    Tensor expected = SampleFiles.read(folder.resolve("output_eval.npy"));
    try (ModelSession session = pool.model(file).open(Evaluation.PLAIN)) {
      Tensor output =
          session
              .run(
                  Map.of("input", SampleFiles.read(folder.resolve("input.npy"))), List.of("output"))
              .get("output");
      double[] wanted = Tensors.doubles(expected, Integer.MAX_VALUE);
      double[] got = Tensors.doubles(output, Integer.MAX_VALUE);
      double largest = 0;
      double difference = 0;
      for (int i = 0; i < wanted.length; i++) {
        largest = Math.max(largest, Math.abs(wanted[i]));
        difference = Math.max(difference, Math.abs(wanted[i] - got[i]));
      }
      assertThat(difference / largest).isLessThan(1e-5);
    }
  }

  /** The layers in graph order; a Linear that was a MatMul is a Gemm once its norm is folded. */
  private static List<Node> layers(ModelGraph model) {
    return model.graph().nodes().stream()
        .filter(
            node ->
                node.is(OpKind.CONV)
                    || node.is(OpKind.CONV_TRANSPOSE)
                    || node.is(OpKind.GEMM)
                    || node.is(OpKind.MAT_MUL))
        .toList();
  }

  /** As PyTorch stores it: a weight that reaches its Gemm through a Transpose is not transposed. */
  private static double[] constant(ModelGraph model, Node node, int input) {
    String name = node.input(input);
    for (Node producer : model.graph().nodes()) {
      if (producer.is(OpKind.TRANSPOSE) && producer.output().equals(name)) {
        name = producer.input(0);
      }
    }
    for (Node producer : model.graph().nodes()) {
      if (producer.is(OpKind.IDENTITY) && producer.output().equals(name)) {
        name = producer.input(0);
      }
    }
    String held = name;
    return Tensors.doubles(
        model.graph().initializers().stream()
            .filter(initializer -> initializer.name().equals(held))
            .findFirst()
            .orElseThrow()
            .tensor(),
        Integer.MAX_VALUE);
  }
}
