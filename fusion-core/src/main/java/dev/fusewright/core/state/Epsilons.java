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
package dev.fusewright.core.state;

import dev.fusewright.core.text.Amounts;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The eps of the BatchNorms, which a state dict does not hold.
 *
 * @param standard for every BatchNorm that nothing else says
 * @param by whose word {@code standard} is, such as {@code --eps}
 * @param byGlob what somebody asks for, by glob of dotted names, in which {@code *} stands for any
 *     text; of those that fit a name, the name itself counts, else the one that has most of its
 *     letters, of several such the first in alphabetical order
 * @param globsBy whose word {@code byGlob} is
 * @param byNorm by dotted module name, as a graph or the file itself shows them: they count before
 *     all else
 * @param prefix that names stand behind, and globs may write or leave out
 */
public record Epsilons(
    double standard,
    String by,
    Map<String, Double> byGlob,
    String globsBy,
    Map<String, Double> byNorm,
    String prefix) {
  /** PyTorch's default. */
  public static final Epsilons DEFAULT = of(1e-5, "PyTorch's default");

  /** Copies; refuses what is negative or no number. */
  public Epsilons {
    byGlob = Map.copyOf(byGlob);
    byNorm = Map.copyOf(byNorm);
    byGlob.values().forEach(Epsilons::check);
    byNorm.values().forEach(Epsilons::check);
    check(standard);
  }

  private static void check(double epsilon) {
    if (!(epsilon >= 0) || Double.isInfinite(epsilon)) {
      throw new IllegalArgumentException("eps must be a number of at least 0, not " + epsilon);
    }
  }

  /** One eps for all. */
  public static Epsilons of(double standard, String by) {
    return new Epsilons(standard, by, Map.of(), by, Map.of(), "");
  }

  /** These, but for the BatchNorms whose names fit a glob. */
  public Epsilons asked(Map<String, Double> globs, String whose) {
    return new Epsilons(standard, by, globs, whose, byNorm, prefix);
  }

  /** These, but for the BatchNorms of which a graph, or the file, shows another. */
  public Epsilons shown(Map<String, Double> more) {
    Map<String, Double> all = new HashMap<>(byNorm);
    all.putAll(more);
    return new Epsilons(standard, by, byGlob, globsBy, all, prefix);
  }

  /** These, for names that stand behind a prefix, which globs may write too. */
  public Epsilons behind(String newPrefix) {
    return new Epsilons(standard, by, byGlob, globsBy, byNorm, newPrefix);
  }

  /** What somebody asks for of a BatchNorm. */
  public OptionalDouble asked(String norm) {
    return glob(norm).map(byGlob::get).map(OptionalDouble::of).orElseGet(OptionalDouble::empty);
  }

  double of(String norm) {
    Double shown = byNorm.get(norm);
    return shown != null ? shown : glob(norm).map(byGlob::get).orElse(standard);
  }

  /** Whose word the eps of a BatchNorm is that nothing shows. */
  String by(String norm) {
    return glob(norm).isPresent() ? globsBy : by;
  }

  private Optional<String> glob(String norm) {
    return byGlob.keySet().stream()
        .filter(glob -> fits(glob, norm) || fits(glob, prefix + norm))
        .min(
            Comparator.comparing((String glob) -> glob.contains("*"))
                .thenComparing(Epsilons::letters, Comparator.reverseOrder())
                .thenComparing(glob -> glob));
  }

  /** How much of a name a glob says. */
  private static long letters(String glob) {
    return glob.chars().filter(letter -> letter != '*').count();
  }

  /** Whether a name has the form of a glob, in which {@code *} stands for any text. */
  public static boolean fits(String glob, String name) {
    String[] texts = glob.split("\\*", -1);
    if (texts.length == 1) {
      return name.equals(glob);
    }
    String last = texts[texts.length - 1];
    if (!name.startsWith(texts[0]) || !name.endsWith(last)) {
      return false;
    }
    // Each text as early as it can be: in a time that grows with the name, whatever the glob is.
    int from = texts[0].length();
    for (int i = 1; i < texts.length - 1; i++) {
      int found = name.indexOf(texts[i], from);
      if (found < 0) {
        return false;
      }
      from = found + texts[i].length();
    }
    return from <= name.length() - last.length();
  }

  /** What is taken for granted of some BatchNorms, as reports say it. */
  public static String sentence(long count, double epsilon) {
    return "eps of %s is %s".formatted(Amounts.count(count, "BatchNorm"), epsilon);
  }

  /** Whether a graph, or the file, shows the eps of a BatchNorm. */
  public boolean isShown(String norm) {
    return byNorm.containsKey(norm);
  }
}
