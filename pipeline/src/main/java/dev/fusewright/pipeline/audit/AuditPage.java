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
package dev.fusewright.pipeline.audit;

import java.util.List;

/**
 * What the page says without its script, from top to bottom. Text is printable, and not escaped for
 * anything.
 *
 * @param statement what the run comes to, a sentence each
 * @param warnings what makes the run or the page less than whole
 * @param facts of the run
 * @param settings that hold for it
 * @param outcomes models by outcome
 * @param findings what a person should look at, the gravest first
 * @param nothingFound what is said where there is no finding
 */
public record AuditPage(
    String runId,
    List<String> statement,
    List<String> warnings,
    List<Fact> facts,
    Grid settings,
    List<Tally> outcomes,
    List<Finding> findings,
    String nothingFound,
    Grid verdicts,
    Grid levels,
    List<Plot> plots,
    Grid worst,
    Grid growth,
    Grid slowest,
    Grid stages,
    Grid fusions,
    List<Cause> errors,
    List<Cause> refusals,
    Changed changed,
    Grid digests,
    Grid rules,
    long models,
    String made) {
  /**
   * A fact.
   *
   * @param isCode whether it is a name or digest out of a file
   */
  public record Fact(String name, String value, boolean isCode) {}

  /**
   * How many models ended so.
   *
   * @param key the outcome's own name
   * @param link to the list of them
   */
  public record Tally(String key, String name, String count, String link) {}

  /**
   * What a person should look at.
   *
   * @param weight {@code bad}, {@code look} or {@code know}
   * @param code short, stable
   * @param link to the list of the models
   */
  public record Finding(String weight, String code, String count, String sentence, String link) {}

  /**
   * Why sites were not fused, or models not published.
   *
   * @param rule or stage
   * @param link to the rule; empty where it has no page of its own
   * @param sentence meaning of the code
   * @param words of the first
   * @param named the first models
   * @param more models that are not named
   */
  public record Cause(
      String rule,
      String link,
      String code,
      String sentence,
      String words,
      String sites,
      String models,
      List<Grid.Cell> named,
      long more) {}

  /**
   * Comparison with another run.
   *
   * @param sentence with which, or why with none
   * @param counts how many models changed how
   * @param named the first of those that are worse
   */
  public record Changed(String sentence, Grid counts, Grid named, String gone) {}
}
