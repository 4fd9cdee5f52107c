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

import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.SiteResult;
import dev.fusewright.core.verdict.Verdict;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Result of checking a candidate against its original, at all levels; the {@code equivalence} of a
 * report.
 *
 * @param levels every {@link Level}, in order
 * @param samples how many sets of inputs the whole models were run on
 * @param seed from which the inputs can be made again
 * @param outputs one per output of the model, in its order; empty if the whole models were not
 *     compared
 * @param sites one per fusion, in plan order; empty if neither certificates nor sites were checked
 * @param assumptions what the verdict rests on and the file does not show
 */
public record Equivalence(
    Map<Level, LevelVerdict> levels,
    int samples,
    long seed,
    List<OutputFigures> outputs,
    List<SiteResult> sites,
    List<Assumption> assumptions) {

  /** Copies the collections; a level that is not given was not checked. */
  public Equivalence {
    Map<Level, LevelVerdict> all = new EnumMap<>(Level.class);
    for (Level level : Level.values()) {
      LevelVerdict given = levels.get(level);
      all.put(level, given == null ? LevelVerdict.notChecked("not asked for") : given);
    }
    levels = Collections.unmodifiableMap(all);
    outputs = List.copyOf(outputs);
    sites = List.copyOf(sites);
    assumptions = List.copyOf(assumptions);
  }

  /** Without assumptions: what was compared shows everything itself. */
  public Equivalence(
      Map<Level, LevelVerdict> levels,
      int samples,
      long seed,
      List<OutputFigures> outputs,
      List<SiteResult> sites) {
    this(levels, samples, seed, outputs, sites, List.of());
  }

  /** The same findings with other levels. */
  public Equivalence withLevels(Map<Level, LevelVerdict> newLevels) {
    return new Equivalence(newLevels, samples, seed, outputs, sites, assumptions);
  }

  /** The same findings, resting on these assumptions. */
  public Equivalence assuming(List<Assumption> newAssumptions) {
    return new Equivalence(levels, samples, seed, outputs, sites, newAssumptions);
  }

  /** The same findings, resting on these assumptions too. */
  public Equivalence alsoAssuming(List<Assumption> more) {
    List<Assumption> all = new ArrayList<>(assumptions);
    more.stream().filter(one -> !all.contains(one)).forEach(all::add);
    return assuming(all);
  }

  /** Nothing was checked. */
  public static Equivalence notChecked(String reason) {
    LevelVerdict none = LevelVerdict.notChecked(reason);
    return new Equivalence(
        Map.of(Level.CERTIFICATE, none, Level.SITE, none, Level.MODEL, none),
        0,
        0,
        List.of(),
        List.of());
  }

  /** Only the whole models were compared. */
  public static Equivalence ofModel(ModelComparison comparison) {
    return new Equivalence(
        Map.of(Level.MODEL, comparison.verdict()),
        comparison.samples(),
        comparison.seed(),
        comparison.outputs(),
        List.of());
  }

  /** What one level found. */
  public LevelVerdict level(Level level) {
    return java.util.Objects.requireNonNull(levels.get(level));
  }

  /**
   * The levels taken together.
   *
   * <p>Different, if any level says so. Equivalent, if the structure is, or if every other level
   * that was asked for is: that two graphs differ says nothing of what they compute. Sites that
   * could not have shown a fault do as well where {@linkplain LevelVerdict#areProof certificates
   * hold}. A whole-model check that could not tell is left out of account if both certificates and
   * sites prove every fusion and its {@linkplain InconclusiveReason#isExcusedBySites() doubt} casts
   * none on the fusions. As listed, where it would be equivalent and rests on {@linkplain
   * Assumption.Kind#LISTED somebody's word}. Inconclusive otherwise.
   */
  public Verdict verdict() {
    Map<Level, LevelVerdict> asked = new EnumMap<>(levels);
    asked.values().removeIf(level -> level.verdict() == Verdict.NOT_CHECKED);
    if (asked.isEmpty()) {
      return Verdict.NOT_CHECKED;
    }
    if (asked.values().stream().anyMatch(level -> level.verdict() == Verdict.DIFFERENT)) {
      return Verdict.DIFFERENT;
    }
    if (is(Level.STRUCTURE, Verdict.EQUIVALENT)) {
      return Verdict.EQUIVALENT;
    }
    asked.remove(Level.STRUCTURE);
    boolean proven = LevelVerdict.areProof(level(Level.CERTIFICATE), level(Level.SITE));
    InconclusiveReason doubt = level(Level.MODEL).doubt();
    boolean excused = proven && doubt != null && doubt.isExcusedBySites();
    boolean allEquivalent =
        !asked.isEmpty()
            && asked.entrySet().stream()
                .allMatch(
                    level ->
                        level.getValue().verdict() == Verdict.EQUIVALENT
                            || (proven && level.getKey() == Level.SITE)
                            || (excused && level.getKey() == Level.MODEL));
    if (!allEquivalent) {
      return Verdict.INCONCLUSIVE;
    }
    return assumptions.stream().anyMatch(it -> it.kind() == Assumption.Kind.LISTED)
        ? Verdict.AS_LISTED
        : Verdict.EQUIVALENT;
  }

  private boolean is(Level level, Verdict verdict) {
    return level(level).verdict() == verdict;
  }
}
