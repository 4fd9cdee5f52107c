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

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.io.Formats;
import dev.fusewright.pipeline.ExampleModels;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@UsesProcesses
final class VerifyCommandTest {
  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private String original = "";
  private String fused = "";
  private String report = "";

  private int run(String... arguments) {
    return Fusewright.execute(new PrintWriter(out), new PrintWriter(err), arguments);
  }

  @BeforeEach
  void a_model_is_fused() {
    original = ExampleModels.folder().resolve("mlp_bn.onnx").toString();
    fused = folder.resolve("fused.onnx").toString();
    report = folder.resolve("report.json").toString();
    assertThat(run("fuse", original, "-o", fused, "--report", report, "--verify", "site")).isZero();
    out.getBuffer().setLength(0);
  }

  @Test
  void a_fused_model_is_equivalent_to_its_original() {
    assertThat(run("verify", original, fused)).as(err.toString()).isZero();
    assertThat(out.toString()).startsWith("EQUIVALENT");
  }

  @Test
  void the_structure_says_it_for_every_input_and_nothing_is_run() throws IOException {
    assertThat(run("verify", original, fused, "--json")).as(err.toString()).isZero();

    JsonNode equivalence = new ObjectMapper().readTree(out.toString()).get("equivalence");
    assertThat(equivalence.get("verdict").asText()).isEqualTo("EQUIVALENT");
    assertThat(equivalence.at("/levels/structure/verdict").asText()).isEqualTo("EQUIVALENT");
    assertThat(equivalence.at("/levels/structure/reason").asText())
        .startsWith("for every input: ")
        .endsWith("are the same, in normal form");
    assertThat(equivalence.at("/levels/model/verdict").asText()).isEqualTo("NOT_CHECKED");
    assertThat(equivalence.get("samples").asInt()).isZero();
  }

  @Test
  void a_model_is_equivalent_to_itself_even_where_samples_would_not_tell() throws IOException {
    Path silent = folder.resolve("silent.onnx");
    Formats.onnx()
        .write(
            GraphText.parse(
                """
                <ir_version: 8, opset_import: ["" : 13]>
                g (float[1,4] x) => (float[1,4] z)
                <float[1] zero = {0}>
                { z = Mul(x, zero) }
                """),
            silent);
    assertThat(run("verify", silent.toString(), silent.toString())).as(err.toString()).isZero();
    assertThat(out.toString())
        .startsWith(
            """
            EQUIVALENT: structure
              structure: for every input: both are made of the same bytes
            """);
  }

  @Test
  void where_the_structure_differs_the_difference_is_named_and_samples_decide() throws IOException {
    assertThat(run("verify", activation("Relu"), activation("Tanh"))).isEqualTo(ExitCode.REJECTED);
    assertThat(out.toString())
        .startsWith("DIFFERENT: ")
        .contains("  structure: the normal forms differ: output 'z': where the first has Relu");
  }

  private String activation(String operator) throws IOException {
    Path model = folder.resolve(operator + ".onnx");
    Formats.onnx()
        .write(
            GraphText.parse(
                """
                <ir_version: 8, opset_import: ["" : 13]>
                g (float[1,4] x) => (float[1,4] z) { z = %s(x) }
                """
                    .formatted(operator)),
            model);
    return model.toString();
  }

  @Test
  void certificates_are_checked_anew_from_original_fused_model_and_report() {
    assertThat(run("verify", original, fused, "--certificates", report, "--json"))
        .as(err.toString())
        .isZero();
    assertThat(out.toString()).contains("\"certificate\"").contains("all 2 sites");
  }

  @Test
  void a_byte_changed_in_a_weight_is_seen_by_the_certificates() throws Exception {
    byte[] bytes = Files.readAllBytes(Path.of(fused));
    byte[] original = Files.readAllBytes(Path.of(this.original));
    int weight = lastDifference(original, bytes);
    bytes[weight] ^= 0x40; // An exponent bit of some folded value.
    Files.write(Path.of(fused), bytes);

    assertThat(run("verify", this.original, fused, "--certificates", report))
        .isEqualTo(ExitCode.REJECTED);
    assertThat(out.toString()).startsWith("DIFFERENT");
  }

  /** The top byte of a float32 in the middle of the file, where weights lie. */
  private static int lastDifference(byte[] original, byte[] fused) {
    int at = Math.min(original.length, fused.length) / 2;
    while (original[at] == fused[at] || (fused[at] & 0x7f) < 0x30) {
      at++;
    }
    return at;
  }

  /** A convolution whose weight callers may override, from IR 4 on, and a norm. */
  private String convAndNorm(String file, String weight) throws IOException {
    Path model = folder.resolve(file);
    Formats.onnx()
        .write(
            GraphText.parse(
                """
                <ir_version: 8, opset_import: ["" : 15]>
                g (float[1,1,2,2] x, float[1,1,1,1] w) => (float[1,1,2,2] z)
                <float[1,1,1,1] w = {%s}, float[1] scale = {2.0}, float[1] shift = {0.25}, float[1] mean = {0.5},
                 float[1] var = {1.0}>
                {
                  [conv] y = Conv(x, w)
                  [bn] z = BatchNormalization(y, scale, shift, mean, var)
                }
                """
                    .formatted(weight)),
            model);
    return model.toString();
  }

  @Test
  void a_last_bit_changed_in_an_operand_of_the_original_is_told_by_its_name() throws IOException {
    String model = convAndNorm("model.onnx", "0.5");
    String frozen = folder.resolve("frozen.onnx").toString();
    assertThat(run("fuse", model, "-o", frozen, "--inputs", "freeze", "--report", report)).isZero();
    assertThat(run("verify", model, frozen, "--certificates", report)).isZero();
    out.getBuffer().setLength(0);

    // Within what a certificate lets pass as rounding.
    String other = convAndNorm("other.onnx", "0.50000006");
    assertThat(run("verify", other, frozen, "--certificates", report)).isEqualTo(ExitCode.REJECTED);
    assertThat(out.toString())
        .startsWith("DIFFERENT")
        .contains("the operand 'w' of the original has changed: expected the sha256 ");
  }

  @Test
  void a_report_says_what_certificates_rest_on_and_what_they_found_of_the_stored_parameters()
      throws IOException {
    JsonNode site = new ObjectMapper().readTree(new File(report)).at("/equivalence/sites").get(0);
    List<String> shapes = new ArrayList<>();
    site.get("operands")
        .forEach(
            operand -> {
              assertThat(operand.get("sha256").asText()).matches("[0-9a-f]{64}");
              assertThat(operand.get("type").asText()).isEqualTo("float");
              shapes.add(operand.get("shape").toString());
            });
    // The weight and the bias of a Gemm, and the four parameters of its norm.
    assertThat(shapes).hasSize(6).contains("[64,40]");
    JsonNode stored = site.get("stored");
    assertThat(stored.get("weights").asInt()).isEqualTo(64 * 40);
    assertThat(stored.get("least").asDouble()).isNegative();
    assertThat(stored.get("largest").asDouble()).isPositive();
    assertThat(stored.get("weight_ulps").asDouble()).isBetween(0.0, 1.0);
    assertThat(stored.get("subnormals").asInt()).isZero();
  }

  @Test
  void models_with_other_inputs_are_different_and_the_message_says_how() {
    String other = ExampleModels.folder().resolve("conv1d_net.onnx").toString();

    assertThat(run("verify", original, other)).isEqualTo(ExitCode.REJECTED);
    assertThat(out.toString()).contains("input float[batch,40] 'input'");
  }

  @Test
  void what_is_no_model_is_unreadable() throws Exception {
    Path text = Files.writeString(folder.resolve("text.onnx"), "no model at all");

    assertThat(run("verify", original, text.toString())).isEqualTo(ExitCode.NOTHING);
    assertThat(err.toString()).contains("text.onnx");
  }

  @Test
  void inputs_are_given_by_shape_range_and_file() throws Exception {
    Path sample = folder.resolve("x.npy");
    StringBuilder header =
        new StringBuilder("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 40), }");
    while ((10 + header.length() + 1) % 64 != 0) {
      header.append(' ');
    }
    header.append('\n');
    ByteBuffer bytes =
        ByteBuffer.allocate(10 + header.length() + 4 * 40).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    bytes.putShort((short) header.length()).put(header.toString().getBytes(US_ASCII));
    for (int i = 0; i < 40; i++) {
      bytes.putFloat(i / 10f);
    }
    Files.write(sample, bytes.array());
    // Their structure differs, so that samples decide.
    String relu = model("relu", "z = Relu(input)");
    String max = model("max", "z = Max(input, zero)");
    String[] verify = {
      "verify",
      relu,
      max,
      "--json",
      "--inputs-file",
      "input=" + sample,
      "--input-shape",
      "input=3,40",
      "--input-range",
      "input=-2,2"
    };
    assertThat(run(verify)).as(err + "" + out).isZero();
    JsonNode equivalence = new ObjectMapper().readTree(out.toString()).get("equivalence");
    assertThat(equivalence.get("samples").asInt()).isEqualTo(10);
    assertThat(equivalence.at("/outputs/0/sample").asText())
        .containsAnyOf("given 1 [1,40]", "[3,40]");
  }

  private String model(String name, String nodes) throws IOException {
    Path model = folder.resolve(name + ".onnx");
    Formats.onnx()
        .write(
            GraphText.parse(
                """
                <ir_version: 8, opset_import: ["" : 13]>
                g (float[batch,40] input) => (float[batch,40] z)
                <float[1] zero = {0}>
                { %s }
                """
                    .formatted(nodes)),
            model);
    return model.toString();
  }

  @Test
  void what_is_said_of_an_input_must_be_for_the_model_and_well_formed() {
    assertThat(run("verify", original, fused, "--input-range", "other=0,1"))
        .isEqualTo(ExitCode.NOTHING);
    assertThat(err.toString()).contains("the input 'other'").contains("no such input");
    assertThat(run("verify", original, fused, "--input-range", "input=1,0"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("--input-range input: expected LOW,HIGH, found '1,0'");
    assertThat(run("verify", original, fused, "--input-range", "input=-1e308,1e308"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("expected LOW,HIGH, found '-1e308,1e308'");
    assertThat(run("verify", original, fused, "--input-shape", "input=3,x"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("--input-shape input: expected sizes, found '3,x'");
    assertThat(run("fuse", original, "-o", fused, "--inputs-file", "x.npy"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("expected the name of an input");
  }

  private String scaling(String name, String defaults, String body) throws IOException {
    return Files.writeString(
            folder.resolve(name + ".txt"),
            """
            <ir_version: 8, opset_import: ["" : 13]>
            g (float[2,3] x, float a) => (float[2,3] y)
            <%s>
            {
              %s
            }
            """
                .formatted(defaults, body))
        .toString();
  }

  @Test
  void other_defaults_of_an_input_are_not_told_apart_by_samples() throws IOException {
    String two = scaling("two", "float a = {2}, float k = {3}", "t = Mul(x, a)\n y = Mul(t, k)");
    String six = scaling("six", "float a = {6}", "y = Mul(x, a)");

    assertThat(run("verify", two, six)).as("%s%s", out, err).isEqualTo(3);
    assertThat(out.toString())
        .startsWith("INCONCLUSIVE")
        .contains("the default of the input 'a' is another one");
  }

  @Test
  void equal_by_samples_says_that_inputs_are_left_at_their_defaults() throws IOException {
    String left = scaling("left", "float a = {2}", "t = Mul(x, a)\n y = Mul(t, a)");
    String right = scaling("right", "float a = {2}", "t = Mul(a, a)\n y = Mul(x, t)");

    assertThat(run("verify", left, right)).as("%s%s", out, err).isZero();
    assertThat(out.toString())
        .startsWith("EQUIVALENT")
        .contains("1 input is left at its default, first 'a'");
  }
}
