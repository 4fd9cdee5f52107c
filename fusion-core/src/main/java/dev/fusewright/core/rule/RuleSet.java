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

import java.util.List;
import java.util.stream.Stream;

/**
 * The rules that a plan is made with.
 *
 * @param name {@code inference}, {@code torch}, or the list of ids that was asked for
 * @param folds change the graph; tried in this order until none applies any more
 * @param containers only name what stands there when the folds are done
 */
public record RuleSet(String name, List<Rule<?>> folds, List<Rule<?>> containers) {
  /** Copies the lists. */
  public RuleSet {
    folds = List.copyOf(folds);
    containers = List.copyOf(containers);
  }

  /** All rules in order. */
  public Stream<Rule<?>> stream() {
    return Stream.concat(folds.stream(), containers.stream());
  }
}
