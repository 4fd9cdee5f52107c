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
import dev.fusewright.io.file.CheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** An open file that says what its model computes. */
public non-sealed interface GraphCheckpoint extends Checkpoint {
  @Override
  GraphFormat format();

  /** The model. Node ids are dense, in the order of the file over all scopes. */
  ModelGraph graph();

  /**
   * The model in ONNX's terms only, which a runtime could run: its own graph, unless that has
   * operators of another kind.
   */
  default Translation translation() {
    return new Translation(graph(), List.of());
  }

  /**
   * What the file would hold of an edited graph, and what it could not: the graph itself, where the
   * format takes whatever a rule may make.
   *
   * @param edited made from {@link #graph}, sharing what it did not change
   */
  default Fit fit(ModelGraph edited) {
    return new Fit(edited, List.of());
  }

  /**
   * What the model was taken to be where the file leaves it open: what is said of its {@link
   * #graph} holds where these do. Each is a sentence.
   */
  default List<String> premises() {
    return List.of();
  }

  /** What the file says about itself. */
  GraphFacts facts();

  /**
   * Refuses a file that leaves out values of its parameters, as a text may: then {@link #graph} is
   * to be looked at, and nothing that is made of it means anything.
   *
   * @throws CheckpointException saying which values are missing
   */
  default void requireValues() {}

  /**
   * Writes the file with an edited graph, and its data files beside it.
   *
   * <p>Nothing of the graph changed and no metadata given: the file comes out byte for byte.
   *
   * @param edited made from {@link #graph}, sharing what it did not change
   * @param metadata entries to add to the model's metadata, replacing those with the same keys, in
   *     the order of their keys
   * @param target is replaced if it exists. Data files go into its folder under the names that the
   *     model gives them, except for those that change: they are called after {@code target}, so
   *     that they can be published where the original lies
   * @throws IOException if the target cannot be written
   * @throws CheckpointException if this file cannot be read any more, or the result would be beyond
   *     what readers of the format can load
   * @throws IllegalArgumentException if the target, or a data file beside it, is this file itself
   */
  WriteSummary write(ModelGraph edited, Map<String, String> metadata, Path target)
      throws IOException;
}
