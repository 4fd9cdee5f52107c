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

import com.fasterxml.jackson.databind.JsonNode;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.cache.ActionCache;
import dev.fusewright.pipeline.cache.CacheLookup;
import dev.fusewright.pipeline.catalogue.CatalogueException;
import dev.fusewright.pipeline.catalogue.CataloguePreparation;
import dev.fusewright.pipeline.catalogue.CostOrder;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.Mode;
import dev.fusewright.pipeline.settings.Settings;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Starts a run and waits for its end.
 *
 * @param catalogue JSON Lines, or a glob
 * @param output folder of the published models
 * @param reports folder of all runs' reports
 * @param settings what the run says of them; entries may say more
 * @param choices what is done with what was done before, and when the run stops
 * @param name of the run, under which one that did not end goes on; null for a new one
 * @param submitter to whom it is given
 */
public record FuseRun(
    Location catalogue,
    Location output,
    Location reports,
    Settings settings,
    StorageConfiguration storage,
    RunChoices choices,
    @Nullable String name,
    Submitter submitter) {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  /** Checks the name; an audit relies on no earlier one. */
  public FuseRun {
    if (FuseSettings.resolve(settings).mode() == Mode.AUDIT) {
      choices =
          new RunChoices(
              CacheLookup.Trust.THIS_RUN_ONLY, choices.maxFailures(), choices.receipts());
    } else if (choices.receipts() != null) {
      throw new IllegalArgumentException(
          "--receipts is about --mode audit; every other run goes by those below its --reports");
    }
    if (name != null) {
      RunFolder.checkedId(name);
    }
  }

  /**
   * A run of which everything is checked, and no entry is begun yet.
   *
   * @param folder of its reports
   * @param catalogue of the entries that need work
   * @param isElsewhere whether a cluster does the work, and {@link RunProgress} sees nothing of it
   */
  public record Begun(
      String id, Location folder, PreparedCatalogue catalogue, boolean isElsewhere) {}

  /** Is told how a run comes along. */
  @FunctionalInterface
  public interface Observer {
    /** Called before the first entry is begun. */
    void begun(Begun begun);

    /** Called when a cluster has the run, which from then on does not need this process. */
    default void submitted(Submitted run) {}
  }

  /**
   * A run that has ended.
   *
   * @param folder of its reports
   * @param summary its {@code summary.json}
   */
  public record Ended(String id, Location folder, JsonNode summary) {}

  /**
   * A run that goes on without this process.
   *
   * @param folder where its reports will be; {@code _SUCCESS} comes last
   */
  public record Submitted(String id, Location folder, ClusterJob job) {}

  /** Whether nobody is to wait for the end. */
  public boolean isDetached() {
    return submitter.isDetached();
  }

  /**
   * Runs to the end.
   *
   * <p>A run whose name is that of one that did not end goes on with that one's catalogue; what it
   * did is reported as it was. One that did end is not begun again; where a job is expected, it is
   * one that finds every entry done, and ends as the run did.
   *
   * @throws CatalogueException if the catalogue is wrong; nothing has been written then
   * @throws IllegalArgumentException if an option is wrong; nothing has been written then
   * @throws RunFailedException if the workers cannot be reached, or gave up
   */
  public Ended execute(Observer observer)
      throws CatalogueException, IOException, RunFailedException {
    Store store = store();
    if (name != null && !submitter.isJobExpected()) {
      RunFolder complete = RunFolder.of(reports, name);
      if (store.status(complete.success()).isPresent()) {
        return new Ended(name, complete.location(), summary(store, complete));
      }
    }
    return start(
        (workers, run) -> {
          boolean isDone = run.settled().left().entries() == 0;
          if (isDone && workers.place() == Workers.Place.EMBEDDED) {
            // No engine is started for nothing. Elsewhere it is there, and a job is expected.
            RunCompletion.complete(run, run.settled().totals());
          } else {
            Location folder = run.folder().location();
            observer.begun(
                new Begun(
                    run.id(),
                    folder,
                    run.settled().left(),
                    workers.place() == Workers.Place.CLUSTER));
            workers.runToEnd(run, job -> observer.submitted(new Submitted(run.id(), folder, job)));
          }
          return new Ended(run.id(), run.folder().location(), summary(store, run.folder()));
        });
  }

  /**
   * Gives the run to a cluster, and does not wait for its end. One that goes on under its name may
   * have ended already: then every entry is found done.
   *
   * @throws CatalogueException if the catalogue is wrong; nothing has been written then
   * @throws IllegalArgumentException if an option is wrong; nothing has been written then
   * @throws RunFailedException if the cluster did not take it
   */
  public Submitted submit() throws CatalogueException, IOException, RunFailedException {
    return start(
        (workers, run) -> new Submitted(run.id(), run.folder().location(), workers.handOver(run)));
  }

  /** What is read before the work begins: each entry has a deadline of its own later. */
  private Store store() {
    return Stores.within(FuseSettings.resolve(settings).fetchTimeout(), Stores.of(storage));
  }

  /** What is done with a run of which everything is known. */
  @FunctionalInterface
  private interface Last<T> {
    T run(Workers workers, RunSpec run) throws IOException, RunFailedException;
  }

  private <T> T start(Last<T> last) throws CatalogueException, IOException, RunFailedException {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    String id =
        name != null
            ? name
            : STAMP.format(now) + "-" + UUID.randomUUID().toString().substring(0, 8);
    RunFolder folder = RunFolder.of(reports, id);
    Store store = store();
    Scratch scratch = Scratch.in(Path.of(System.getProperty("java.io.tmpdir")));
    try (AtEndOfProcess removal = AtEndOfProcess.run(() -> remove(scratch))) {
      Submitter.Prepared options = submitter.prepare("fusewright-" + id, scratch.folder());
      RunChoices decided = withReceipts(store);
      Optional<RunRecord> begun = RunRecord.read(store, folder);
      Path given = scratch.file("given.jsonl");
      Path local = scratch.file("catalogue.jsonl");
      PreparedCatalogue prepared =
          begun.isPresent()
              ? goOn(begun.get(), decided)
              : CostOrder.sorted(
                      CataloguePreparation.prepare(store, catalogue, output, given), local)
                  .at(folder.catalogue());
      Workers workers = options.reach();
      UpToDateEntries settled;
      if (begun.isPresent()) {
        settled = UpToDateCheck.again(begun.get(), choices.trust(), store, reports, scratch);
      } else {
        store.publish(local, folder.catalogue());
        RunRecord unsettled = record(id, now, prepared, prepared, decided);
        settled = UpToDateCheck.of(unsettled, local, choices.trust(), store, reports, scratch);
        // The record comes last: a run without one begins anew.
        record(id, now, prepared, settled.left(), decided)
            .write(store, folder, submitter.versions());
      }
      return last.run(
          workers, spec(id, now, prepared, settled, decided, workers.modelsPerWorker()));
    } finally {
      remove(scratch);
    }
  }

  /**
   * These choices, and where an audit finds the receipts that it goes by: where it is told, or
   * below its own reports, or, if there are none there, in the output's {@code reports/}.
   */
  private RunChoices withReceipts(Store store) throws IOException {
    if (FuseSettings.resolve(settings).mode() != Mode.AUDIT || choices.receipts() != null) {
      return choices;
    }
    Location usual = output.resolve("reports");
    boolean isUsual =
        !ActionCache.below(store, reports, Mode.AUDIT).hasReceipts()
            && ActionCache.below(store, usual, Mode.AUDIT).hasReceipts();
    return new RunChoices(choices.trust(), choices.maxFailures(), isUsual ? usual : reports);
  }

  /**
   * An embedded engine has its files there, and may not be at its end: no reason for a run to fail.
   */
  private static void remove(Scratch scratch) {
    try {
      scratch.close();
    } catch (IOException e) {
      // The next run that has its scratch space there removes it.
    }
  }

  private PreparedCatalogue goOn(RunRecord record, RunChoices decided) {
    if (!record.catalogue().equals(catalogue)
        || !record.output().equals(output)
        || !Objects.equals(record.receipts(), decided.receipts())
        || !FuseSettings.resolve(record.settings()).equals(FuseSettings.resolve(settings))) {
      throw new IllegalArgumentException(
          "the run %s was begun with another catalogue, output, receipts or settings, as its run.json says; go on with those, or give this run another name"
              .formatted(record.id()));
    }
    return record.prepared();
  }

  private RunRecord record(
      String id,
      Instant now,
      PreparedCatalogue prepared,
      PreparedCatalogue left,
      RunChoices decided) {
    return new RunRecord(id, now, catalogue, prepared, left, output, settings, decided.receipts());
  }

  private RunSpec spec(
      String id,
      Instant now,
      PreparedCatalogue prepared,
      UpToDateEntries settled,
      RunChoices decided,
      int modelsPerWorker) {
    return new RunSpec(
        id,
        now,
        prepared,
        settled,
        output,
        reports,
        settings,
        storage,
        decided,
        Math.max(1, (int) Math.min(16, prepared.entries() / 1000)),
        modelsPerWorker);
  }

  private static JsonNode summary(Store store, RunFolder folder) throws IOException {
    return folder
        .readSummary(store)
        .orElseThrow(() -> new FileNotFoundException(folder.summary() + " is missing"));
  }
}
