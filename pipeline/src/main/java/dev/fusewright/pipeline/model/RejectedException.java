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

import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.core.verify.Equivalence;
import java.util.Locale;
import java.util.stream.Collectors;

/** A model is not proven to be the same; a fused one is not published. */
public final class RejectedException extends Exception {
  private static final long serialVersionUID = 1L;

  public RejectedException(Verdict verdict, Equivalence equivalence) {
    this("the fused model", verdict, equivalence);
  }

  /**
   * Of a model that is called so.
   *
   * @param model as a sentence begins
   */
  RejectedException(String model, Verdict verdict, Equivalence equivalence) {
    super(
        "%s: %s"
            .formatted(
                switch (verdict) {
                  case DIFFERENT -> model + " is different";
                  case AS_LISTED -> "--require equivalent asks for more than a list's word";
                  case EQUIVALENT, INCONCLUSIVE, NOT_CHECKED ->
                      model + " is not proven to be the same";
                },
                verdict == Verdict.AS_LISTED ? assumptions(equivalence) : levels(equivalence)));
  }

  private static String levels(Equivalence equivalence) {
    return equivalence.levels().entrySet().stream()
        .filter(level -> level.getValue().verdict() != Verdict.EQUIVALENT)
        .filter(level -> level.getValue().verdict() != Verdict.NOT_CHECKED)
        .map(level -> describe(level.getKey().name(), level.getValue()))
        .collect(Collectors.joining("; "));
  }

  private static String assumptions(Equivalence equivalence) {
    Assumption first = equivalence.assumptions().get(0);
    int others = equivalence.assumptions().size() - 1;
    return "%s, as %s says%s; give the model's graph"
        .formatted(first.what(), first.by(), others == 0 ? "" : ", and %d more".formatted(others));
  }

  private static String describe(String level, LevelVerdict verdict) {
    return level.toLowerCase(Locale.ROOT)
        + " "
        + verdict.verdict().name().toLowerCase(Locale.ROOT).replace('_', ' ')
        + (verdict.reason().isEmpty() ? "" : " (" + verdict.reason() + ")");
  }
}
