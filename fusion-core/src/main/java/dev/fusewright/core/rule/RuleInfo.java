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
package dev.fusewright.core.rule;

import java.util.ArrayList;
import java.util.List;

/**
 * What a rule is, for people. Its page under {@code src/docs/rules} is made of this.
 *
 * @param id stable, in kebab case; also the name of its page
 * @param title one line
 * @param algebra the identity that makes the rule sound, in one line
 * @param example a graph in ONNX's text form on which the rule applies
 * @param conditions under which it is sound
 */
public record RuleInfo(
    String id, String title, String algebra, String example, List<Condition> conditions) {

  /**
   * What must hold.
   *
   * @param holds a clause
   * @param otherwise what would go wrong without it: a counter-example in a clause
   */
  public record Condition(String holds, String otherwise) {}

  /** Copies the list. */
  public RuleInfo {
    conditions = List.copyOf(conditions);
  }

  /** A rule without an example and without conditions of its own. */
  public RuleInfo(String id, String title, String algebra) {
    this(id, title, algebra, "", List.of());
  }

  /** This with a graph on which the rule applies. */
  public RuleInfo showing(String graph) {
    return new RuleInfo(id, title, algebra, graph, conditions);
  }

  /** This with a further condition, and what would go wrong without it. */
  public RuleInfo requiring(String holds, String otherwise) {
    return requiring(List.of(new Condition(holds, otherwise)));
  }

  /** This with further conditions. */
  public RuleInfo requiring(List<Condition> further) {
    List<Condition> all = new ArrayList<>(conditions);
    all.addAll(further);
    return new RuleInfo(id, title, algebra, example, all);
  }
}
