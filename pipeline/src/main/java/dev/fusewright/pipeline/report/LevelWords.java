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
package dev.fusewright.pipeline.report;

import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.report.EquivalenceRecord;
import dev.fusewright.report.LevelRecord;
import dev.fusewright.report.LevelsRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A verdict in words that match its strength: which levels it rests on, and what became of the
 * others. {@code EQUIVALENT: certificate and sites; whole model VACUOUS}.
 */
public final class LevelWords {
  private LevelWords() {}

  /** The verdict alone where no level was judged. */
  public static String of(EquivalenceRecord equivalence) {
    String verdict = equivalence.getVerdict();
    if (verdict.equals(Verdict.NOT_CHECKED.name())) {
      return verdict;
    }
    // As listed is how far levels that are equivalent carry.
    String carrying =
        verdict.equals(Verdict.AS_LISTED.name()) ? Verdict.EQUIVALENT.name() : verdict;
    List<String> carries = new ArrayList<>();
    Map<String, List<String>> others = new LinkedHashMap<>();
    levels(equivalence.getLevels())
        .forEach(
            (level, record) -> {
              String standing = standing(record);
              if (record.getVerdict().equals(carrying)
                  && !verdict.equals(Verdict.INCONCLUSIVE.name())) {
                carries.add(level);
              } else if (!standing.equals(Verdict.NOT_CHECKED.name())) {
                others.computeIfAbsent(standing, s -> new ArrayList<>()).add(level);
              }
            });
    List<String> parts = new ArrayList<>();
    if (!carries.isEmpty()) {
      parts.add(joined(carries));
    }
    others.forEach((standing, names) -> parts.add(joined(names) + " " + standing));
    return parts.isEmpty() ? verdict : verdict + ": " + String.join("; ", parts);
  }

  /**
   * What a level found, by its name in words: its verdict, and why it could not tell where it is
   * inconclusive.
   */
  public static Map<String, String> standings(LevelsRecord levels) {
    Map<String, String> standings = new LinkedHashMap<>();
    levels(levels).forEach((level, record) -> standings.put(level, standing(record)));
    return standings;
  }

  /** Verdict of a level, or why it could not tell. */
  public static String standing(LevelRecord level) {
    return level.getDoubt() == null ? level.getVerdict() : level.getDoubt();
  }

  private static Map<String, LevelRecord> levels(LevelsRecord levels) {
    Map<String, LevelRecord> all = new LinkedHashMap<>();
    all.put("certificate", levels.getCertificate());
    all.put("sites", levels.getSite());
    all.put("whole model", levels.getModel());
    if (levels.getStructure() != null) {
      all.put("structure", levels.getStructure());
    }
    return all;
  }

  private static String joined(List<String> names) {
    int last = names.size() - 1;
    return last == 0
        ? names.get(0)
        : String.join(", ", names.subList(0, last)) + " and " + names.get(last);
  }
}
