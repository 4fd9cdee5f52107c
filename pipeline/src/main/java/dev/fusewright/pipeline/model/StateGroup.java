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

import dev.fusewright.core.state.StateFusion;
import dev.fusewright.io.format.StatePath;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A group of modules that is fused in one of a file's state dicts. */
record StateGroup(StatePath state, List<String> names) {
  /** All that were fused. */
  static List<StateGroup> of(Map<StatePath, StateFusion> fusions) {
    List<StateGroup> all = new ArrayList<>();
    fusions.forEach(
        (path, fusion) ->
            fusion.groups().forEach(group -> all.add(new StateGroup(path, group.names()))));
    return all;
  }

  /** Their names, by state dict. */
  static Map<StatePath, Set<List<String>>> byState(Collection<StateGroup> groups) {
    Map<StatePath, Set<List<String>>> byState = new LinkedHashMap<>();
    groups.forEach(
        group ->
            byState.computeIfAbsent(group.state(), absent -> new HashSet<>()).add(group.names()));
    return byState;
  }
}
