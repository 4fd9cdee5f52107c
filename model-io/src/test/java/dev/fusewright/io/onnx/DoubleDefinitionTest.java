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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.core.graph.GraphException;
import dev.fusewright.core.graph.GraphInvariants;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.onnx.proto.FunctionProto;
import dev.fusewright.io.onnx.proto.GraphProto;
import dev.fusewright.io.onnx.proto.ModelProto;
import dev.fusewright.io.onnx.proto.OperatorSetIdProto;
import dev.fusewright.io.onnx.proto.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names that a model gives to two things. */
class DoubleDefinitionTest {
  @TempDir Path folder;

  private static ValueInfoProto named(String name) {
    return ValueInfoProto.newBuilder().setName(name).build();
  }

  /** x → Relu → y. */
  private static GraphProto.Builder graph() {
    return GraphProto.newBuilder()
        .setName("g")
        .addInput(named("x"))
        .addOutput(named("y"))
        .addNode(Protos.node("Relu", List.of("x"), List.of("y")));
  }

  private void refused(ModelProto model, String... says) {
    assertThatThrownBy(() -> read(model))
        .isInstanceOfAny(CheckpointException.class, GraphException.class)
        .hasMessageContainingAll(says);
  }

  private void read(ModelProto model) throws IOException {
    Path file = Files.write(folder.resolve("model.onnx"), model.toByteArray());
    try (OnnxCheckpoint opened = OnnxReader.read(file)) {
      GraphInvariants.check(opened.graph());
      assertThat(opened.graph().graph().outputs()).hasSize(1);
    }
  }

  @Test
  void a_value_that_two_nodes_compute_is_refused_and_two_values_are_not() throws IOException {
    GraphProto.Builder twice = graph().addNode(Protos.node("Neg", List.of("x"), List.of("y")));
    refused(Protos.model(twice), "'y'", "defined twice");
    read(Protos.model(graph().addNode(Protos.node("Neg", List.of("x"), List.of("z")))));
  }

  @Test
  void a_value_that_one_node_computes_twice_is_refused() {
    GraphProto.Builder twice =
        GraphProto.newBuilder()
            .setName("g")
            .addInput(named("x"))
            .addOutput(named("y"))
            .addNode(Protos.node("Split", List.of("x"), List.of("y", "y")));
    refused(Protos.model(twice), "'y'", "defined twice");
  }

  @Test
  void an_input_given_twice_is_refused() {
    refused(Protos.model(graph().addInput(named("x"))), "'x'", "defined twice");
  }

  @Test
  void an_initializer_that_a_node_computes_too_is_refused() {
    refused(Protos.model(graph().addInitializer(Protos.floats("y", 1, 2))), "'y'", "defined twice");
  }

  @Test
  void an_initializer_given_twice_is_refused_and_one_that_overrides_an_input_is_not()
      throws IOException {
    refused(
        Protos.model(
            graph().addInitializer(Protos.floats("w", 1)).addInitializer(Protos.floats("w", 2))),
        "'w'",
        "defined twice");
    read(Protos.model(graph().addInitializer(Protos.floats("x", 1))));
  }

  @Test
  void an_output_without_a_type_that_is_an_initializer_is_read() throws IOException {
    read(
        Protos.model(
            GraphProto.newBuilder()
                .setName("g")
                .addOutput(named("w"))
                .addInitializer(Protos.floats("w", 1, 2))));
  }

  private static FunctionProto function(String overload) {
    return FunctionProto.newBuilder()
        .setDomain("ours")
        .setName("Twice")
        .setOverload(overload)
        .addInput("a")
        .addOutput("b")
        .addNode(Protos.node("Add", List.of("a", "a"), List.of("b")))
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
        .build();
  }

  @Test
  void a_function_defined_twice_is_refused_and_two_overloads_of_one_are_not() throws IOException {
    ModelProto.Builder model =
        Protos.model(
                GraphProto.newBuilder()
                    .setName("g")
                    .addInput(named("x"))
                    .addOutput(named("y"))
                    .addNode(Protos.node("Twice", List.of("x"), List.of("y")).setDomain("ours")))
            .toBuilder()
            .setIrVersion(10)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("ours").setVersion(1))
            .addFunctions(function(""));
    refused(model.clone().addFunctions(function("")).build(), "Twice", "defined twice");
    read(model.clone().addFunctions(function("other")).build());
  }
}
