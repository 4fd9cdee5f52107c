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
package dev.fusewright.io.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.reference.ReferenceEvaluator;
import dev.fusewright.core.reference.UnsupportedOperatorException;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.io.testing.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The onnx project's own examples of every operator, computed by numpy, as {@code
 * src/oracles/onnx_node_tests.py} writes them.
 */
@UsesPython
class ReferenceOnNodeTestsTest {
  /** Their numbers are float32, or are rounded to four digits, and ours are not. */
  private static final Set<String> ROUNDED =
      Set.of(
          "test_dynamicquantizelinear",
          "test_dynamicquantizelinear_expanded",
          "test_averagepool_2d_ceil_last_window_starts_on_pad");

  @TempDir private Path folder;

  @Test
  void every_example_of_a_supported_operator_is_answered_as_onnx_says() throws IOException {
    List<Path> examples = examples();
    List<String> wrong = new ArrayList<>();
    int unsupported = 0;
    for (Path example : examples) {
      try {
        String difference = difference(example);
        if (!difference.isEmpty()) {
          wrong.add(example.getFileName() + ": " + difference);
        }
      } catch (UnsupportedOperatorException e) {
        unsupported++;
      } catch (RuntimeException e) {
        wrong.add(example.getFileName() + ": " + e);
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(examples.size() - unsupported).as("examples that agree").isGreaterThan(1000);
  }

  private List<Path> examples() throws IOException {
    Python.TORCH2.run("onnx_node_tests.py", folder);
    try (Stream<Path> listed = Files.list(folder)) {
      return listed
          .filter(example -> !ROUNDED.contains(example.getFileName().toString()))
          .filter(ReferenceOnNodeTestsTest::hasArithmetic)
          .sorted()
          .toList();
    }
  }

  /** Whether our tensors can hold all the values: not those of four, eight or a hundred bits. */
  private static boolean hasArithmetic(Path example) {
    try {
      tensors(example, "input_");
      tensors(example, "output_");
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static String difference(Path example) {
    List<NdArray> inputs = tensors(example, "input_");
    List<NdArray> expected = tensors(example, "output_");
    try (OnnxCheckpoint model = OnnxReader.read(example.resolve("model.onnx"))) {
      Graph graph = model.graph().graph();
      Map<String, NdArray> given = new HashMap<>();
      for (int i = 0; i < inputs.size(); i++) {
        given.put(graph.inputs().get(i).name(), inputs.get(i));
      }
      List<NdArray> answers =
          List.copyOf(ReferenceEvaluator.evaluate(model.graph(), given).values());
      for (int i = 0; i < expected.size(); i++) {
        String difference = difference(answers.get(i), expected.get(i));
        if (!difference.isEmpty()) {
          return "output " + i + ": " + difference;
        }
      }
    }
    return "";
  }

  private static List<NdArray> tensors(Path example, String prefix) {
    List<NdArray> tensors = new ArrayList<>();
    Path file = example.resolve(prefix + "0.pb");
    while (Files.exists(file)) {
      tensors.add(TensorFiles.read(file));
      file = example.resolve(prefix + tensors.size() + ".pb");
    }
    return tensors;
  }

  private static String difference(NdArray answer, NdArray expected) {
    if (answer.type() != expected.type() || !answer.shape().equals(expected.shape())) {
      return "expected %s%s, found %s%s"
          .formatted(expected.type(), expected.shape(), answer.type(), answer.shape());
    }
    double tolerance = tolerance(expected.type());
    for (int i = 0; i < expected.size(); i++) {
      double wanted = expected.values()[i];
      double found = answer.values()[i];
      boolean same =
          Double.compare(wanted, found) == 0
              || Math.abs(wanted - found) <= tolerance * (1 + Math.abs(wanted));
      if (!same) {
        return "element %d: expected %s, found %s".formatted(i, wanted, found);
      }
    }
    return "";
  }

  /** What the examples' own rounding may amount to. */
  private static double tolerance(ElementType type) {
    if (type == ElementType.BFLOAT16) {
      return 1e-2;
    }
    return type == ElementType.FLOAT16 ? 2e-3 : type.isFoldable() ? 1e-5 : 0;
  }
}
