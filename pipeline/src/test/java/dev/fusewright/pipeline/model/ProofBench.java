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

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.verify.CheckOptions;
import dev.fusewright.core.verify.Evaluation;
import dev.fusewright.core.verify.ForwardingSession;
import dev.fusewright.core.verify.ModelCheck;
import dev.fusewright.core.verify.ModelRunException;
import dev.fusewright.core.verify.ModelRunner;
import dev.fusewright.core.verify.ModelSession;
import dev.fusewright.core.verify.inputs.ModelFacts;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.runtime.RunnerOptions;
import dev.fusewright.io.runtime.RunnerPool;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.pipeline.verification.RuntimeVerifier;
import dev.fusewright.pipeline.verification.Verifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What {@code --verify all} costs beside the session creations and runs in ONNX Runtime that it
 * needs, with the child already warm: the means of several rounds, in which they take turns.
 *
 * <pre>
 * java -cp "pipeline/target/test-classes:deploy/target/lib/*" \
 *     dev.fusewright.pipeline.model.ProofBench MODEL.onnx [ROUNDS]
 * </pre>
 */
public final class ProofBench {
  private static final double MOST = 1.3;

  /** Rounds before the first that counts: until then the two of them are compiled. */
  private static final int WARMING = 4;

  private ProofBench() {}

  /** Prints one line for the model, and fails if the proof costs more than it may. */
  public static void main(String[] arguments) throws IOException {
    Path original = Path.of(arguments[0]);
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10;
    Path fused = Files.createTempFile("proof-bench", ".onnx");
    try (GraphCheckpoint model = Formats.openGraph(original)) {
      FusionPlan plan = new FusionEngine(Rules.inference()).plan(model.graph());
      model.write(plan.apply(), Map.of(), fused);
      measure(original, plan, fused, rounds);
    } finally {
      Files.delete(fused);
    }
  }

  private static void measure(Path original, FusionPlan plan, Path fused, int rounds)
      throws IOException {
    String sha256 = Staging.sha256(original);
    FuseSettings settings = FuseSettings.defaults();
    Verifier.Case models = new Verifier.Case(original, sha256, plan, fused, List.of());
    double proof = 0;
    double sites = 0;
    Needed needed = new Needed();
    String verdict = "";
    try (RuntimeVerifier all = RuntimeVerifier.onAllProcessors();
        RunnerPool pool = new RunnerPool(RunnerOptions.forProcesses(1))) {
      for (int round = -WARMING; round < rounds; round++) {
        long start = System.nanoTime();
        Verifier.Finding found = all.check(models, settings);
        double seconds = seconds(start);
        verdict = found.equivalence().verdict().name();
        start = System.nanoTime();
        all.check(models, settings.with(SettingFields.VERIFY_LEVEL, VerifyLevel.SITE));
        double ofSites = seconds(start);
        if (round < 0) {
          needed(original, plan, fused, sha256, pool, new Needed());
        } else {
          proof += seconds;
          sites += ofSites;
          needed(original, plan, fused, sha256, pool, needed);
        }
      }
    }
    System.out.printf(
        "%s: %s; %d fusions, --verify all %.2f s (of that, certificates and sites %.2f s); needed in ONNX Runtime %.2f s"
            + " for %d sessions and %d runs; ratio %.2f, at most %.1f%n",
        original.getFileName(),
        verdict,
        plan.fusions().size(),
        proof / rounds,
        sites / rounds,
        needed.seconds / rounds,
        needed.sessions / rounds,
        needed.runs / rounds,
        proof / needed.seconds,
        MOST);
    if (proof > MOST * needed.seconds) {
      throw new IllegalStateException("the proof costs more than it may");
    }
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  /** The same check once more, with every request to the child timed. */
  private static void needed(
      Path original, FusionPlan plan, Path fused, String sha256, RunnerPool pool, Needed needed) {
    CheckOptions options =
        CheckOptions.of(Long.parseUnsignedLong(sha256.substring(0, 16), 16))
            .withFacts(ModelFacts.of(plan.original()));
    new ModelCheck(options)
        .compare(needed.timed(pool.model(original)), needed.timed(pool.model(fused)));
  }

  /** What was asked of ONNX Runtime, and how long it took. */
  private static final class Needed {
    private double seconds;
    private int sessions;
    private int runs;

    ModelRunner timed(ModelRunner runner) {
      return new ModelRunner() {
        @Override
        public ModelSession open(Evaluation evaluation) throws ModelRunException {
          long start = System.nanoTime();
          ModelSession session = runner.open(evaluation);
          seconds += seconds(start);
          sessions++;
          return timed(session);
        }

        @Override
        public String describe() {
          return runner.describe();
        }
      };
    }

    private ModelSession timed(ModelSession session) {
      return new ForwardingSession(session) {
        @Override
        public Map<String, Tensor> run(Map<String, Tensor> inputs, List<String> outputs)
            throws ModelRunException {
          long start = System.nanoTime();
          Map<String, Tensor> answers = session.run(inputs, outputs);
          seconds += seconds(start);
          runs++;
          return answers;
        }
      };
    }
  }
}
