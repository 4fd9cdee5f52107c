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
package dev.fusewright.pipeline.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fusewright.core.text.Amounts;
import dev.fusewright.io.storage.StorageErrors;
import dev.fusewright.pipeline.catalogue.CatalogueException;
import dev.fusewright.pipeline.run.AtEndOfProcess;
import dev.fusewright.pipeline.run.FuseRun;
import dev.fusewright.pipeline.run.RunFailedException;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.Mode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Carries a run out and says how it goes. */
final class RunExecution {
  private static final int SHOWN = 20;

  private final PrintWriter out;
  private final PrintWriter err;
  private final Verbosity verbosity;
  private final ProgressOptions progress;

  RunExecution(PrintWriter out, PrintWriter err, Verbosity verbosity, ProgressOptions progress) {
    this.out = out;
    this.err = err;
    this.verbosity = verbosity;
    this.progress = progress;
  }

  private static String verb(FuseRun run) {
    return switch (FuseSettings.resolve(run.settings()).mode()) {
      case EVAL, QAT -> "fusing";
      case VERIFY -> "verifying";
      case AUDIT -> "auditing";
    };
  }

  int run(FuseRun run) {
    ProgressWatcher watcher = progress.watcher(verbosity, verb(run), err);
    AtomicReference<@Nullable String> farewell = new AtomicReference<>();
    try (AtEndOfProcess interrupted =
        AtEndOfProcess.run(
            () -> {
              watcher.interrupt();
              say(farewell.get());
            })) {
      if (run.isDetached()) {
        return handedOver(run.submit());
      }
      FuseRun.Ended ended = run.execute(new Observer(watcher, farewell));
      watcher.ended(ended.summary());
      return report(ended, FuseSettings.resolve(run.settings()).mode());
    } catch (CatalogueException e) {
      err.println("fusewright: " + e.getMessage());
      return ExitCode.USAGE;
    } catch (IllegalArgumentException e) {
      err.println("fusewright: " + RunnerOptions.explained(e));
      return ExitCode.USAGE;
    } catch (RunFailedException e) {
      err.println("fusewright: " + e.getMessage());
      if (verbosity.isVerbose()) {
        e.printStackTrace(err);
      }
      return ExitCode.NOTHING;
    } catch (IOException e) {
      err.println("fusewright: the store failed: " + StorageErrors.describe(e));
      return ExitCode.NOTHING;
    } finally {
      watcher.stop();
    }
  }

  private void say(@Nullable String farewell) {
    if (farewell != null) {
      err.println();
      err.println("fusewright: " + farewell);
      err.flush();
    }
  }

  private int handedOver(FuseRun.Submitted run) {
    out.println("submitted: run %s is %s".formatted(run.id(), run.job().name()));
    out.println("reports: %s (_SUCCESS comes last)".formatted(run.folder()));
    out.println("watch:   " + run.job().page());
    out.println("cancel:  " + run.job().cancellation());
    out.flush();
    return ExitCode.OK;
  }

  private int report(FuseRun.Ended ended, Mode mode) {
    JsonNode summary = ended.summary();
    if (!verbosity.isQuiet()) {
      ProblemGroups.of(summary.path("problems")).stream()
          .limit(SHOWN)
          .forEach(group -> err.println("fusewright: " + group.sentence()));
    }
    long bad = summary.path("rejected").asLong() + summary.path("failed").asLong();
    long listed = summary.path("problems").size();
    if (bad > listed && !verbosity.isQuiet()) {
      err.printf(
          "fusewright: and %d more, see %s%n", bad - listed, ended.folder().resolve("quarantine"));
    }
    out.printf(
        "%s in %.1f s: %s, %d rejected, %d failed%s%s%s%n",
        Amounts.count(summary.path("total").asLong(), "model"),
        summary.path("seconds").asDouble(),
        wellEnded(mode, summary),
        summary.path("rejected").asLong(),
        summary.path("failed").asLong(),
        asListed(summary.path("as_listed").asLong()),
        unnamed(summary.path("unnamed").asLong()),
        reused(summary.path("reused").asLong()));
    out.println("reports: " + ended.folder());
    out.flush();
    long notTried = summary.path("not_tried").asLong();
    if (notTried > 0) {
      err.printf(
          "fusewright: stopped after %s rejected or failed: %s not tried. What was published is right;"
              + " run again to go on, without --max-failures or with a larger one if those are to be left aside%n",
          Amounts.count(bad, "entry was", "entries were"), Amounts.count(notTried, "was", "were"));
    }
    return bad == 0 ? ExitCode.OK : ExitCode.REJECTED;
  }

  /** What was not rejected and did not fail, in the words of what was done. */
  private static String wellEnded(Mode mode, JsonNode summary) {
    long nothing = summary.path("nothing_to_fuse").asLong();
    long unchanged = summary.path("unchanged").asLong();
    return switch (mode) {
      case EVAL, QAT ->
          "%d fused, %d with nothing to fuse, %d unchanged"
              .formatted(summary.path("fused").asLong(), nothing, unchanged);
      case VERIFY -> "%d equivalent, %d unchanged".formatted(nothing, unchanged);
      case AUDIT -> "%d intact".formatted(unchanged);
    };
  }

  private static String asListed(long models) {
    return models == 0 ? "" : "; %d as listed: they rest on assumptions".formatted(models);
  }

  private static String unnamed(long models) {
    return models == 0 ? "" : "; %d unnamed: no list names their BatchNorms".formatted(models);
  }

  private static String reused(long models) {
    return models == 0
        ? ""
        : "; %d reused: their bytes were proven under another id".formatted(models);
  }

  /** Shows the run to whoever waits, and knows what to say if they do not wait any longer. */
  private final class Observer implements FuseRun.Observer {
    private final ProgressWatcher watcher;
    private final AtomicReference<@Nullable String> farewell;
    private FuseRun.@Nullable Begun begun;

    Observer(ProgressWatcher watcher, AtomicReference<@Nullable String> farewell) {
      this.watcher = watcher;
      this.farewell = farewell;
    }

    @Override
    public void begun(FuseRun.Begun run) {
      begun = run;
      if (!run.isElsewhere()) {
        watcher.start(run);
        farewell.set(
            "the run was ended before its time. What it published until then is right; start it again to go on. Its reports so far are in "
                + run.folder());
      }
    }

    @Override
    public void submitted(FuseRun.Submitted run) {
      if (!verbosity.isQuiet()) {
        err.println(
            "fusewright: run %s is %s, %s".formatted(run.id(), run.job().name(), run.job().page()));
      }
      if (begun != null) {
        watcher.start(begun, run.job());
      }
      farewell.set(
          "nobody waits for the run any longer, and it goes on: as %s, %s. Its reports will be in %s (_SUCCESS comes last). To end it as well: %s"
              .formatted(
                  run.job().name(), run.job().page(), run.folder(), run.job().cancellation()));
    }
  }
}
