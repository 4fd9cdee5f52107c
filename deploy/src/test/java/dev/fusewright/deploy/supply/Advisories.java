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
package dev.fusewright.deploy.supply;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** What the list of advisories says of a class path. */
final class Advisories {
  private final List<Advisory> advisories;

  Advisories(List<Advisory> advisories) {
    this.advisories = List.copyOf(advisories);
  }

  /** Components with a known flaw that nobody judged, and judgements that no component needs. */
  List<String> problems(List<Component> components) {
    List<String> problems = new ArrayList<>();
    for (Advisory advisory : advisories) {
      List<Component> affected = components.stream().filter(advisory::affects).toList();
      affected.stream()
          .filter(component -> !judged(advisory.id(), component))
          .map(component -> "%s affects %s".formatted(advisory.id(), component))
          .forEach(problems::add);
      if (advisory.judgement() != null
          && affected.stream().noneMatch(component -> meant(advisory, component))) {
        problems.add(
            "%s is judged for %s%s, which is not there in an affected version: remove the judgement"
                .formatted(
                    advisory.id(),
                    advisory.artifact(),
                    advisory.carrier() == null ? "" : " inside " + advisory.carrier()));
      }
    }
    return problems.stream().distinct().toList();
  }

  private boolean judged(String id, Component component) {
    return advisories.stream()
        .anyMatch(
            advisory ->
                advisory.judgement() != null
                    && advisory.id().equals(id)
                    && advisory.affects(component)
                    && meant(advisory, component));
  }

  private static boolean meant(Advisory advisory, Component component) {
    return Objects.equals(advisory.carrier(), component.carrier());
  }
}
