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

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.core.verify.Evaluation;
import dev.fusewright.core.verify.ModelRunException;
import dev.fusewright.core.verify.ModelRunner;
import dev.fusewright.core.verify.ModelSession;
import dev.fusewright.core.verify.RunFailure;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.testing.ExportedPrograms;
import dev.fusewright.io.testing.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** PyTorch in child processes: what it answers, and what becomes of a child that does not. */
@UsesPython
@UsesProcesses
final class TorchRunnersTest {
  private static final RunnerOptions LIMITS = RunnerOptions.forProcesses(1);

  @TempDir static Path archives;
  private static TorchRunners torch;

  @TempDir Path folder;

  @BeforeAll
  static void make() {
    Python.TORCH2.run("script_runs.py", archives);
    torch = new TorchRunners(Python.TORCH2.executable(), LIMITS.withHeapBytes(16L << 20));
  }

  @AfterAll
  static void close() {
    if (torch != null) {
      torch.close();
    }
  }

  private static ModelRunner runner(TorchRunners runners, Path archive) {
    try (GraphCheckpoint model = Formats.openGraph(archive)) {
      return runners.model(archive, TorchInterface.of(model.translation().graph()));
    }
  }

  private static Tensor ones(long... dims) {
    Shape shape = Shape.of(dims);
    double[] values = new double[(int) shape.elementCount()];
    Arrays.fill(values, 1);
    return LiteralTensor.ofDoubles(ElementType.FLOAT, shape, values);
  }

  private static double[] run(ModelSession session, Tensor... inputs) throws ModelRunException {
    Map<String, Tensor> feeds = new LinkedHashMap<>();
    for (int i = 0; i < inputs.length; i++) {
      feeds.put(session.inputs().get(i).name(), inputs[i]);
    }
    String output = session.outputs().get(0).name();
    return Tensors.doubles(session.run(feeds, List.of(output)).get(output), 1 << 20);
  }

  private static ModelRunException failure(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return catchThrowableOfType(ModelRunException.class, call);
  }

  private ModelRunException failureOf(String script, RunnerOptions limits) throws IOException {
    Path program =
        Files.createFile(
            folder.resolve("program"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Files.writeString(program, "#!/bin/sh\n" + script + "\n");
    try (TorchRunners runners = new TorchRunners(program, limits)) {
      ModelRunner runner = runner(runners, archives.resolve("counting.pt"));
      return failure(() -> runner.open(Evaluation.PLAIN));
    }
  }

  @Test
  void numbers_and_tensors_go_in_by_their_places_and_control_flow_is_followed() throws Exception {
    Path source = ExportedPrograms.copy("control.script.pt", folder);
    ModelRunner runner = runner(torch, source);
    try (ModelSession session = runner.open(Evaluation.PLAIN)) {
      Tensor none = LiteralTensor.ofLongs(Shape.of(), 0);
      Tensor three = LiteralTensor.ofLongs(Shape.of(), 3);

      assertThat(runner.describe()).matches("PyTorch 2\\..*, TorchScript, 1 thread");
      assertThat(session.inputs().get(1).type()).isEqualTo(ElementType.INT64);
      assertThat(run(session, ones(1, 3, 4, 4), none)).hasSize(64);
      assertThat(run(session, ones(1, 3, 4, 4), three))
          .isNotEqualTo(run(session, ones(1, 3, 4, 4), none))
          .isEqualTo(run(session, ones(1, 3, 4, 4), three));
    }
  }

  @Test
  void each_run_begins_with_what_the_file_says() throws Exception {
    try (ModelSession session =
        runner(torch, archives.resolve("counting.pt")).open(Evaluation.REORDERED)) {
      assertThat(run(session, ones(2))).containsExactly(2, 2);
      assertThat(run(session, ones(2))).containsExactly(2, 2);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "two, UNSUPPORTED_TYPE, more than forward: other",
    "state, UNSUPPORTED_TYPE, read as taking 2: state",
    "list, UNSUPPORTED_TYPE, List[Tensor]",
    "dict, UNSUPPORTED_TYPE, of the type str",
    "twice, UNSUPPORTED_TYPE, some perhaps the same",
    "grows, OUT_OF_MEMORY, do not fit into 16777216 bytes"
  })
  void what_is_not_compared_as_a_whole_is_not_compared(
      String name, RunFailure failure, String words) {
    ModelRunner runner = runner(torch, archives.resolve(name + ".pt"));

    ModelRunException thrown =
        failure(
            () -> {
              try (ModelSession session = runner.open(Evaluation.PLAIN)) {
                run(session, ones(10_000));
              }
            });

    assertThat(thrown).hasMessageContaining(words);
    assertThat(thrown.failure()).isEqualTo(failure);
  }

  @Test
  void a_run_that_never_ends_is_killed_and_the_next_model_has_a_new_child() throws Exception {
    Path source = ExportedPrograms.copy("control.script.pt", folder);
    ModelRunner runner = runner(torch, source);
    try (ModelSession session = runner.within(Duration.ofSeconds(3)).open(Evaluation.PLAIN)) {
      Tensor centuries = LiteralTensor.ofLongs(Shape.of(), Long.MAX_VALUE);

      ModelRunException thrown = failure(() -> run(session, ones(1, 3, 4, 4), centuries));

      assertThat(thrown.failure()).isEqualTo(RunFailure.TIMED_OUT);
      assertThat(thrown).hasMessageContaining("killed after the time limit of 3 s");
    }
    assertThat(torch.childPids()).isEmpty();
    try (ModelSession session = runner.open(Evaluation.PLAIN)) {
      ProcessHandle.of(torch.childPids().get(0)).orElseThrow().destroyForcibly();

      ModelRunException thrown =
          failure(() -> run(session, ones(1, 3, 4, 4), LiteralTensor.ofLongs(Shape.of(), 1)));

      assertThat(thrown.failure()).isEqualTo(RunFailure.CRASHED);
      assertThat(thrown).hasMessageContaining("killed by SIGKILL");
    }
  }

  @Test
  void a_python_without_torch_says_so() throws Exception {
    ModelRunException thrown =
        failureOf("exec " + Python.TORCH2.executable() + " -S \"$@\"", LIMITS);

    assertThat(thrown.failure()).isEqualTo(RunFailure.UNAVAILABLE);
    assertThat(thrown).hasMessageContaining("No module named 'torch'");
  }

  @Test
  void what_is_no_python_is_a_runner_that_could_not_be_started() throws Exception {
    ModelRunException thrown = failureOf("exit 0", LIMITS);

    assertThat(thrown.failure()).isEqualTo(RunFailure.UNAVAILABLE);
    assertThat(thrown).hasMessageContaining("exit code 0");
  }

  @Test
  void what_never_answers_is_given_up() throws Exception {
    ModelRunException thrown =
        failureOf("exec sleep 600", LIMITS.withTimeLimit(Duration.ofSeconds(1)));

    assertThat(thrown.failure()).isEqualTo(RunFailure.UNAVAILABLE);
    assertThat(thrown).hasMessageContaining("killed after the time limit of 1 s");
  }

  @Test
  void what_answers_more_than_any_answer_has_is_not_believed() throws Exception {
    ModelRunException thrown =
        failureOf("printf '\\001\\177\\377\\377\\377' >&3; exec sleep 600", LIMITS);

    assertThat(thrown).hasMessageContaining("the runner's answer is none: expected 0 to");
  }

  @Test
  void a_program_that_dies_twice_before_it_has_a_model_is_named_with_its_signal() throws Exception {
    ModelRunException thrown = failureOf("kill -SEGV $$", LIMITS);

    assertThat(thrown.failure()).isEqualTo(RunFailure.DIED_AT_START);
    assertThat(thrown).hasMessageContaining("killed by SIGSEGV");
  }
}
