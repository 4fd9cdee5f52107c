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
package dev.fusewright.core.verify;

import dev.fusewright.core.text.Amounts;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.LevelVerdict;
import java.util.List;

/**
 * The result of comparing two whole models.
 *
 * @param verdict of {@link Level#MODEL}
 * @param runner what ran the models, for the report
 * @param samples how many sets of inputs both models were run on
 * @param seed from which the inputs were made
 * @param outputs one per output of the original; empty if the outputs never were compared
 */
public record ModelComparison(
    LevelVerdict verdict, String runner, int samples, long seed, List<OutputFigures> outputs) {
  /** Copies the figures. */
  public ModelComparison {
    outputs = List.copyOf(outputs);
  }

  /**
   * The models were not run, since they have operators that nothing here computes.
   *
   * @param unknown names of the operators
   */
  public static ModelComparison notTranslated(List<String> unknown) {
    return new ModelComparison(
        LevelVerdict.inconclusive(
            InconclusiveReason.NO_KERNEL,
            "not run: %s: %s"
                .formatted(
                    Amounts.count(unknown.size(), "operator is unknown", "operators are unknown"),
                    String.join(", ", unknown))),
        "none",
        0,
        0,
        List.of());
  }
}
