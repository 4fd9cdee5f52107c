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
package dev.fusewright.core.verify.inputs;

import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.ValueInfo;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Numbers of axes for the inputs of a model whose rank it leaves open. */
public final class Ranks {
  /** Images, sequences, rows, volumes, vectors. */
  private static final int[] PROBABLE = {4, 3, 2, 5, 1};

  private Ranks() {}

  /**
   * The inputs with each open rank filled in, to be tried in order until the original runs; all
   * dimensions of such an input stay open. The inputs themselves, if no rank is.
   */
  public static List<List<ValueInfo>> proposals(List<ValueInfo> inputs) {
    if (inputs.stream().allMatch(input -> input.dims() != null)) {
      return List.of(inputs);
    }
    List<List<ValueInfo>> proposals = new ArrayList<>();
    for (int rank : PROBABLE) {
      List<Dim> open = Collections.nCopies(rank, new Dim.Unknown());
      proposals.add(
          inputs.stream()
              .map(
                  input ->
                      input.dims() == null
                          ? new ValueInfo(input.name(), input.type(), open)
                          : input)
              .toList());
    }
    return proposals;
  }
}
