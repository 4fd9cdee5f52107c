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
package dev.fusewright.pipeline.flow;

import dev.fusewright.core.verify.CheckOptions;
import dev.fusewright.core.verify.Doubt;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.core.verify.Level;
import dev.fusewright.core.verify.LevelVerdict;
import dev.fusewright.core.verify.ModelCheck;
import dev.fusewright.core.verify.ModelComparison;
import dev.fusewright.core.verify.ModelFacts;
import dev.fusewright.io.runtime.RunnerOptions;
import dev.fusewright.io.runtime.RunnerPool;
import java.util.List;
import java.util.Map;

/** Runs both models with ONNX Runtime, in a child process that is kept from model to model. */
public final class RuntimeProof implements Proof {
  private final RunnerPool runners;

  private RuntimeProof(RunnerPool runners) {
    this.runners = runners;
  }

  /** A proof that runs models with all processors of this machine. */
  public static RuntimeProof onAllProcessors() {
    return new RuntimeProof(new RunnerPool(RunnerOptions.forProcesses(1)));
  }

  /** A proof whose child computes with so many threads. */
  public static RuntimeProof withThreads(int threads) {
    RunnerOptions usual = RunnerOptions.forProcesses(1);
    return new RuntimeProof(
        new RunnerPool(
            new RunnerOptions(
                1, threads, usual.heapBytes(), usual.nativeBytes(), usual.timeLimit())));
  }

  @Override
  public Finding check(Case models, FuseSettings settings) {
    if (!settings.proof().checksModel()) {
      LevelVerdict unknown =
          LevelVerdict.inconclusive(Doubt.RUNNER, "sites are not checked by this version");
      return new Finding(
          new Equivalence(Map.of(Level.SITE, unknown), 0, settings.seed(), List.of(), List.of()),
          null);
    }
    ModelComparison comparison =
        new ModelCheck(options(models, settings))
            .compare(runners.model(models.original()), runners.model(models.candidate()));
    return new Finding(Equivalence.ofModel(comparison), comparison.runner());
  }

  /** Inputs depend on the model's content and the seed, and on nothing else. */
  private static CheckOptions options(Case models, FuseSettings settings) {
    long content = Long.parseUnsignedLong(models.originalSha256().substring(0, 16), 16);
    CheckOptions options =
        CheckOptions.of(content ^ settings.seed())
            .withFacts(ModelFacts.of(models.plan().original()));
    if (settings.samples() != null) {
      options = options.withSamples(settings.samples());
    }
    return settings.tolerance() == null ? options : options.withCeiling(settings.tolerance());
  }

  @Override
  public void close() {
    runners.close();
  }
}
