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
import dev.fusewright.pipeline.beam.AtEndOfProcess;
import dev.fusewright.pipeline.beam.FuseRun;
import dev.fusewright.pipeline.beam.RunProgress;
import dev.fusewright.pipeline.catalogue.CatalogueException;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.atomic.AtomicReference;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Carries a run out and says how it goes. */
final class RunExecution {
  private static final int SHOWN = 20;

  private final PrintWriter out;
  private final PrintWriter err;
  private final Verbosity verbosity;

  RunExecution(PrintWriter out, PrintWriter err, Verbosity verbosity) {
    this.out = out;
    this.err = err;
    this.verbosity = verbosity;
  }

  int run(FuseRun run) {
    Watcher watcher = new Watcher(!verbosity.isQuiet() && Terminal.isStandardError());
    AtomicReference<@Nullable String> farewell = new AtomicReference<>();
    try (AtEndOfProcess interrupted = AtEndOfProcess.run(() -> say(farewell.get()))) {
      if (run.isDetached()) {
        return handedOver(run.submit());
      }
      FuseRun.Ended ended = run.execute(new Observer(watcher, farewell));
      watcher.stop();
      return report(ended);
    } catch (CatalogueException e) {
      err.println("fusewright: " + e.getMessage());
      return ExitCode.USAGE;
    } catch (IllegalArgumentException e) {
      err.println("fusewright: " + e.getMessage());
      return ExitCode.USAGE;
    } catch (FuseRun.RunFailedException e) {
      err.println("fusewright: " + e.getMessage());
      if (verbosity.isVerbose()) {
        e.printStackTrace(err);
      }
      return ExitCode.NOTHING;
    } catch (IOException e) {
      err.println("fusewright: the store failed: " + e);
      return ExitCode.NOTHING;
    } finally {
      watcher.stop();
    }
  }

  private void say(@Nullable String farewell) {
    if (farewell != null) {
      err.println("fusewright: " + farewell);
    }
  }

  private int handedOver(FuseRun.Submitted run) {
    out.println("submitted: run %s is Flink job %s".formatted(run.id(), run.job()));
    out.println("reports: %s (_SUCCESS comes last)".formatted(run.folder()));
    out.println("watch:   " + page(run));
    out.println("cancel:  " + cancellation(run));
    out.flush();
    return ExitCode.OK;
  }

  private int report(FuseRun.Ended ended) {
    JsonNode summary = ended.summary();
    int shown = 0;
    for (JsonNode problem : summary.path("problems")) {
      if (shown++ < SHOWN && !verbosity.isQuiet()) {
        err.printf(
            "fusewright: %s: %s at %s: %s%n",
            problem.path("id").asText(),
            problem.path("outcome").asText(),
            problem.path("stage").asText(),
            problem.path("message").asText());
      }
    }
    long bad = summary.path("rejected").asLong() + summary.path("failed").asLong();
    if (bad > SHOWN && !verbosity.isQuiet()) {
      err.printf(
          "fusewright: and %d more, see %s%n", bad - SHOWN, ended.folder().resolve("quarantine"));
    }
    out.printf(
        "%d models in %.1f s: %d fused, %d with nothing to fuse, %d unchanged, %d rejected, %d failed%n",
        summary.path("total").asLong(),
        summary.path("seconds").asDouble(),
        summary.path("fused").asLong(),
        summary.path("nothing_to_fuse").asLong(),
        summary.path("unchanged").asLong(),
        summary.path("rejected").asLong(),
        summary.path("failed").asLong());
    out.println("reports: " + ended.folder());
    out.flush();
    long notTried = summary.path("not_tried").asLong();
    if (notTried > 0) {
      err.printf(
          "fusewright: stopped after %d entries were rejected or failed: %d were not tried. What was published is right;"
              + " run again to go on, without --max-failures or with a larger one if those are to be left aside%n",
          bad, notTried);
    }
    return bad == 0 ? ExitCode.OK : ExitCode.REJECTED;
  }

  /** Of Flink's user interface. */
  private static String page(FuseRun.Submitted run) {
    return "%s/#/job/%s/overview".formatted(run.cluster(), run.job());
  }

  private static String cancellation(FuseRun.Submitted run) {
    return "curl -X PATCH '%s/jobs/%s?mode=cancel'".formatted(run.cluster(), run.job());
  }

  /** Shows the run to whoever waits, and knows what to say if they do not wait any longer. */
  private final class Observer implements FuseRun.Observer {
    private final Watcher watcher;
    private final AtomicReference<@Nullable String> farewell;

    Observer(Watcher watcher, AtomicReference<@Nullable String> farewell) {
      this.watcher = watcher;
      this.farewell = farewell;
    }

    @Override
    public void begun(FuseRun.Begun begun) {
      if (!begun.isElsewhere()) {
        watcher.start(begun);
        farewell.set(
            "the run was ended before its time. What it published until then is right; start it again to go on. Its reports so far are in "
                + begun.folder());
      }
    }

    @Override
    public void submitted(FuseRun.Submitted run) {
      if (!verbosity.isQuiet()) {
        err.println(
            "fusewright: run %s is Flink job %s, %s".formatted(run.id(), run.job(), page(run)));
      }
      farewell.set(
          "nobody waits for the run any longer, and it goes on: as Flink job %s, %s. Its reports will be in %s (_SUCCESS comes last). To end it as well: %s"
              .formatted(run.job(), page(run), run.folder(), cancellation(run)));
    }
  }

  /** Draws how far the run is, where somebody looks. */
  private static final class Watcher {
    private static final long REDRAWN_EVERY_MS = 200;

    private final boolean draws;
    private @Nullable Thread thread;
    private volatile boolean stopped;

    Watcher(boolean draws) {
      this.draws = draws;
    }

    void start(FuseRun.Begun begun) {
      String runId = begun.id();
      if (draws) {
        RunProgress progress = RunProgress.watch(runId);
        thread = new Thread(() -> draw(runId, progress, begun.catalogue()), "progress");
        thread.setDaemon(true);
        thread.start();
      }
    }

    /** By bytes, where all sizes are known: the biggest models come first. By models otherwise. */
    private void draw(String runId, RunProgress progress, PreparedCatalogue catalogue) {
      boolean isSized = catalogue.sized() == catalogue.entries();
      try (ProgressBar bar =
          new ProgressBarBuilder()
              .setTaskName("fusing")
              .setInitialMax(
                  isSized
                      ? RunProgress.cost(catalogue.entries(), catalogue.bytes())
                      : catalogue.entries())
              .setUnit(isSized ? " MB" : " models", isSized ? 1 << 20 : 1)
              .setStyle(ProgressBarStyle.ASCII)
              .setConsumer(new ConsoleProgressBarConsumer(System.err))
              .build()) {
        while (!stopped) {
          show(bar, progress, catalogue.entries(), isSized);
          Thread.sleep(REDRAWN_EVERY_MS);
        }
        show(bar, progress, catalogue.entries(), isSized);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        RunProgress.forget(runId);
      }
    }

    private static void show(ProgressBar bar, RunProgress progress, long entries, boolean isSized) {
      bar.stepTo(isSized ? progress.cost() : progress.models());
      long failed = progress.models(Outcome.REJECTED) + progress.models(Outcome.FAILED);
      bar.setExtraMessage(
          "%,d of %,d models, %,d MB%s"
              .formatted(
                  progress.models(),
                  entries,
                  progress.bytes() >> 20,
                  failed == 0 ? "" : ", %,d not published".formatted(failed)));
    }

    void stop() {
      stopped = true;
      if (thread != null) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        thread = null;
      }
    }
  }
}
