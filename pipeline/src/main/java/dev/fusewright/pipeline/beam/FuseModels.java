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

import dev.fusewright.core.plan.Fusion;
import dev.fusewright.pipeline.catalogue.CatalogueEntry;
import dev.fusewright.pipeline.run.RunSpec;
import dev.fusewright.report.FusionReport;
import java.util.List;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.TupleTagList;
import org.jspecify.annotations.Nullable;

/**
 * Every entry becomes a report, and most of them a published model. Reports come out twice: all of
 * them, and by what became of the entry. A model that cannot be read, or is not proven, is an
 * element of {@link #FAILED} or {@link #REJECTED}, and stops nothing.
 *
 * <p>Ids are unique, and no entry is published in the folder of another. {@link ReadCatalogue}
 * checks that; whoever makes entries in another way sees to it. Where entries come from elsewhere,
 * a model with files of external data is published in a folder of its own, {@code <output>/<id>/…},
 * as its entry's {@code output} says, or it fails.
 */
public final class FuseModels extends PTransform<PCollection<CatalogueEntry>, PCollectionTuple> {
  /** Name of the step in which models are fused, by which a runner's figures of it are found. */
  public static final String STEP = "Fuse each model";

  /** A report of every entry. */
  public static final TupleTag<FusionReport> REPORTS = new TupleTag<>("reports");

  /** Of those whose published model is a fused one, whether it was made now or before. */
  public static final TupleTag<FusionReport> FUSED = new TupleTag<>("fused");

  /** Of those in which there is nothing to fuse. */
  public static final TupleTag<FusionReport> UNFUSED = new TupleTag<>("unfused");

  /** Of those that were not proven; nothing was published. */
  public static final TupleTag<FusionReport> REJECTED = new TupleTag<>("rejected");

  /** Of those that could not be read or done; nothing was published. */
  public static final TupleTag<FusionReport> FAILED = new TupleTag<>("failed");

  /** The outputs by what became of an entry: together they have every report once. */
  static final List<TupleTag<FusionReport>> BY_OUTCOME = List.of(FUSED, UNFUSED, REJECTED, FAILED);

  private final FuseConfiguration configuration;
  private final @Nullable RunSpec run;

  private FuseModels(FuseConfiguration configuration, @Nullable RunSpec run) {
    this.configuration = configuration;
    this.run = run;
  }

  /** With a configuration. */
  public static FuseModels with(FuseConfiguration configuration) {
    return new FuseModels(configuration, null);
  }

  /** Of a run, which knows all its entries and may end after too many failures. */
  static FuseModels of(RunSpec run) {
    return new FuseModels(FuseConfiguration.of(run), run);
  }

  @Override
  public PCollectionTuple expand(PCollection<CatalogueEntry> entries) {
    TupleTagList others = TupleTagList.empty();
    for (TupleTag<FusionReport> tag : BY_OUTCOME) {
      others = others.and(tag);
    }
    PCollectionTuple models =
        entries.apply(
            STEP, ParDo.of(new FuseFn(configuration, run)).withOutputTags(REPORTS, others));
    models.get(REPORTS).setCoder(AvroCoder.specific(FusionReport.class));
    BY_OUTCOME.forEach(tag -> models.get(tag).setCoder(AvroCoder.specific(FusionReport.class)));
    return models;
  }

  /** Where a report belongs beside {@link #REPORTS}. */
  static TupleTag<FusionReport> output(FusionReport report) {
    return switch (report.getOutcome()) {
      case FUSED -> FUSED;
      case NOTHING_TO_FUSE -> UNFUSED;
      case UNCHANGED -> isFused(report) ? FUSED : UNFUSED;
      case REJECTED -> REJECTED;
      case FAILED -> FAILED;
    };
  }

  /** Whether the attempt that made an unchanged model fused anything. */
  private static boolean isFused(FusionReport report) {
    return report.getFusions().stream()
        .anyMatch(fusion -> !fusion.getResult().equals(Fusion.Result.UNCHANGED.text()));
  }
}
