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

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.testing.ExportedPrograms;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program of PyTorch against an ONNX model, whose names are others. */
@UsesProcesses
final class VerifyProgramsTest {
  @TempDir Path folder;
  private Path program;

  @BeforeEach
  void copy() throws IOException {
    program = ExportedPrograms.copy("conv1d.pt2", folder);
  }

  /** The program in ONNX's terms, with other names of what goes in and out. */
  private Path export(String name, UnaryOperator<Node> changed) throws IOException {
    Path target = folder.resolve(name);
    try (GraphCheckpoint checkpoint = Formats.openGraph(program)) {
      ModelGraph model = checkpoint.translation().graph();
      Graph graph = model.graph();
      Map<String, String> names =
          Map.of(graph.inputs().get(0).name(), "image", graph.outputs().get(0).name(), "scores");
      Formats.onnx()
          .write(
              model.withGraph(
                  new Graph(
                      graph.name(),
                      graph.nodes().stream()
                          .map(node -> renamed(changed.apply(node), names))
                          .toList(),
                      graph.initializers(),
                      infos(graph.inputs(), names),
                      infos(graph.outputs(), names))),
              target);
    }
    return target;
  }

  private static Node renamed(Node node, Map<String, String> names) {
    return new Node(
        node.id(),
        node.name(),
        node.op(),
        node.inputs().stream().map(name -> names.getOrDefault(name, name)).toList(),
        node.outputs().stream().map(name -> names.getOrDefault(name, name)).toList(),
        node.attributes());
  }

  private static List<ValueInfo> infos(List<ValueInfo> infos, Map<String, String> names) {
    return infos.stream()
        .map(it -> new ValueInfo(names.getOrDefault(it.name(), it.name()), it.type(), it.dims()))
        .toList();
  }

  @Test
  void is_equivalent_by_the_places_of_its_inputs_and_outputs() throws IOException {
    Path export = export("export.onnx", node -> node);

    for (Answer answer :
        List.of(Answer.of("verify", program, export), Answer.of("verify", export, program))) {
      assertThat(answer.code()).as(answer.out() + answer.err()).isZero();
      assertThat(answer.out())
          .startsWith("EQUIVALENT: structure")
          .contains("provided that inputs and outputs stand for one another by their places");
    }
  }

  @Test
  void is_run_by_their_places_where_the_structure_is_another() throws IOException {
    Path export =
        export(
            "other.onnx",
            node ->
                node.is(new OpKind("", "Relu"))
                    ? new Node(
                        node.id(),
                        node.name(),
                        new OpKind("", "Sigmoid"),
                        node.inputs(),
                        node.outputs(),
                        node.attributes())
                    : node);

    Answer answer = Answer.of("verify", program, export);

    assertThat(answer.code()).as(answer.out() + answer.err()).isEqualTo(ExitCode.REJECTED);
    assertThat(answer.out()).startsWith("DIFFERENT: whole model").contains("linear: error");
  }
}
