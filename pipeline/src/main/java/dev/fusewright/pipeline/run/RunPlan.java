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
package dev.fusewright.pipeline.run;

import dev.fusewright.io.storage.FetchDeadline;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageErrors;
import dev.fusewright.io.storage.Store;
import dev.fusewright.pipeline.cache.ActionCache;
import dev.fusewright.pipeline.cache.CacheDecision;
import dev.fusewright.pipeline.cache.CacheLookup;
import dev.fusewright.pipeline.cache.Incremental;
import dev.fusewright.pipeline.catalogue.CatalogueEntry;
import dev.fusewright.pipeline.catalogue.CatalogueLines;
import dev.fusewright.pipeline.catalogue.EntryJson;
import dev.fusewright.pipeline.catalogue.EntryRequests;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.pipeline.model.FuseRequest;
import dev.fusewright.pipeline.model.OutputConflicts;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.Mode;
import dev.fusewright.pipeline.settings.Settings;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a run would do, found out by the same lookups, without reading or writing a model. */
public final class RunPlan {
  /** Lookups wait for the store, not for a processor. */
  private static final int AT_ONCE = 16;

  private static final int IN_HAND = 16 * AT_ONCE;

  private final Location output;
  private final Settings settings;
  private final CacheLookup lookup;

  /**
   * A plan of a run.
   *
   * @param reports folder of all runs' reports, with their receipts
   * @param output folder of the published models
   * @param settings what the run says of them
   * @throws IllegalArgumentException if they are an audit's, which does everything
   */
  public RunPlan(
      Store store, Location reports, Location output, Settings settings, CacheLookup.Trust trust) {
    if (FuseSettings.resolve(settings).mode() == Mode.AUDIT) {
      throw new IllegalArgumentException(
          "--mode audit: an audit looks at every entry, whatever was done before; there is nothing to plan");
    }
    this.output = output;
    this.settings = settings;
    this.lookup =
        new CacheLookup(
            store, ActionCache.below(store, reports, FuseSettings.resolve(settings).mode()), trust);
  }

  /**
   * What would become of one entry.
   *
   * @param decision null if the store could not say
   * @param problem what stands in the way; null if nothing is known to
   */
  public record Line(
      CatalogueEntry entry, @Nullable CacheDecision decision, @Nullable String problem) {

    /** What would be done: fuse, confirm, skip or fail. */
    public String action() {
      return decision == null || problem != null
          ? "fail"
          : decision.action().name().toLowerCase(Locale.ROOT);
    }

    /** Why, as a word. */
    public String reason() {
      if (entry.problem() != null) {
        return "no_entry";
      }
      return decision == null ? "store_failed" : decision.reason().text();
    }

    /** Bytes of the source; negative where there is none, or nobody could say. */
    public long bytes() {
      return decision == null ? -1 : decision.bytes();
    }
  }

  /** What a plan comes to. */
  public static final class Totals {
    private final Map<CacheDecision.Action, Long> entries =
        new EnumMap<>(CacheDecision.Action.class);
    private final Map<CacheDecision.Action, Long> bytes = new EnumMap<>(CacheDecision.Action.class);
    private long failing;

    private void add(Line line) {
      CacheDecision decision = line.decision();
      if (decision == null || line.problem() != null) {
        failing++;
      } else {
        entries.merge(decision.action(), 1L, Long::sum);
        bytes.merge(decision.action(), Math.max(0, decision.bytes()), Long::sum);
      }
    }

    /** Entries of which this would be done. */
    public long entries(CacheDecision.Action action) {
      return entries.getOrDefault(action, 0L);
    }

    /** Bytes of their sources. */
    public long bytes(CacheDecision.Action action) {
      return bytes.getOrDefault(action, 0L);
    }

    /** Entries that would fail. */
    public long failing() {
      return failing;
    }
  }

  /**
   * Plans every entry of a catalogue.
   *
   * @param catalogue prepared
   * @param lines are told in the order of the catalogue
   */
  public Totals each(Store store, PreparedCatalogue catalogue, Consumer<Line> lines)
      throws IOException, InterruptedException {
    Totals totals = new Totals();
    Deque<Future<Line>> inHand = new ArrayDeque<>();
    ExecutorService lookups = Executors.newFixedThreadPool(AT_ONCE);
    try (CatalogueLines entries = new CatalogueLines(store.open(catalogue.location()))) {
      for (var line = entries.next(); line != null; line = entries.next()) {
        CatalogueEntry entry = EntryJson.prepared(line.text());
        inHand.add(lookups.submit(() -> line(entry)));
        if (inHand.size() == IN_HAND) {
          take(inHand, totals, lines);
        }
      }
      while (!inHand.isEmpty()) {
        take(inHand, totals, lines);
      }
    } finally {
      lookups.shutdownNow();
    }
    return totals;
  }

  private static void take(Deque<Future<Line>> inHand, Totals totals, Consumer<Line> lines)
      throws InterruptedException {
    try {
      Line line = inHand.remove().get();
      totals.add(line);
      lines.accept(line);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private Line line(CatalogueEntry entry) {
    FuseRequest request =
        EntryRequests.of(entry, null, settings, output, OutputConflicts.NONE, null);
    if (request.problem() != null) {
      return new Line(entry, null, request.problem());
    }
    try {
      CacheDecision decision =
          FetchDeadline.run(
              request.settings().fetchTimeout(),
              entry.source().toString(),
              progress -> lookup.decide(Incremental.asked(request)));
      return new Line(
          entry,
          decision,
          decision.reason() == CacheDecision.Reason.SOURCE_MISSING
              ? entry.source() + ": expected a model, found nothing"
              : null);
    } catch (IOException e) {
      return new Line(entry, null, entry.source() + ": " + StorageErrors.describe(e));
    }
  }
}
