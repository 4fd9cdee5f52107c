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
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.tensor.ComputedTensor;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.onnx.proto.GraphProto;
import dev.fusewright.io.onnx.proto.ModelProto;
import dev.fusewright.io.onnx.proto.StringStringEntryProto;
import dev.fusewright.io.onnx.proto.TensorProto;
import dev.fusewright.io.safetensors.SafetensorsFormat;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.pipeline.ExampleModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code verify --certificates}: what a report may be relied on for, and what not. */
final class CertificatesTest {
  private static final Path ORIGINAL = ExampleModels.model("mlp_bn");

  @TempDir Path folder;
  private Path fused;
  private Path report;

  @BeforeEach
  void a_model_is_fused() {
    fused = folder.resolve("fused.onnx");
    report = folder.resolve("report.json");
    Answer answer =
        Answer.of("fuse", ORIGINAL, "-o", fused, "--report", report, "--verify", "site");
    assertThat(answer.code()).as(answer.err()).isZero();
  }

  private static Answer verify(Path original, Path candidate, Path report) {
    return Answer.of("verify", original, candidate, "--certificates", report);
  }

  private ObjectNode parsed() throws IOException {
    return (ObjectNode) new ObjectMapper().readTree(report.toFile());
  }

  private Path written(JsonNode json) throws IOException {
    return Files.writeString(folder.resolve("other.json"), json.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"fusions\":[]}",
        "{}",
        "[]",
        "null",
        "",
        "{\"fusions\":",
        "{\"fusions\":{}}",
        "no report at all"
      })
  void what_is_no_report_proves_nothing_of_two_unrelated_models(String text) throws IOException {
    Path none = Files.writeString(folder.resolve("none.json"), text);

    Answer answer = verify(ORIGINAL, ExampleModels.model("conv1d_net"), none);

    assertThat(answer.code()).isEqualTo(ExitCode.NOTHING);
    assertThat(answer.out()).isEmpty();
    assertThat(answer.err()).contains("none.json").contains("expected").doesNotContain("defect");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/source/sha256 | null | a sha256 of 64 digits",
        "/output/sha256 | 7 | a sha256 of 64 digits",
        "/mode | 1 | a string",
        "/fusions | {} | a list",
        "/fusions/0/rule | \"\" | a word",
        "/fusions/0/scope | null | a string",
        "/fusions/0/nodes | [] | the nodes that were fused",
        "/fusions/0/nodes | \"n\" | a list",
        "/fusions/0/nodes/0 | {} | a string",
        "/fusions/0/result | \"fooled\" | one of",
        "/fusions/0/epsilon | -1 | a number of at least 0",
        "/equivalence/sites | 3 | a list",
        "/equivalence/sites/0/operands/0/sha256 | \"x\" | a sha256 of 64 digits"
      })
  void a_malformed_part_of_a_report_is_named(String place, String value, String expected)
      throws IOException {
    ObjectNode json = parsed();
    int last = place.lastIndexOf('/');
    JsonNode parent = json.at(place.substring(0, last));
    JsonNode replacement = new ObjectMapper().readTree(value);
    if (parent instanceof ObjectNode object) {
      object.set(place.substring(last + 1), replacement);
    } else {
      ((com.fasterxml.jackson.databind.node.ArrayNode) parent)
          .set(Integer.parseInt(place.substring(last + 1)), replacement);
    }

    Answer answer = verify(ORIGINAL, fused, written(json));

    assertThat(answer.code()).isEqualTo(ExitCode.NOTHING);
    assertThat(answer.err()).contains("at " + place, "expected " + expected);
  }

  @Test
  void a_report_without_fusions_says_nothing_of_files_that_differ() throws IOException {
    ObjectNode json = parsed();
    json.putArray("fusions");

    Answer answer = verify(ORIGINAL, fused, written(json));

    assertThat(answer.code()).isEqualTo(ExitCode.NOTHING);
    assertThat(answer.out()).startsWith("INCONCLUSIVE").contains("and the files differ");
  }

  @Test
  void a_copy_of_which_nothing_was_fused_is_the_same() {
    Path again = folder.resolve("again.onnx");
    Path nothing = folder.resolve("nothing.json");
    assertThat(Answer.of("fuse", fused, "-o", again, "--report", nothing).code()).isZero();

    Answer answer = verify(fused, again, nothing);

    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(answer.out()).startsWith("EQUIVALENT").contains("both files have the same bytes");
  }

  @Test
  void a_candidate_that_is_another_file_than_the_reports_is_not_proven_between_the_sites()
      throws IOException {
    byte[] bytes = Files.readAllBytes(fused);
    // A field that nothing reads: doc_string of the model.
    byte[] longer = java.util.Arrays.copyOf(bytes, bytes.length + 3);
    longer[bytes.length] = 0x32;
    longer[bytes.length + 1] = 1;
    longer[bytes.length + 2] = 'x';
    Path other = Files.write(folder.resolve("other.onnx"), longer);

    Answer answer = verify(ORIGINAL, other, report);

    assertThat(answer.code()).isEqualTo(ExitCode.NOTHING);
    assertThat(answer.out())
        .startsWith("INCONCLUSIVE")
        .contains("the report is about another candidate: expected the sha256");
    assertThat(verify(ORIGINAL, fused, report).code()).isZero();
  }

  @Test
  void a_parameter_in_a_data_file_that_no_site_reads_is_compared() throws IOException {
    ModelProto whole = ModelProto.parseFrom(Files.readAllBytes(ORIGINAL));
    GraphProto.Builder graph = whole.getGraph().toBuilder();
    for (TensorProto.Builder tensor : graph.getInitializerBuilderList()) {
      if (tensor.getName().equals("fc4.weight")) {
        Files.write(folder.resolve("w.bin"), tensor.getRawData().toByteArray());
        tensor
            .clearRawData()
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(
                StringStringEntryProto.newBuilder().setKey("location").setValue("w.bin"));
      }
    }
    Path model =
        Files.write(
            folder.resolve("data.onnx"), whole.toBuilder().setGraph(graph).build().toByteArray());
    Path target = folder.resolve("elsewhere/data.onnx");
    Path its = folder.resolve("its.json");
    assertThat(Answer.of("fuse", model, "-o", target, "--verify=site", "--report", its).code())
        .isZero();
    assertThat(verify(model, target, its).out()).startsWith("EQUIVALENT");

    // What was there comes first in it.
    Path data = folder.resolve("elsewhere/data.onnx.data");
    byte[] bytes = Files.readAllBytes(data);
    bytes[7] ^= 1;
    Files.write(data, bytes);

    Answer answer = verify(model, target, its);
    assertThat(answer.code()).isEqualTo(ExitCode.NOTHING);
    assertThat(answer.out()).startsWith("INCONCLUSIVE").contains("fc4.weight");
  }

  @Test
  void a_report_that_was_forged_to_name_another_candidate_and_fewer_fusions_proves_nothing()
      throws IOException {
    ModelProto whole = ModelProto.parseFrom(Files.readAllBytes(fused));
    ObjectNode json = parsed();
    ArrayNode fusions = (ArrayNode) json.get("fusions");
    String kept = fusions.get(0).at("/nodes/0").asText();
    GraphProto.Builder graph = whole.getGraph().toBuilder();
    for (TensorProto.Builder tensor : graph.getInitializerBuilderList()) {
      if (!tensor.getName().startsWith(layer(kept))) {
        byte[] raw = tensor.getRawData().toByteArray();
        for (int i = 3; i < raw.length; i += Float.BYTES) {
          raw[i] ^= 0x40;
        }
        tensor.setRawData(ByteString.copyFrom(raw));
      }
    }
    Path other =
        Files.write(
            folder.resolve("altered.onnx"),
            whole.toBuilder().setGraph(graph).build().toByteArray());
    while (fusions.size() > 1) {
      fusions.remove(1);
    }
    ((ObjectNode) json.get("output")).put("sha256", Staging.sha256(other));

    Answer answer = verify(ORIGINAL, other, written(json));

    assertThat(answer.out()).startsWith("INCONCLUSIVE").contains("what lies between them is not");
    assertThat(answer.code()).isEqualTo(ExitCode.NOTHING);
  }

  /** The module of a node, which its parameters' names begin with. */
  private static String layer(String node) {
    return node.replaceFirst("^/", "").replaceFirst("/.*", "");
  }

  @Test
  void a_node_that_the_original_does_not_have_is_named() throws IOException {
    ObjectNode json = parsed();
    ((ObjectNode) json.at("/fusions/0")).putArray("nodes").add("nowhere");

    Answer answer = verify(ORIGINAL, fused, written(json));

    assertThat(answer.code()).isEqualTo(ExitCode.NOTHING);
    assertThat(answer.err()).contains("the original has no node 'nowhere'");
  }

  // ------------------------------------------------------------------------- state dicts

  private Path states() throws IOException {
    Random random = new Random(1);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("conv.weight", tensor(random, 0.5, 4, 3, 3, 3));
    tensors.put("bn.weight", tensor(random, 1, 4));
    tensors.put("bn.bias", tensor(random, 0, 4));
    tensors.put("bn.running_mean", tensor(random, 0, 4));
    tensors.put("bn.running_var", tensor(random, 3, 4));
    tensors.put("fc.weight", tensor(random, 0, 2, 4));
    return written(tensors, "state.safetensors");
  }

  private static Tensor tensor(Random random, double centre, long... dims) {
    Shape shape = Shape.of(dims);
    return new ComputedTensor(
        ElementType.FLOAT,
        shape,
        random.doubles(shape.elementCount(), centre - 0.5, centre + 0.5).toArray());
  }

  private Path written(Map<String, Tensor> tensors, String name) throws IOException {
    Path file = folder.resolve(name);
    new SafetensorsFormat().write(StateDict.ofTensors(tensors), Map.of(), file);
    return file;
  }

  private Path fusedStates(Path states) {
    Path target = folder.resolve("fused.safetensors");
    Answer answer =
        Answer.of(
            "fuse",
            states,
            "-o",
            target,
            "--modules",
            "[[\"conv\", \"bn\"]]",
            "--eps",
            "0.001",
            "--report",
            report);
    assertThat(answer.code()).as(answer.err()).isZero();
    return target;
  }

  @Test
  void the_folds_of_a_state_dict_are_proven_with_the_eps_that_the_report_names()
      throws IOException {
    Path states = states();
    Path target = fusedStates(states);

    Answer answer = Answer.of("verify", states, target, "--certificates", report, "--json");

    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(answer.json().at("/equivalence/verdict").asText()).isEqualTo("AS_LISTED");
    assertThat(answer.json().at("/equivalence/levels/certificate/verdict").asText())
        .isEqualTo("EQUIVALENT");
    assertThat(answer.json().at("/equivalence/assumptions").findValuesAsText("what"))
        .contains("'bn' alone follows 'conv'", "eps of 1 BatchNorm is 0.001");
    assertThat(verify(states, target, report).out()).contains("says: 'bn' alone follows 'conv'");
  }

  @Test
  void what_rests_on_nobody_s_word_names_nobody() {
    assertThat(verify(ORIGINAL, fused, report).out())
        .contains("certificates:")
        .doesNotContain("says:");
  }

  @Test
  void another_eps_in_the_report_of_a_state_dict_is_seen() throws IOException {
    Path states = states();
    Path target = fusedStates(states);
    ObjectNode json = parsed();
    ((ObjectNode) json.at("/fusions/0")).put("epsilon", 1e-5);

    assertThat(verify(states, target, written(json)).code()).isEqualTo(ExitCode.REJECTED);
  }

  @Test
  void a_report_that_does_not_say_the_eps_of_a_state_dict_is_not_relied_on() throws IOException {
    Path states = states();
    Path target = fusedStates(states);
    ObjectNode json = parsed();
    ((ObjectNode) json.at("/fusions/0")).remove("epsilon");

    Answer answer = verify(states, target, written(json));

    assertThat(answer.code()).isEqualTo(ExitCode.NOTHING);
    assertThat(answer.err()).contains("does not say which eps 'bn' has");
  }

  @ParameterizedTest
  @ValueSource(strings = {"conv.weight", "fc.weight"})
  void a_changed_tensor_of_a_state_dict_is_seen_be_it_folded_or_not(String name)
      throws IOException {
    Path states = states();
    Path target = fusedStates(states);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (StateCheckpoint file = Formats.openStates(target)) {
      tensors.putAll(file.states().get(0).state().tensors());
      tensors.put(
          name,
          tensor(
              new Random(9),
              0.5,
              tensors.get(name).shape().dims().stream().mapToLong(Long::longValue).toArray()));
      target = written(tensors, "changed.safetensors");
    }

    Answer answer = verify(states, target, report);

    assertThat(answer.code()).isEqualTo(ExitCode.REJECTED);
    assertThat(answer.out()).startsWith("DIFFERENT");
  }
}
