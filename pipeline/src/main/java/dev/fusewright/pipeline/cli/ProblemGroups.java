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
package dev.fusewright.pipeline.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fusewright.core.text.Printable;
import dev.fusewright.pipeline.report.CauseWords;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The problems of a run's summary, those of one cause together. */
final class ProblemGroups {
  private static final int NAMED = 5;

  private ProblemGroups() {}

  /**
   * Problems of one cause.
   *
   * @param ids of the entries
   * @param what the outcome and the stage
   * @param message of the first
   */
  record Group(List<String> ids, String what, String message) {
    Group {
      ids = List.copyOf(ids);
    }

    /** The cause once, with how many it met and the first of them. */
    String sentence() {
      if (ids.size() == 1) {
        return "%s: %s: %s".formatted(Printable.line(ids.get(0)), what, message);
      }
      String named = String.join(", ", ids.subList(0, Math.min(NAMED, ids.size())));
      String more = ids.size() > NAMED ? ", and %d more".formatted(ids.size() - NAMED) : "";
      return "%d entries: %s: %s (%s%s)"
          .formatted(ids.size(), what, message, Printable.line(named), more);
    }
  }

  /** In the order in which the first of each stands there. */
  static List<Group> of(JsonNode problems) {
    Map<String, List<JsonNode>> groups = new LinkedHashMap<>();
    problems.forEach(
        problem -> groups.computeIfAbsent(cause(problem), key -> new ArrayList<>()).add(problem));
    return groups.values().stream().map(ProblemGroups::group).toList();
  }

  private static Group group(List<JsonNode> problems) {
    JsonNode first = problems.get(0);
    return new Group(
        problems.stream().map(problem -> problem.path("id").asText()).toList(),
        what(first),
        Printable.message(first.path("message").asText()));
  }

  private static String what(JsonNode problem) {
    return problem.path("outcome").asText() + " at " + problem.path("stage").asText();
  }

  /** The message without what is the entry's own: its id, names, paths and numbers. */
  private static String cause(JsonNode problem) {
    String message = problem.path("message").asText().replace(problem.path("id").asText(), "'id'");
    return what(problem) + " " + CauseWords.of(message);
  }
}
