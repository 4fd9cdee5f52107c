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

import dev.fusewright.core.analysis.shape.ShapeInference;
import dev.fusewright.core.analysis.shape.SymInt;
import dev.fusewright.core.analysis.shape.SymbolicShape;
import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.testing.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shape inference on the onnx project's own examples of every operator: with the sizes of inputs
 * given, with all of them open, and with small inputs as constants.
 */
@UsesPython
class ShapesOnNodeTestsTest {
  @TempDir private Path folder;

  private final List<String> wrong = new ArrayList<>();
  private int known;
  private int all;

  /** What is known of an example before inference. */
  private enum Form {
    SIZES_GIVEN,
    SIZES_OPEN,
    SMALL_INPUTS_CONSTANT
  }

  @Test
  void what_is_inferred_of_an_example_is_what_onnx_computes() throws IOException {
    Python.TORCH2.run("onnx_node_tests.py", folder);
    List<Path> examples;
    try (Stream<Path> listed = Files.list(folder)) {
      examples = listed.sorted().toList();
    }
    for (Path example : examples) {
      for (Form form : Form.values()) {
        compare(example, form);
      }
    }

    assertThat(wrong).isEmpty();
    assertThat((double) known / all)
        .as("share of ranks and sizes that are known")
        .isGreaterThan(0.6);
  }

  private void compare(Path example, Form form) {
    Map<String, Long> sizes = new HashMap<>();
    try (GraphCheckpoint opened = Formats.openGraph(example.resolve("model.onnx"))) {
      ModelGraph model = opened.graph();
      List<NdArray> inputs = tensors(example, "input_");
      List<NdArray> outputs = tensors(example, "output_");
      if (inputs.size() != model.graph().inputs().size()
          || outputs.size() != model.graph().outputs().size()) {
        return; // Some inputs or outputs are no tensors.
      }
      ShapeInference inference = ShapeInference.of(prepared(model, inputs, sizes, form));
      for (int i = 0; i < outputs.size(); i++) {
        SymbolicShape inferred = inference.of(model.graph().outputs().get(i).name());
        compare("%s %s".formatted(example.getFileName(), form), inferred, outputs.get(i), sizes);
      }
    } catch (IllegalArgumentException e) {
      // Values of four or eight bits, which our tensors cannot hold.
    }
  }

  private void compare(
      String example, SymbolicShape inferred, NdArray actual, Map<String, Long> sizes) {
    if (actual.size() == 0) {
      return; // Nothing is promised of what is empty.
    }
    all += actual.rank() + 1;
    known += inferred.hasRank() ? 1 : 0;
    boolean isRight = !inferred.hasRank() || inferred.rank() == actual.rank();
    for (int axis = 0; isRight && inferred.hasRank() && axis < actual.rank(); axis++) {
      SymInt size = inferred.dim(axis).size();
      if (size != null) {
        known++;
        SymInt bound = size.substituted(sizes);
        isRight = bound != null && bound.constant().orElse(-1) == actual.shape().dim(axis);
      }
    }
    if (!isRight) {
      wrong.add("%s: inferred %s, found %s".formatted(example, inferred, actual.shape()));
    }
  }

  /** Without what the model says of its outputs. */
  private static ModelGraph prepared(
      ModelGraph model, List<NdArray> given, Map<String, Long> sizes, Form form) {
    Graph graph = model.graph();
    List<ValueInfo> inputs = new ArrayList<>();
    List<Initializer> initializers = new ArrayList<>(graph.initializers());
    for (int i = 0; i < given.size(); i++) {
      ValueInfo input = graph.inputs().get(i);
      NdArray value = given.get(i);
      Tensor constant = form == Form.SMALL_INPUTS_CONSTANT && i > 0 ? constant(value) : null;
      if (constant != null) {
        initializers.add(new Initializer(input.name(), constant));
        continue;
      }
      List<Dim> dims = new ArrayList<>();
      for (int axis = 0; axis < value.rank(); axis++) {
        dims.add(form == Form.SIZES_OPEN ? new Dim.Unknown() : Dim.of(value.shape().dim(axis)));
        sizes.put(input.name() + "#" + axis, value.shape().dim(axis));
      }
      inputs.add(new ValueInfo(input.name(), input.type(), dims));
    }
    return model.withGraph(
        new Graph(
            graph.name(),
            graph.nodes(),
            initializers,
            inputs,
            graph.outputs().stream().map(output -> ValueInfo.untyped(output.name())).toList()));
  }

  private static @org.jspecify.annotations.Nullable Tensor constant(NdArray value) {
    if (value.rank() > 1 || value.size() > 16) {
      return null;
    }
    Shape shape = value.shape();
    if (value.type() == ElementType.INT64) {
      return LiteralTensor.ofLongs(shape, value.longs());
    }
    return value.type() == ElementType.FLOAT
        ? LiteralTensor.ofDoubles(ElementType.FLOAT, shape, value.values())
        : null;
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
}
