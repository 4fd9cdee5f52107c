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
import dev.fusewright.core.rules.RuleSet;
import dev.fusewright.core.rules.Rules;
import dev.fusewright.core.verify.SiteResult;
import dev.fusewright.core.verify.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every fold of every real model is proven by itself, as it is read back from the file: its
 * certificate, and that no output is further from the float64 truth than the original's, beyond
 * rounding.
 */
class RealModelProofTest {
  @TempDir private Path folder;

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
    try (OnnxModel model = OnnxReader.read(file)) {
      FusionPlan plan = new FusionEngine(rules).plan(model.graph().frozen());
      Path written = folder.resolve("fused.onnx");
      OnnxWriter.write(model, plan.apply(), Map.of(), written);
      try (OnnxModel fused = OnnxReader.read(written)) {
        FusionProof proof = FusionProof.of(plan, fused.graph(), 1);
        assertThat(proof.sites().isEmpty()).isEqualTo(!plan.changesModel());
        assertThat(proof.sites()).allSatisfy(RealModelProofTest::assertEquivalent);
      }
    }
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
