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
package dev.fusewright.pipeline.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.io.Formats;
import dev.fusewright.io.runtime.RunnerOptions;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.io.testing.MortalRunners;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.verification.RuntimeVerifier;
import dev.fusewright.report.EquivalenceRecord;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.LevelRecord;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A runner that is killed, in each phase of a proof. */
@UsesProcesses
final class RunnerDeathTest {
  private static final String MODEL =
      """
      <ir_version: 8, opset_import: ["" : 20]>
      g (float[1,1,2,2] x) => (float[1,1,2,2] y)
      <float[1,1,1,1] w = {0.5}, float[1] scale = {2.0}, float[1] shift = {0.25}, float[1] mean = {0.5},
       float[1] var = {1.0}>
      {
        c = Conv(x, w)
        y = BatchNormalization(c, scale, shift, mean, var)
      }
      """;

  /** The reference does not know its last operator. */
  private static final String FOR_THE_RUNTIME_ALONE =
      MODEL
          .replace("=> (float[1,1,2,2] y)", "=> (float[1,1] y)")
          .replace("y = Batch", "z = Batch")
          .replace("var)", "var)\n  y = Det(z)");

  @TempDir Path folder;
  private MortalRunners children;

  @BeforeEach
  void begin() throws Exception {
    children = new MortalRunners(Files.createDirectory(folder.resolve("lives")));
  }

  /** With children of its own. */
  private FusionReport fuse(String model) throws IOException {
    Path file = folder.resolve("model.onnx");
    Formats.onnx().write(GraphText.parse(model), file);
    Path fused = folder.resolve("fused.onnx");
    Files.deleteIfExists(fused);
    try (RuntimeVerifier proof =
        RuntimeVerifier.withOptions(
            RunnerOptions.forProcesses(1).withThreads(1).withJava(children.java()))) {
      return new FuseModel(Stores.of(StorageConfiguration.defaults()), proof, folder)
          .fuse(
              FuseRequest.of(
                  Location.of(file),
                  Location.of(fused),
                  FuseRequest.Placement.BESIDE,
                  FuseSettings.defaults()));
    }
  }

  private static LevelRecord model(FusionReport report) {
    return report.getEquivalence().getLevels().getModel();
  }

  /** The start, and of each session loading, the first and the last run, and the end. */
  private static Set<Integer> moments(List<String> journal) {
    Set<Integer> moments = new TreeSet<>();
    for (int i = 0; i < journal.size(); i++) {
      boolean isFirst = i == 0 || !journal.get(i).equals(journal.get(i - 1));
      boolean isLast = i + 1 == journal.size() || !journal.get(i).equals(journal.get(i + 1));
      if (isFirst || isLast) {
        moments.add(i);
      }
    }
    return moments;
  }

  @Test
  void killed_once_at_whatever_moment_it_changes_neither_the_verdict_nor_a_byte() throws Exception {
    FusionReport undisturbed = fuse(MODEL);
    assertThat(undisturbed.getOutcome()).isEqualTo(Outcome.FUSED);
    String bytes = Staging.sha256(folder.resolve("fused.onnx"));
    EquivalenceRecord verdict = undisturbed.getEquivalence();
    assertThat(model(undisturbed).getVerdict()).isEqualTo("EQUIVALENT");
    List<String> journal = children.journal();
    assertThat(journal)
        .startsWith("start", "load model.onnx PLAIN", "run")
        .contains("load model.onnx REORDERED", "load fused.onnx PLAIN")
        .endsWith("run", "close");

    for (int moment : moments(journal)) {
      children.dieAt(moment);
      FusionReport disturbed = fuse(MODEL);
      String when = "killed at %d, '%s'".formatted(moment, journal.get(moment));
      assertThat(children.journal()).as(when).contains("start").hasSizeGreaterThan(moment);
      assertThat(disturbed.getOutcome()).as(when).isEqualTo(Outcome.FUSED);
      assertThat(disturbed.getEquivalence()).as(when).isEqualTo(verdict);
      assertThat(Staging.sha256(folder.resolve("fused.onnx"))).as(when).isEqualTo(bytes);
    }
  }

  @Test
  void killed_whenever_it_starts_it_leaves_an_original_to_the_reference_or_to_the_sites()
      throws Exception {
    children.dieFrom(0);
    FusionReport byReference = fuse(MODEL);
    assertThat(children.journal()).containsOnly("start");
    assertThat(byReference.getOutcome()).isEqualTo(Outcome.FUSED);
    assertThat(byReference.getEquivalence().getRunner()).isEqualTo("the float64 reference");

    children.dieFrom(0);
    FusionReport bySites = fuse(FOR_THE_RUNTIME_ALONE);
    assertThat(bySites.getOutcome()).as("%s", bySites.getError()).isEqualTo(Outcome.FUSED);
    assertThat(model(bySites).getVerdict()).isEqualTo("INCONCLUSIVE");
    assertThat(model(bySites).getDoubt()).isEqualTo("RUNNER_CRASHED");
    assertThat(model(bySites).getReason()).contains("could not be started", "SIGKILL");
  }

  @Test
  void killed_whenever_a_candidate_needs_it_it_excuses_nothing() throws Exception {
    fuse(MODEL);
    int candidate = children.journal().indexOf("load fused.onnx PLAIN");
    children.dieFrom(candidate);
    FusionReport report = fuse(MODEL);
    assertThat(report.getOutcome()).isEqualTo(Outcome.REJECTED);
    assertThat(model(report).getDoubt()).isEqualTo("RUNNER");
    assertThat(model(report).getReason()).contains("the original runs", "SIGKILL");
    assertThat(folder.resolve("fused.onnx")).doesNotExist();
  }
}
