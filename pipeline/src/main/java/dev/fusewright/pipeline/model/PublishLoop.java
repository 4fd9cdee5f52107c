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

import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.io.format.WriteSummary;
import dev.fusewright.io.storage.Location;
import dev.fusewright.pipeline.verification.Verifier;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * Plans, writes and proves a checkpoint, drops what is not proven and begins anew, and publishes
 * what is left: the one loop for every format.
 */
final class PublishLoop {
  private final JobContext context;
  private final Candidates candidates;
  private final Publication publication;
  private int reprosKept;

  PublishLoop(JobContext context, Candidates candidates) {
    this.context = context;
    this.candidates = candidates;
    this.publication = new Publication(context);
  }

  /** Only plans. */
  Outcome inspect() throws Exception {
    if (!planned().changesModel()) {
      return Outcome.NOTHING_TO_FUSE;
    }
    context
        .report()
        .equivalence(
            new Verifier.Finding(
                Equivalence.notChecked(
                        "not yet proven: fuse proves every site, and drops those that are not"
                            + " confirmed")
                    .assuming(candidates.premises()),
                null));
    return Outcome.FUSED;
  }

  /**
   * Publishes what is proven.
   *
   * @throws RejectedException if nothing may be published
   */
  Outcome fuse() throws Exception {
    FusionPlan plan = planned();
    publication.refuseToReplaceTheSource();
    if (plan.changesModel()) {
      candidates.prepare(plan);
    }
    // Apart from what was fetched, which may have the same name.
    Path candidate = file("fused");
    while (plan.changesModel()) {
      FusionPlan carriedOut = plan;
      context.mounting().claim(candidates.computedBytes(carriedOut));
      WriteSummary written =
          context.clock().at(Stage.WRITE, () -> candidates.write(carriedOut, candidate));
      Set<Integer> overflowed = candidates.makers(plan, written.nonFinite());
      if (!overflowed.isEmpty()) {
        plan = candidates.refusing(plan, overflowed, Reason.NON_FINITE_RESULT);
        candidates.report(plan);
        continue;
      }
      Verifier.Finding found =
          context.clock().at(Stage.VERIFY, () -> candidates.prove(carriedOut, candidate));
      context.report().equivalence(found);
      Set<Integer> culprits = context.clock().at(Stage.VERIFY, () -> culprits(carriedOut, found));
      if (culprits.isEmpty()) {
        Acceptance.judge(context.settings(), found.equivalence());
        context
            .clock()
            .at(Stage.PUBLISH, () -> publication.publish(candidate, written.dataFiles()));
        return Outcome.FUSED;
      }
      keepRepros(carriedOut, candidate, found.culprits());
      plan = candidates.replanned(carriedOut, culprits);
      context.report().dropping(culprits, lost(carriedOut, plan), found.equivalence());
      candidates.report(plan);
    }
    if (!plan.dropped().isEmpty()) {
      context
          .report()
          .equivalence(
              new Verifier.Finding(
                  Equivalence.notChecked(
                      "every fusion was dropped; what is published is the original"),
                  null));
    }
    publication.copy(candidates.dataFiles(), candidates.unfused());
    return Outcome.NOTHING_TO_FUSE;
  }

  private FusionPlan planned() throws Exception {
    FusionPlan plan = context.clock().at(Stage.PLAN, candidates::plan);
    candidates.report(plan);
    return plan;
  }

  private static List<Fusion> lost(FusionPlan before, FusionPlan after) {
    return after.dropped().subList(before.dropped().size(), after.dropped().size());
  }

  /** A file called like the target, in a folder of its own. */
  private Path file(String folder) throws IOException {
    Path file = context.mounting().view(context.scratch().file(folder + "/" + publication.name()));
    Files.createDirectories(file.resolveSibling("."));
    return file;
  }

  /**
   * The fusions to drop. Those that were not proven by themselves; otherwise, where the whole model
   * differs, those that make it differ; none where nothing can be told.
   */
  private Set<Integer> culprits(FusionPlan plan, Verifier.Finding found) throws Exception {
    Equivalence equivalence = found.equivalence();
    if (!candidates.isDivisible() || Acceptance.accepts(context.settings(), equivalence)) {
      return Set.of();
    }
    if (!found.culprits().isEmpty()
        || equivalence.level(Level.MODEL).verdict() != Verdict.DIFFERENT) {
      return found.culprits();
    }
    Path trial = file("trial");
    return Bisection.culprits(
        plan,
        candidates::without,
        part -> {
          candidates.write(part, trial);
          return candidates.prove(part, trial).equivalence().verdict() == Verdict.DIFFERENT;
        });
  }

  private void keepRepros(FusionPlan plan, Path candidate, Set<Integer> culprits)
      throws IOException {
    Location folder = context.request().quarantine();
    if (folder != null && !culprits.isEmpty()) {
      candidates.keepRepros(
          plan,
          candidate,
          culprits,
          repros -> {
            Repros.keep(repros, reprosKept, folder, context.flow().store(), context.scratch());
            reprosKept += repros.size();
          });
    }
  }
}
