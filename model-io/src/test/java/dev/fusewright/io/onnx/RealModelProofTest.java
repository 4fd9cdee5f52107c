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
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.proof.FusionProof;
import dev.fusewright.core.rule.RuleSet;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.core.testing.UsesRealModels;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.SiteResult;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.core.verify.CheckOptions;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.core.verify.ModelComparison;
import dev.fusewright.io.runtime.RunnerOptions;
import dev.fusewright.io.runtime.RunnerPool;
import dev.fusewright.io.runtime.VerifyModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * No right fold is taken for a wrong one. Every fold of every real model is proven by itself, as it
 * is read back from the file: its certificate, and that no output is further from the float64 truth
 * than the original's, beyond rounding. Then the whole models are run side by side: none is
 * different, and where that cannot be told, the reason is one that proven sites excuse.
 */
@UsesProcesses
@UsesRealModels
class RealModelProofTest {
  private static final CheckOptions OPTIONS = CheckOptions.of(1).withSamples(4);

  private static RunnerPool pool;
  @TempDir private Path folder;

  @BeforeAll
  static void start() {
    pool = new RunnerPool(RunnerOptions.forProcesses(1));
  }

  @AfterAll
  static void end() {
    pool.close();
  }

  @TestFactory
  Stream<DynamicTest> every_fold_of_every_real_model_is_proven() {
    return Fixtures.real().stream()
        .flatMap(
            file ->
                Stream.of(Rules.inference(), Rules.torch())
                    .map(
                        rules ->
                            dynamicTest(
                                file.getFileName() + " by " + rules.name(),
                                () -> assertProven(file, rules))));
  }

  private void assertProven(Path file, RuleSet rules) throws IOException {
    try (OnnxCheckpoint model = OnnxReader.read(file)) {
      FusionPlan plan = new FusionEngine(rules).plan(model.graph().frozen());
      Path written = folder.resolve("fused.onnx");
      OnnxWriter.write(model, plan.apply(), Map.of(), written);
      try (OnnxCheckpoint fused = OnnxReader.read(written)) {
        FusionProof proof = FusionProof.of(plan, fused.graph(), 1);
        assertThat(proof.sites().isEmpty()).isEqualTo(!plan.changesModel());
        proof.sites().forEach(RealModelProofTest::assertEquivalent);
        if (plan.changesModel()) {
          assertEquivalent(proof, new VerifyModels(pool).compare(file, written, OPTIONS));
        }
      }
    }
  }

  private static void assertEquivalent(FusionProof proof, ModelComparison whole) {
    Equivalence all =
        new Equivalence(
            Map.of(
                Level.CERTIFICATE,
                proof.certificate(),
                Level.SITE,
                proof.site(),
                Level.MODEL,
                whole.verdict()),
            whole.samples(),
            whole.seed(),
            whole.outputs(),
            proof.sites());
    assertThat(all.verdict()).as("%s", whole.verdict()).isEqualTo(Verdict.EQUIVALENT);
  }

  private static void assertEquivalent(SiteResult site) {
    assertThat(site.certificate().verdict())
        .as("%s %s: %s", site.rule(), site.nodes(), site.certificate().reason())
        .isEqualTo(Verdict.EQUIVALENT);
    assertThat(site.site().verdict())
        .as("%s %s: %s", site.rule(), site.nodes(), site.site().reason())
        .isEqualTo(Verdict.EQUIVALENT);
  }
}
