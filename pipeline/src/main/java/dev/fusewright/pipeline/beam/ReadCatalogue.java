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
package dev.fusewright.pipeline.beam;

import dev.fusewright.io.storage.FetchDeadline;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.catalogue.CatalogueEntry;
import dev.fusewright.pipeline.catalogue.CatalogueException;
import dev.fusewright.pipeline.catalogue.CataloguePreparation;
import dev.fusewright.pipeline.catalogue.CostOrder;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.pipeline.run.RunSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.apache.beam.sdk.io.Read;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;

/** The entries of a prepared catalogue, in splits that idle workers pull. */
public final class ReadCatalogue extends PTransform<PBegin, PCollection<CatalogueEntry>> {
  private final StorageConfiguration storage;
  private final PreparedCatalogue catalogue;

  private ReadCatalogue(StorageConfiguration storage, PreparedCatalogue catalogue) {
    this.storage = storage;
    this.catalogue = catalogue;
  }

  /** Of a run: what is left of its catalogue for workers. */
  static ReadCatalogue of(RunSpec run) {
    return new ReadCatalogue(run.storage(), run.settled().left());
  }

  /**
   * Checks a catalogue (JSON Lines, Avro or a glob) here and now, and writes it down with every
   * location resolved, for workers to read.
   *
   * @param prepared where it is written, as JSON Lines, in the order in which entries are dealt
   *     out; every worker must reach it
   * @throws CatalogueException if it is empty, none of its lines is an entry, or entries are in
   *     each other's way; nothing has been written then
   * @throws IOException if the store fails
   */
  public static ReadCatalogue prepare(
      Location catalogue, Location prepared, StorageConfiguration storage)
      throws CatalogueException, IOException {
    Store store = Stores.within(FetchDeadline.STANDARD, Stores.of(storage));
    try (Scratch scratch = Scratch.in(Path.of(System.getProperty("java.io.tmpdir")))) {
      Path ordered = scratch.file("catalogue.jsonl");
      PreparedCatalogue local =
          CostOrder.sorted(
              CataloguePreparation.prepare(store, catalogue, scratch.file("given.jsonl")), ordered);
      store.publish(ordered, prepared);
      return new ReadCatalogue(storage, local.at(prepared));
    }
  }

  @Override
  public PCollection<CatalogueEntry> expand(PBegin begin) {
    try {
      return begin.apply("Pull splits", Read.from(CatalogueSource.whole(storage, catalogue)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
