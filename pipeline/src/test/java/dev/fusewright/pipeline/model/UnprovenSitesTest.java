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

import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.verification.NoVerifier;
import dev.fusewright.pipeline.verification.Verifier;
import dev.fusewright.report.FusionRecord;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import dev.fusewright.report.RefusalRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a model of which a site is not proven. */
final class UnprovenSitesTest {
  private static final String MODEL =
      """
      <ir_version: 8, opset_import: ["" : 15]>
      g (float[1,3,4,4] x) => (float[1,4,4,4] z, float[1,4,4,4] e)
      <float[4,3,1,1] w = random(1), float[4,3,1,1] u = random(4), float[4] p = random(2),
       float[4] v = random(3, 0.1, 2.0)>
      {
        [id] i = Identity(x)
        [conv] c = Conv(i, w)
        [bn] z = BatchNormalization(c, p, p, p, v)
        [other] d = Conv(x, u)
        [norm] e = BatchNormalization(d, p, p, p, v)
      }
      """;

  @TempDir Path folder;
  private Path source;

  @BeforeEach
  void write() throws IOException {
    source = folder.resolve("model.onnx");
    Formats.onnx().write(GraphText.parse(MODEL), source);
  }

  private FusionReport fuse(Verifier proof) {
    return new FuseModel(Stores.of(StorageConfiguration.defaults()), proof, folder)
        .fuse(
            new FuseRequest(
                "a-run",
                "an/id",
                Location.of(source),
                Location.of(folder.resolve("fused.onnx")),
                FuseRequest.Placement.BESIDE,
                null,
                null,
                OutputConflicts.NONE,
                /* problem= */ null,
                Location.of(folder.resolve("quarantine")),
                FuseSettings.defaults(),
                FuseRequest.Naming.OWN));
  }

  /** Cannot prove a fusion, and blames all but the norm apart: they are proven together. */
  private record Blind(Predicate<Fusion> unprovable) implements Verifier {
    @Override
    public Finding check(Case models, FuseSettings settings) {
      boolean isBlind = models.plan().fusions().stream().anyMatch(unprovable);
      Set<Integer> culprits =
          models.plan().fusions().stream()
              .filter(fusion -> isBlind && !fusion.nodes().contains("norm"))
              .map(Fusion::id)
              .collect(Collectors.toSet());
      LevelVerdict verdict =
          culprits.isEmpty() ? LevelVerdict.equivalent("") : LevelVerdict.different("a site");
      return new Finding(
          new Equivalence(Map.of(Level.SITE, verdict), 0, 0, List.of(), List.of()), null, culprits);
    }

    @Override
    public boolean isProvenBySites(FusionPlan plan, FuseSettings settings) {
      return plan.fusions().stream().noneMatch(unprovable);
    }

    @Override
    public Finding compare(Pair models, FuseSettings settings) {
      throw new AssertionError("an ONNX model is judged with its plan");
    }

    @Override
    public void close() {}
  }

  private static Predicate<Fusion> rule(String id) {
    return fusion -> fusion.rule().equals(id);
  }

  @Test
  void an_identity_before_a_norm_whose_removal_is_not_proven_costs_only_itself() {
    FusionReport report = fuse(new Blind(rule("identity")));

    assertThat(report.getOutcome()).as("%s", report.getError()).isEqualTo(Outcome.FUSED);
    assertThat(report.getDropped()).extracting(FusionRecord::getRule).containsExactly("identity");
    assertThat(report.getFusions())
        .extracting(FusionRecord::getRule)
        .containsExactly("conv-batch-norm", "conv-batch-norm");
    assertThat(report.getRefusals())
        .extracting(RefusalRecord::getReason)
        .containsExactly("DROPPED_BY_VERIFICATION");
    assertThat(report.getAfter().getOperators()).doesNotContainKey("BatchNormalization");
  }

  @Test
  void a_norm_behind_an_identity_whose_fold_is_not_proven_costs_only_itself() {
    FusionReport report =
        fuse(
            new Blind(
                fusion ->
                    fusion.rule().equals("conv-batch-norm") && !fusion.nodes().contains("norm")));

    assertThat(report.getDropped())
        .extracting(FusionRecord::getRule)
        .containsExactly("conv-batch-norm");
    assertThat(report.getFusions()).extracting(FusionRecord::getRule).contains("identity");
    assertThat(report.getAfter().getOperators()).containsEntry("BatchNormalization", 1L);
  }

  /** The parameters of repros lie in the candidate's file, which is overwritten after that. */
  @Test
  void what_shows_why_a_site_was_dropped_is_kept_with_the_parameters_that_were_written()
      throws IOException {
    assertThat(fuse(new Blind(rule("identity"))).getOutcome()).isEqualTo(Outcome.FUSED);

    Path site = folder.resolve("quarantine/site-1");
    assertThat(read(site.resolve("before.onnx"), "w"))
        .isEqualTo(values(GraphText.parse(MODEL).graph().initializers(), "w"));
    try (GraphCheckpoint after = Formats.openGraph(site.resolve("after.onnx"))) {
      assertThat(after.graph().graph().initializers())
          .allSatisfy(it -> assertThat(Tensors.doubles(it.tensor(), 100)).isNotEmpty())
          .isNotEmpty();
    }
    assertThat(site.resolve("inputs.onnx")).isRegularFile();
    assertThat(folder.resolve("quarantine/site-2")).doesNotExist();
  }

  private static double[] read(Path file, String name) {
    try (GraphCheckpoint model = Formats.openGraph(file)) {
      return values(model.graph().graph().initializers(), name);
    }
  }

  private static double[] values(List<Initializer> initializers, String name) {
    return initializers.stream()
        .filter(it -> it.name().equals(name))
        .map(it -> Tensors.doubles(it.tensor(), 100))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void inspecting_says_that_what_it_finds_is_not_yet_proven() {
    FusionReport report =
        new FuseModel(Stores.of(StorageConfiguration.defaults()), NoVerifier.INSTANCE, folder)
            .inspect(
                FuseRequest.of(
                    Location.of(source),
                    null,
                    FuseRequest.Placement.BESIDE,
                    FuseSettings.defaults()));

    assertThat(report.getFusions()).hasSize(3);
    assertThat(report.getEquivalence().getVerdict()).isEqualTo("NOT_CHECKED");
    assertThat(report.getEquivalence().getLevels().getSite().getReason())
        .startsWith("not yet proven: fuse proves every site");
  }
}
