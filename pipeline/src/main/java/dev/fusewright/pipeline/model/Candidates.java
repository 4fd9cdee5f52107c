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

import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.io.format.Checkpoint;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.RewrittenTensor;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.format.WriteSummary;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.verification.Verifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * What can be made of one open checkpoint: planned, written and proven, again and again, until
 * every fusion that is left is proven.
 */
interface Candidates extends AutoCloseable {
  /** Those of a checkpoint, which they close; it is reported as what was read. */
  static Candidates of(Checkpoint checkpoint, JobContext context) throws Exception {
    if (checkpoint instanceof GraphCheckpoint graph) {
      return new GraphCandidates(graph, context);
    }
    try {
      return StateDictCandidates.of((StateCheckpoint) checkpoint, context);
    } catch (Exception e) {
      checkpoint.close();
      throw e;
    }
  }

  /** What a verdict on anything made of it rests on, where the file leaves that open. */
  default List<Assumption> premises() {
    return List.of();
  }

  /** Everything that is asked for and sound. */
  FusionPlan plan() throws Exception;

  /** Reports a plan, and what the checkpoint becomes by it. */
  void report(FusionPlan plan);

  /** Gets ready to prove a plan that changes something. */
  void prepare(FusionPlan plan) throws Exception;

  /** At most how many bytes are computed for a plan, with what lies between them. */
  long computedBytes(FusionPlan plan);

  /** Writes the checkpoint as a plan leaves it. */
  WriteSummary write(FusionPlan plan, Path target) throws Exception;

  /** The fusions of a plan that had a hand in tensors that were written. */
  Set<Integer> makers(FusionPlan plan, List<RewrittenTensor> written);

  /** Judges what was written. */
  Verifier.Finding prove(FusionPlan plan, Path written) throws Exception;

  /**
   * Has the smallest models kept that show why fusions of a plan are not proven, while the files
   * that they read their parameters from are open.
   */
  void keepRepros(FusionPlan plan, Path written, Set<Integer> culprits, Repros.Keeper keeper)
      throws IOException;

  /** A plan without some of its fusions, and without what cannot do without them. */
  FusionPlan without(FusionPlan plan, Set<Integer> fusions);

  /**
   * A plan without fusions that were not confirmed, which does what can be done without them: what
   * was built on them is planned anew where the checkpoint allows it. In a state dict nothing is
   * built on anything: each group is named by itself, and goes by itself.
   */
  default FusionPlan replanned(FusionPlan plan, Set<Integer> fusions) throws Exception {
    return without(plan, fusions);
  }

  /** A plan without fusions that turned out to be unsound, and what cannot do without them. */
  FusionPlan refusing(FusionPlan plan, Set<Integer> fusions, Reason reason);

  /** Whether fusions that are not proven can be left out, and the rest be published. */
  boolean isDivisible();

  /** What becomes of the model if nothing in it is fused. */
  FuseSettings.Unfused unfused();

  /** Files beside the checkpoint that belong to it, relative to its folder. */
  List<String> dataFiles();

  @Override
  void close();
}
