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
import dev.fusewright.report.FusionReport;
import java.nio.file.Path;
import java.util.List;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.transforms.SchemaTransform;
import org.apache.beam.sdk.schemas.transforms.SchemaTransformProvider;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TupleTag;

/**
 * {@link FuseModels} for Beam YAML and other SDKs: from {@link EntryRows}, or any rows with some of
 * their fields, to {@link ReportRows}.
 */
public final class FuseModelsProvider implements SchemaTransformProvider {
  /** The outputs by name; the first has every report. */
  private static final List<TupleTag<FusionReport>> OUTPUTS =
      List.of(
          FuseModels.REPORTS,
          FuseModels.FUSED,
          FuseModels.UNFUSED,
          FuseModels.REJECTED,
          FuseModels.FAILED);

  @Override
  public String identifier() {
    return "fusewright:fuse_models:v1";
  }

  @Override
  public String description() {
    return "Fuses models, proves and publishes them. What cannot be read or proven comes out as"
        + " failed or rejected.";
  }

  @Override
  public Schema configurationSchema() {
    return FuseConfiguration.SCHEMA;
  }

  @Override
  public SchemaTransform from(Row configuration) {
    return new Transform(FuseConfiguration.of(configuration));
  }

  @Override
  public List<String> inputCollectionNames() {
    return List.of(RowTuples.INPUT);
  }

  @Override
  public List<String> outputCollectionNames() {
    return OUTPUTS.stream().map(TupleTag::getId).toList();
  }

  private static final class Transform extends SchemaTransform {
    private final FuseConfiguration configuration;

    Transform(FuseConfiguration configuration) {
      this.configuration = configuration;
    }

    @Override
    public PCollectionRowTuple expand(PCollectionRowTuple input) {
      PCollectionTuple models =
          input
              .getSinglePCollection()
              .apply(EntryRows.read(Location.of(Path.of(""))))
              .apply(FuseModels.with(configuration));
      PCollectionRowTuple rows = PCollectionRowTuple.empty(input.getPipeline());
      for (TupleTag<FusionReport> output : OUTPUTS) {
        rows =
            rows.and(
                output.getId(),
                models.get(output).apply("Rows of " + output.getId(), ReportRows.write()));
      }
      return rows;
    }
  }
}
