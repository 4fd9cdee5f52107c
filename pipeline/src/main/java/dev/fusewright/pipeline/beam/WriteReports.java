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

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.report.RunTotals;
import dev.fusewright.pipeline.run.RunSpec;
import dev.fusewright.report.FusionReport;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.SerializableCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.transforms.Combine;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.WithKeys;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionList;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.jspecify.annotations.Nullable;

/**
 * Writes reports as part files, once more as JSON Lines those of entries that were not published,
 * and says what they come to.
 *
 * <p>No report waits on a heap for others: a worker writes what it made to {@code attempts/}, under
 * names that only the attempt which survives passes on; what is grouped are these names. Then each
 * part file is made of the attempts that belong to it, one report after the other.
 */
public final class WriteReports
    extends PTransform<PCollection<FusionReport>, PCollection<RunTotals>> {
  private final Location folder;
  private final StorageConfiguration storage;
  private final @Nullable String writer;
  private final int shards;

  private WriteReports(
      Location folder, StorageConfiguration storage, @Nullable String writer, int shards) {
    this.folder = folder;
    this.storage = storage;
    this.writer = writer;
    this.shards = shards;
  }

  /**
   * Into a folder: {@code part-00000-of-00001.avro} and, where entries were not published, {@code
   * quarantine/part-00000-of-00001.jsonl}.
   */
  public static WriteReports into(Location folder, StorageConfiguration storage) {
    return new WriteReports(folder, storage, null, 1);
  }

  /** In so many part files; each is written by one worker. */
  public WriteReports withShards(int number) {
    if (number < 1) {
      throw new IllegalArgumentException("expected at least 1 part file, found " + number);
    }
    return new WriteReports(folder, storage, writer, number);
  }

  /** Of a run, into its folder. */
  static WriteReports of(RunSpec run) {
    return new WriteReports(run.folder().location(), run.storage(), run.writer(), run.shards());
  }

  /** Where workers write what they made. */
  static Location attempts(Location folder) {
    return folder.resolve("attempts");
  }

  static Store store(StorageConfiguration storage, @Nullable String writer) {
    return writer == null ? Stores.of(storage) : Stores.of(storage, writer);
  }

  @Override
  public PCollection<RunTotals> expand(PCollection<FusionReport> reports) {
    int parts = shards;
    PCollection<RunTotals> totals =
        reports
            .apply("Write attempts", ParDo.of(new WriteAttempts(folder, storage, writer)))
            .setCoder(StringUtf8Coder.of())
            .apply(
                "Assign part files",
                WithKeys.of((String file) -> Math.floorMod(file.hashCode(), parts))
                    .withKeyType(TypeDescriptors.integers()))
            .setCoder(KvCoder.of(VarIntCoder.of(), StringUtf8Coder.of()))
            .apply("Gather names", GroupByKey.create())
            .apply("Write part files", ParDo.of(new WritePart(folder, storage, writer, parts)))
            .setCoder(SerializableCoder.of(RunTotals.class));
    // Where there are no reports at all, they come to nothing, and that is said too.
    PCollection<RunTotals> none =
        reports
            .getPipeline()
            .apply(
                "No reports",
                Create.of(new RunTotals()).withCoder(SerializableCoder.of(RunTotals.class)));
    return PCollectionList.of(totals)
        .and(none)
        .apply("All totals", Flatten.pCollections())
        .apply("Add up", Combine.globally(new AddUp()).withoutDefaults())
        .setCoder(SerializableCoder.of(RunTotals.class));
  }
}
