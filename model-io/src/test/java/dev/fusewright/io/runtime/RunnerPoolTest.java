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
package dev.fusewright.io.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.StoredTensor;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.core.verify.Evaluation;
import dev.fusewright.core.verify.ModelRunException;
import dev.fusewright.core.verify.ModelSession;
import dev.fusewright.core.verify.RunFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@UsesProcesses
class RunnerPoolTest {
  private static final RunnerOptions ONE = RunnerOptions.forProcesses(1);

  private static final String DOUBLER =
      """
      <ir_version: 8, opset_import: ["": 13]>
      doubler (float[N, 3] x) => (float[N, 3] y) { y = Add(x, x) }
      """;

  /** Its trip count takes a few centuries. */
  private static final String ENDLESS =
      """
      <ir_version: 8, opset_import: ["": 13]>
      endless (float[1] x) => (float[1] y)
      <int64 trips = {9223372036854775807}, bool yes = {1}> {
        y = Loop <body = body (int64 i, bool c, float[1] v) => (bool d, float[1] w) {
          d = Identity(c)
          w = Add(v, v)
        }> (trips, yes, x)
      }
      """;

  /** 16 GB of zeros. */
  private static final String GREEDY =
      """
      <ir_version: 8, opset_import: ["": 13]>
      greedy (int64[1] n) => (float[] y) {
        zeros = ConstantOfShape(n)
        y = ReduceMax <keepdims = 0> (zeros)
      }
      """;

  @TempDir Path folder;

  private Path model(String text) throws IOException {
    return TextModel.write(Files.createTempFile(folder, "model", ".onnx"), text);
  }

  private static Path fixture(String name) throws Exception {
    return Path.of(RunnerPoolTest.class.getResource("/fixtures/" + name).toURI());
  }

  private static Tensor row(float... values) {
    return LiteralTensor.ofFloats(Shape.of(1, values.length), values);
  }

  private static double[] run(ModelSession session, Map<String, Tensor> inputs, String output)
      throws ModelRunException {
    return Tensors.doubles(session.run(inputs, List.of(output)).get(output), 1000);
  }

  private static ModelRunException failure(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return catchThrowableOfType(ModelRunException.class, call);
  }

  private static boolean endsSoon(long pid) throws InterruptedException {
    for (int i = 0; i < 100 && isRunning(pid); i++) {
      TimeUnit.MILLISECONDS.sleep(100);
    }
    return !isRunning(pid);
  }

  private static boolean isRunning(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  @Test
  void a_model_runs_and_its_signature_is_known() throws Exception {
    try (RunnerPool pool = new RunnerPool(ONE);
        ModelSession session = pool.model(model(DOUBLER)).open(Evaluation.PLAIN)) {
      assertThat(session.inputs().toString())
          .isEqualTo("[ValueInfo[name=x, type=FLOAT, dims=[N, 3], container=]]");
      assertThat(session.outputs().toString())
          .isEqualTo("[ValueInfo[name=y, type=FLOAT, dims=[N, 3], container=]]");
      assertThat(run(session, Map.of("x", row(1, 2, 3)), "y")).containsExactly(2, 4, 6);
      assertThat(pool.model(folder).describe()).startsWith("ONNX Runtime 1.28.0");
    }
  }

  @Test
  void every_element_type_with_arithmetic_goes_in_and_comes_out_as_it_is() throws Exception {
    try (RunnerPool pool = new RunnerPool(ONE)) {
      for (ElementType type :
          List.of(
              ElementType.FLOAT,
              ElementType.DOUBLE,
              ElementType.FLOAT16,
              ElementType.BFLOAT16,
              ElementType.INT64,
              ElementType.INT32,
              ElementType.INT8,
              ElementType.UINT8,
              ElementType.BOOL)) {
        Tensor given = LiteralTensor.ofDoubles(type, Shape.of(2, 2), 1, 0, 1, 1);
        Path copier =
            model(
                """
                <ir_version: 8, opset_import: ["": 16]>
                copier (%1$s[2, 2] x) => (%1$s[2, 2] y) { y = Identity(x) }
                """
                    .formatted(type.text()));
        try (ModelSession session = pool.model(copier).open(Evaluation.PLAIN)) {
          Tensor answered = session.run(Map.of("x", given), List.of("y")).get("y");
          assertThat(answered.type()).isEqualTo(type);
          assertThat(answered.shape()).isEqualTo(given.shape());
          assertThat(Tensors.doubles(answered, 4)).as(type.text()).containsExactly(1, 0, 1, 1);
        }
      }
    }
  }

  @Test
  void a_tensor_larger_than_any_buffer_comes_back_whole() throws Exception {
    float[] values = new float[300_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    try (RunnerPool pool = new RunnerPool(ONE);
        ModelSession session = pool.model(model(DOUBLER)).open(Evaluation.PLAIN)) {
      Tensor x = LiteralTensor.ofFloats(Shape.of(100_000, 3), values);
      double[] y = Tensors.doubles(session.run(Map.of("x", x), List.of("y")).get("y"), 300_000);
      assertThat(y).hasSize(300_000);
      assertThat(y[299_999]).isEqualTo(599_998);
    }
  }

  @Test
  void a_process_is_reused_from_model_to_model() throws Exception {
    try (RunnerPool pool = new RunnerPool(ONE)) {
      List<Long> first;
      try (ModelSession session = pool.model(model(DOUBLER)).open(Evaluation.PLAIN)) {
        assertThat(run(session, Map.of("x", row(1, 1, 1)), "y")).containsExactly(2, 2, 2);
        first = pool.childPids();
      }
      try (ModelSession session =
          pool.model(fixture("conv1d_bn.onnx")).open(Evaluation.REORDERED)) {
        assertThat(session.outputs()).hasSize(1);
        assertThat(pool.childPids()).isEqualTo(first).hasSize(1);
      }
    }
  }

  @Test
  void a_killed_child_costs_one_request_and_its_signal_is_named() throws Exception {
    try (RunnerPool pool = new RunnerPool(ONE)) {
      try (ModelSession session = pool.model(model(ENDLESS)).open(Evaluation.PLAIN)) {
        long pid = pool.childPids().get(0);
        Thread killer = new Thread(() -> segfault(pid));
        killer.start();
        ModelRunException failure =
            failure(
                () ->
                    session.run(Map.of("x", LiteralTensor.ofFloats(Shape.of(1), 1)), List.of("y")));
        killer.join();
        assertThat(failure.failure()).isEqualTo(RunFailure.CRASHED);
        assertThat(failure).hasMessageContaining("killed by SIGSEGV").hasMessageContaining("model");
        assertThat(isRunning(pid)).isFalse();
      }
      try (ModelSession session = pool.model(model(DOUBLER)).open(Evaluation.PLAIN)) {
        assertThat(run(session, Map.of("x", row(1, 2, 3)), "y")).containsExactly(2, 4, 6);
      }
    }
  }

  private static void segfault(long pid) {
    try {
      TimeUnit.MILLISECONDS.sleep(300);
      new ProcessBuilder("kill", "-SEGV", Long.toString(pid)).start().waitFor();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void a_model_that_never_ends_is_killed_at_the_time_limit() throws Exception {
    try (RunnerPool pool = new RunnerPool(ONE.withTimeLimit(Duration.ofSeconds(3)));
        ModelSession session = pool.model(model(ENDLESS)).open(Evaluation.PLAIN)) {
      long pid = pool.childPids().get(0);
      ModelRunException failure =
          failure(
              () -> session.run(Map.of("x", LiteralTensor.ofFloats(Shape.of(1), 1)), List.of("y")));
      assertThat(failure.failure()).isEqualTo(RunFailure.TIMED_OUT);
      assertThat(failure).hasMessageContaining("time limit of 3 s");
      assertThat(endsSoon(pid)).isTrue();
    }
  }

  @Test
  void a_model_that_needs_more_native_memory_than_it_may_fails_for_that_reason() throws Exception {
    try (RunnerPool pool = new RunnerPool(ONE.withNativeBytes(1L << 30));
        ModelSession session = pool.model(model(GREEDY)).open(Evaluation.PLAIN)) {
      assertThat(run(session, Map.of("n", LiteralTensor.ofLongs(1 << 20)), "y")).containsExactly(0);
      ModelRunException failure =
          failure(() -> session.run(Map.of("n", LiteralTensor.ofLongs(1L << 29)), List.of("y")));
      assertThat(failure.failure()).isEqualTo(RunFailure.OUT_OF_MEMORY);
    }
  }

  @Test
  void an_output_that_does_not_fit_into_the_heap_fails_for_that_reason_and_the_child_survives()
      throws Exception {
    try (RunnerPool pool = new RunnerPool(ONE.withHeapBytes(64L << 20));
        ModelSession session =
            pool.model(
                    model(
                        """
                        <ir_version: 8, opset_import: ["": 13]>
                        zeros (int64[1] n) => (float[N] y) { y = ConstantOfShape(n) }
                        """))
                .open(Evaluation.PLAIN)) {
      List<Long> pids = pool.childPids();
      ModelRunException failure =
          failure(() -> session.run(Map.of("n", LiteralTensor.ofLongs(1L << 26)), List.of("y")));
      assertThat(failure.failure()).isEqualTo(RunFailure.OUT_OF_MEMORY);
      assertThat(run(session, Map.of("n", LiteralTensor.ofLongs(2)), "y")).containsExactly(0, 0);
      assertThat(pool.childPids()).isEqualTo(pids);
    }
  }

  @Test
  void an_operator_without_a_kernel_is_told_from_a_broken_model() throws Exception {
    try (RunnerPool pool = new RunnerPool(ONE)) {
      ModelRunException noKernel =
          failure(() -> pool.model(fixture("conv_bn_fp64.onnx")).open(Evaluation.PLAIN));
      assertThat(noKernel.failure()).isEqualTo(RunFailure.NO_KERNEL);
      assertThat(noKernel).hasMessageContaining("Conv").hasMessageContaining("conv_bn_fp64.onnx");

      ModelRunException unknown =
          refusal(
              pool,
              """
              <ir_version: 8, opset_import: ["": 13, "acme": 1]>
              strange (float[1] x) => (float[1] y) { [it] y = acme.Frobnicate(x) }
              """);
      assertThat(unknown.failure()).isEqualTo(RunFailure.NO_KERNEL);
      assertThat(unknown)
          .hasMessageEndingWith(
              "ONNX Runtime has no CPU kernel for acme.Frobnicate in version 1 (node 'it')");

      // ONNX Runtime knows the plugin's schema, and finds the node invalid by it.
      ModelRunException plugin =
          refusal(
              pool,
              """
              <ir_version: 8, opset_import: ["": 13]>
              plugin (float[1,2,4] boxes, float[1,2,3] scores) => (int32[1,1] n)
              { n, b, s, c = EfficientNMS_TRT(boxes, scores) }
              """);
      assertThat(plugin.failure()).isEqualTo(RunFailure.NO_KERNEL);

      // A kernel there is, a required attribute there is not: that is a broken model.
      ModelRunException invalid =
          refusal(
              pool,
              """
              <ir_version: 8, opset_import: ["": 13]>
              invalid (float[1] x) => (float[1] y) { y = Cast(x) }
              """);
      assertThat(invalid.failure()).isEqualTo(RunFailure.INVALID_MODEL);

      Path broken = Files.writeString(folder.resolve("broken.onnx"), "this is no model");
      assertThat(failure(() -> pool.model(broken).open(Evaluation.PLAIN)).failure())
          .isEqualTo(RunFailure.INVALID_MODEL);
    }
  }

  private ModelRunException refusal(RunnerPool pool, String text) throws IOException {
    Path file = model(text);
    return failure(() -> pool.model(file, GraphText.parse(text)).open(Evaluation.PLAIN));
  }

  @Test
  void the_table_of_kernels_is_of_the_runtime_that_the_children_load() throws Exception {
    try (RunnerPool pool = new RunnerPool(ONE);
        ModelSession session = pool.model(model(DOUBLER)).open(Evaluation.PLAIN);
        InputStream table = OrtKernels.class.getResourceAsStream("cpu-kernels.tsv")) {
      assertThat(session.inputs()).hasSize(1);
      assertThat(new String(table.readAllBytes(), StandardCharsets.UTF_8).lines().findFirst())
          .hasValueSatisfying(
              heading -> assertThat(heading).startsWith("# " + pool.runtime() + ","));
    }
  }

  @Test
  void two_nodes_of_one_name_are_said_to_be_so() throws Exception {
    String twins =
        """
        <ir_version: 8, opset_import: ["": 13]>
        twins (float[1] x) => (float[1] y) { [a] z = Neg(x) [a] y = Neg(z) }
        """;
    try (RunnerPool pool = new RunnerPool(ONE)) {
      ModelRunException refused = refusal(pool, twins);
      assertThat(refused.failure()).isEqualTo(RunFailure.DUPLICATE_NAMES);
      assertThat(refused).hasMessageEndingWith("no two nodes of the same name: 'a'");
      pool.model(model(twins.replace("[a] y", "[b] y"))).open(Evaluation.PLAIN).close();
    }
  }

  @Test
  void strings_go_in_and_outputs_that_are_no_tensors_of_numbers_are_told_apart() throws Exception {
    String text =
        """
        <ir_version: 8, opset_import: ["": 13]>
        labelled (float[2] x, string[2] id) => (float[2] y, string[2] same) {
          y = Neg(x)
          same = Identity(id)
        }
        """;
    Tensor strings = new StoredTensor(ElementType.STRING, Shape.of(2), (offset, target) -> {});
    try (RunnerPool pool = new RunnerPool(ONE);
        ModelSession session = pool.model(model(text)).open(Evaluation.PLAIN)) {
      assertThat(session.outputs()).extracting(ValueInfo::name).containsExactly("y");
      assertThat(session.opaqueOutputs()).extracting(ValueInfo::name).containsExactly("same");
      Tensor x = LiteralTensor.ofFloats(Shape.of(2), 1, 2);
      assertThat(run(session, Map.of("x", x, "id", strings), "y")).containsExactly(-1, -2);
    }
  }

  @Test
  void a_child_sees_nothing_of_its_parents_environment_but_what_it_needs() {
    Map<String, String> environment =
        new HashMap<>(
            Map.of(
                "AWS_SECRET_ACCESS_KEY", "secret",
                "AWS_ACCESS_KEY_ID", "key",
                "JAVA_TOOL_OPTIONS", "-Xmx1m",
                "LD_PRELOAD", "x.so",
                "PATH", "/bin",
                "LANG", "C.UTF-8"));
    RunnerEnvironment.confine(environment);
    assertThat(environment)
        .containsOnly(
            Map.entry("LANG", "C.UTF-8"),
            Map.entry("MALLOC_ARENA_MAX", "2"),
            Map.entry("ORT_DISABLE_TELEMETRY", "1"));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void no_credential_of_a_parent_is_in_the_environment_of_its_child() throws Exception {
    ProcessBuilder parent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                EnvironmentOfChild.class.getName())
            .redirectErrorStream(true);
    parent.environment().put("AWS_SECRET_ACCESS_KEY", "do-not-tell");
    parent.environment().put("HADOOP_CREDSTORE_PASSWORD", "do-not-tell");
    Process process = parent.start();
    List<String> variables =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .toList();
    assertThat(process.waitFor()).as("%s", variables).isZero();
    Set<String> allowed = new HashSet<>(RunnerEnvironment.INHERITED);
    allowed.addAll(RunnerEnvironment.SET.keySet());
    assertThat(variables).contains("ORT_DISABLE_TELEMETRY=1", "MALLOC_ARENA_MAX=2");
    assertThat(variables).allMatch(variable -> allowed.contains(variable.split("=", 2)[0]));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void a_child_has_no_network_where_the_kernel_lets_it_have_none() throws Exception {
    assumeThat(NetworkIsolation.PREFIX).isNotEmpty();
    try (RunnerPool pool = new RunnerPool(ONE);
        ModelSession session = pool.model(model(DOUBLER)).open(Evaluation.PLAIN)) {
      assertThat(session.inputs()).hasSize(1);
      Path child = Path.of("/proc", Long.toString(pool.childPids().get(0)));
      assertThat(Files.readSymbolicLink(child.resolve("ns/net")))
          .isNotEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/net")));
      // Two lines of headings, and the loopback device, which is down.
      assertThat(Files.readAllLines(child.resolve("net/dev"))).hasSize(3);
    }
  }

  @Test
  void a_run_that_fails_leaves_the_session_usable() throws Exception {
    try (RunnerPool pool = new RunnerPool(ONE);
        ModelSession session = pool.model(model(DOUBLER)).open(Evaluation.PLAIN)) {
      ModelRunException failure = failure(() -> session.run(Map.of("x", row(1, 2)), List.of("y")));
      assertThat(failure.failure()).isEqualTo(RunFailure.RUN_ERROR);
      assertThat(run(session, Map.of("x", row(1, 2, 3)), "y")).containsExactly(2, 4, 6);
    }
  }

  @Test
  void nothing_is_left_of_a_closed_pool() throws Exception {
    long pid;
    Path scratch;
    try (RunnerPool pool = new RunnerPool(ONE)) {
      ModelSession leaked = pool.model(model(DOUBLER)).open(Evaluation.PLAIN);
      assertThat(leaked.inputs()).hasSize(1);
      pid = pool.childPids().get(0);
      assertThat(isRunning(pid)).isTrue();
      scratch = scratchFolder(pid);
      assertThat(scratch).isDirectory();
    }
    assertThat(isRunning(pid)).isFalse();
    assertThat(scratch).doesNotExist();
  }

  /** The folder in which a child would leave a note of its crash. */
  private static Path scratchFolder(long pid) {
    String option = "-XX:ErrorFile=";
    return Arrays.stream(ProcessHandle.of(pid).orElseThrow().info().arguments().orElseThrow())
        .filter(argument -> argument.startsWith(option))
        .map(argument -> Path.of(argument.substring(option.length())).getParent())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void a_child_ends_itself_when_its_parent_is_gone() throws Exception {
    Path scratch = ScratchFolder.create();
    Process child =
        new ProcessBuilder(RunnerCommand.of(OnnxRuntimeProgram.INSTANCE, ONE, scratch))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(child.getInputStream().read()).isEqualTo(RunnerProtocol.OK);
    child.getOutputStream().close();
    assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(scratch).doesNotExist();
  }
}
