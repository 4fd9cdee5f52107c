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
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.report.FusionReport;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.io.TextIO;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.TypeDescriptors;

/** Fuses a zoo; what failed is written as lines of text. */
final class BeamExample {
  public static void main(String[] arguments) throws Exception {
    Location output = Location.of(arguments[1]);
    StorageConfiguration storage = StorageConfiguration.defaults();
    Pipeline pipeline = Pipeline.create(PipelineOptionsFactory.create());

    PCollectionTuple models =
        pipeline
            .apply(
                ReadCatalogue.prepare(
                    Location.of(arguments[0]), output.resolve("reports/zoo.jsonl"), storage))
            .apply(
                FuseModels.with(
                    FuseConfiguration.into(output)
                        .with(SettingFields.VERIFY_LEVEL, VerifyLevel.SITE)));

    models
        .get(FuseModels.FAILED)
        .apply(
            MapElements.into(TypeDescriptors.strings())
                .via(
                    (FusionReport report) ->
                        report.getId() + ": " + report.getError().getMessage()))
        .apply(TextIO.write().to(output.resolve("failed").path()).withoutSharding());
    models
        .get(FuseModels.REPORTS)
        .apply(WriteReports.into(output.resolve("reports/today"), storage));

    pipeline.run().waitUntilFinish();
  }
}
