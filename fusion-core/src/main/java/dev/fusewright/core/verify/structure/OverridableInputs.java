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
package dev.fusewright.core.verify.structure;

import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.text.Amounts;
import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.Verdict;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Inputs of two models that have defaults, which whoever runs the models may replace and samples
 * never do.
 *
 * @param names of those that one of the models has
 * @param differing those that both have, with other defaults
 */
public record OverridableInputs(SortedSet<String> names, SortedSet<String> differing) {
  /** Of two models. */
  public static OverridableInputs of(ModelGraph original, ModelGraph candidate) {
    Map<String, Initializer> ofFirst = original.defaults();
    Map<String, Initializer> ofSecond = candidate.defaults();
    SortedSet<String> names = new TreeSet<>(ofFirst.keySet());
    names.addAll(ofSecond.keySet());
    SortedSet<String> differing = new TreeSet<>();
    ofFirst.forEach(
        (name, own) -> {
          Initializer other = ofSecond.get(name);
          if (other != null && !Tensors.areEqual(own.tensor(), other.tensor())) {
            differing.add(name);
          }
        });
    return new OverridableInputs(names, differing);
  }

  /** What a verdict rests on that samples alone have given. */
  public List<Assumption> assumptions() {
    return names.isEmpty()
        ? List.of()
        : List.of(
            new Assumption(
                Assumption.Kind.DECLARED,
                "%s, first '%s'"
                    .formatted(
                        Amounts.count(
                            names.size(),
                            "input is left at its default",
                            "inputs are left at their defaults"),
                        names.first()),
                "the samples, which give no value to inputs that have one"));
  }

  /**
   * What samples have shown of the whole models. Where the defaults differ, models that answer the
   * same with them answer differently to a caller who gives a value.
   */
  public LevelVerdict judged(LevelVerdict sampled) {
    return differing.isEmpty() || sampled.verdict() != Verdict.EQUIVALENT
        ? sampled
        : LevelVerdict.inconclusive(
            InconclusiveReason.OTHER_STRUCTURE,
            "the default of the input '%s' is another one, and samples do not vary it"
                .formatted(differing.first()));
  }
}
