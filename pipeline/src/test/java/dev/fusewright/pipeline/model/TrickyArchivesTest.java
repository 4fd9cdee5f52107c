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
package dev.fusewright.pipeline.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.io.testing.Python;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.verification.RuntimeVerifier;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nets of {@code tricky_nets.py}, each as a script, a trace, frozen code and an exported program:
 * whatever is folded of them computes in real PyTorch what it computed before.
 */
@UsesPython
final class TrickyArchivesTest {
  /** What folded layers before a BatchNorm1d say to inputs of a rank that their norm took, too. */
  private static final Map<String, String> CHECKED =
      Map.of(
          "TokensOfAsMany.script.pt", "fused for 2D input",
          "SignalAlone.script.pt", "fused for 3D input",
          "SignalAloneTwice.script.pt", "fused for 3D input");

  @TempDir Path folder;

  @Test
  void what_is_folded_of_nets_with_traps_computes_the_same_in_torch() throws IOException {
    Path fused = Files.createDirectory(folder.resolve("fused"));
    Path made = Files.createDirectory(folder.resolve("made"));
    Path scratch = Files.createDirectory(folder.resolve("scratch"));
    Python.TORCH2.run("tricky_archives.py", "make", made);
    List<Path> archives = new ArrayList<>();
    try (Stream<Path> all = Files.list(made)) {
      all.sorted().forEach(archives::add);
    }
    Set<String> folded = new TreeSet<>();
    try (RuntimeVerifier proof = RuntimeVerifier.onAllProcessors()) {
      FuseModel job = new FuseModel(Stores.of(StorageConfiguration.defaults()), proof, scratch);
      for (Path archive : archives) {
        Path target = fused.resolve(archive.getFileName());
        FusionReport report =
            job.fuse(
                FuseRequest.of(
                    Location.of(archive),
                    Location.of(target),
                    FuseRequest.Placement.BESIDE,
                    FuseSettings.defaults()));
        assertThat(report.getError()).as(archive.toString()).isNull();
        if (archive.endsWith("StagesKept.script.pt")) {
          assertThat(report.getFusions()).hasSize(3);
        }
        if (report.getOutcome() == Outcome.FUSED) {
          folded.add(archive.getFileName().toString());
        } else {
          Files.deleteIfExists(target);
        }
      }
    }

    JsonObject found =
        Python.TORCH2.json("tricky_archives.py", "compare", made, fused).getAsJsonObject();

    assertThat(found.keySet()).isEqualTo(folded).containsAll(CHECKED.keySet());
    for (Map.Entry<String, JsonElement> entry : found.entrySet()) {
      String checked = CHECKED.get(entry.getKey());
      if (checked != null) {
        assertThat(entry.getValue().getAsString()).contains(checked);
      } else {
        assertThat(entry.getValue().getAsString()).as(entry.getKey()).matches("[0-9.Ee-]+");
        assertThat(entry.getValue().getAsDouble()).as(entry.getKey()).isLessThan(2e-5);
      }
    }
    for (String form : List.of("script.pt", "trace.pt", "frozen.pt", "export.pt2", "core.pt2")) {
      assertThat(folded)
          .contains("EpsChanged." + form, "GroupedTransposed." + form, "Shuffled." + form)
          .doesNotContain(
              "UsedTwice." + form,
              "SliceAssigned." + form,
              "ViewWritten." + form,
              "WeightWritten." + form,
              "WeightViewWritten." + form,
              "OneLayerTwoNorms." + form,
              "TokensOtherAxis." + form,
              "LinearBeforeMaps." + form,
              "BatchStatistics." + form,
              "WeightTurnedTwice." + form,
              "MapAlone." + form,
              "TransposedMapAlone." + form);
      if (!form.startsWith("script")) {
        assertThat(folded).doesNotContain("SignalAlone." + form, "SignalAloneTwice." + form);
      }
    }
    assertThat(folded)
        .contains(
            "FlagAssigned.script.pt",
            "SamePadding.trace.pt",
            "TurnedByHand.export.pt2",
            "TurnedByHand.core.pt2")
        .doesNotContain("MeanAssigned.script.pt", "StagesChanged.script.pt");
  }
}
