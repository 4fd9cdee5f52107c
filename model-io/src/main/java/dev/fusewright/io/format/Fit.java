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
package dev.fusewright.io.format;

import dev.fusewright.core.graph.ModelGraph;
import java.util.List;

/**
 * What a file can hold of an edited graph.
 *
 * @param graph as it would be read back
 * @param misfits what could not be held; nothing is written while there are any
 */
public record Fit(ModelGraph graph, List<Misfit> misfits) {
  /** Copies. */
  public Fit {
    misfits = List.copyOf(misfits);
  }

  /**
   * An edit that the format cannot hold.
   *
   * @param value that it made or changed: a parameter, or the output or label of a node
   * @param sentence why not
   */
  public record Misfit(String value, String sentence) {}
}
