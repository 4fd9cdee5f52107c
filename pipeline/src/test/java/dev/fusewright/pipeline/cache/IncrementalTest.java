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
package dev.fusewright.pipeline.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.model.Converter;
import dev.fusewright.pipeline.model.FuseModel;
import dev.fusewright.pipeline.model.FuseRequest;
import dev.fusewright.pipeline.model.OutputConflicts;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.Require;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.pipeline.verification.NoVerifier;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One model again and again, by this build and by others. */
final class IncrementalTest {
  private static final FuseSettings UNPROVEN =
      FuseSettings.defaults().with(SettingFields.VERIFY_LEVEL, VerifyLevel.NONE);

  @TempDir Path folder;
  private final Store store = Stores.of(StorageConfiguration.defaults());

  private ActionCache cache() {
    return ActionCache.below(store, Location.of(folder));
  }

  private FuseRequest request(FuseSettings settings) {
    return FuseRequest.of(
        Location.of(ExampleModels.model("mlp_bn")),
        Location.of(folder.resolve("out.onnx")),
        FuseRequest.Placement.BESIDE,
        settings);
  }

  private FusionReport fuse(FuseSettings settings) {
    Incremental flow =
        new Incremental(
            new FuseModel(store, NoVerifier.INSTANCE, folder),
            cache(),
            CacheLookup.Trust.EVERY_RUN);
    FusionReport report = flow.fuse(request(settings));
    flow.writeReceipts();
    return report;
  }

  private CacheDecision.Reason reason(String converter) throws IOException {
    CacheKey asked = Incremental.asked(request(UNPROVEN));
    return new CacheLookup(store, cache(), CacheLookup.Trust.EVERY_RUN)
        .decide(
            new CacheKey(
                asked.runId(),
                asked.id(),
                asked.source(),
                asked.target(),
                asked.format(),
                asked.sha256(),
                asked.unfused(),
                converter,
                asked.configuration()))
        .reason();
  }

  @Test
  void what_the_same_build_has_done_is_unchanged_and_what_another_did_is_done_again()
      throws IOException {
    assertThat(fuse(UNPROVEN).getOutcome()).isEqualTo(Outcome.FUSED);
    FusionReport again = fuse(UNPROVEN);
    assertThat(again.getOutcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(again.getProvenance().getConverterVersion()).isEqualTo(Converter.versionAndBuild());

    assertThat(reason(Converter.versionAndBuild()))
        .isNotEqualTo(CacheDecision.Reason.CONVERTER_CHANGED);
    assertThat(reason(Converter.version() + "+0123456789abcdef"))
        .isEqualTo(CacheDecision.Reason.CONVERTER_CHANGED);
    // As receipts had it before they named a build.
    assertThat(reason(Converter.version())).isEqualTo(CacheDecision.Reason.CONVERTER_CHANGED);
  }

  @Test
  void a_text_is_unchanged_though_its_report_has_the_format_that_it_became() throws IOException {
    Path text = folder.resolve("model.onnxtxt");
    Files.writeString(text, "g (float[1] x) => (float[1] y) { y = Relu(x) }");
    FuseRequest said =
        new FuseRequest(
            null,
            "text",
            Location.of(text),
            Location.of(folder.resolve("text.onnx")),
            FuseRequest.Placement.BESIDE,
            "text",
            null,
            OutputConflicts.NONE,
            /* problem= */ null,
            null,
            UNPROVEN,
            FuseRequest.Naming.OWN);
    Incremental incremental =
        new Incremental(
            new FuseModel(store, NoVerifier.INSTANCE, folder),
            cache(),
            CacheLookup.Trust.EVERY_RUN);

    FusionReport first = incremental.fuse(said);
    assertThat(first.getOutcome()).as("%s", first).isEqualTo(Outcome.NOTHING_TO_FUSE);
    assertThat(incremental.fuse(said).getOutcome()).isEqualTo(Outcome.UNCHANGED);
  }

  @Test
  void a_setting_that_decides_is_another_configuration_and_its_default_is_not() {
    fuse(UNPROVEN);
    assertThat(fuse(UNPROVEN.with(SettingFields.REQUIRE, Require.AS_LISTED)).getOutcome())
        .isEqualTo(Outcome.UNCHANGED);
    assertThat(fuse(UNPROVEN.with(SettingFields.REQUIRE, Require.EQUIVALENT)).getOutcome())
        .as("what is not proven is less than was required")
        .isEqualTo(Outcome.REJECTED);
  }
}
