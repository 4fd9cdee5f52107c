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

import static dev.fusewright.pipeline.ShardedExample.FIRST;
import static dev.fusewright.pipeline.ShardedExample.INDEX;
import static dev.fusewright.pipeline.ShardedExample.LIST;
import static dev.fusewright.pipeline.ShardedExample.SECOND;
import static dev.fusewright.pipeline.ShardedExample.THIRD;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.io.testing.Digests;
import dev.fusewright.io.testing.Python;
import dev.fusewright.pipeline.ShardedExample;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.verification.NoVerifier;
import dev.fusewright.report.FileState;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A checkpoint of several shards, from its source to where it is published. */
final class ShardedJobTest {
  private static final FuseSettings LISTED =
      FuseSettings.defaults().with(SettingFields.RULES, "torch").with(SettingFields.MODULES, LIST);

  @TempDir Path folder;
  private Path index;
  private Path target;

  @BeforeEach
  void writeModel() throws IOException {
    index = ShardedExample.in(folder.resolve("source"));
    target = folder.resolve("output").resolve(INDEX);
  }

  private JobResult attempt(FuseRequest request) throws IOException {
    return new FuseModel(
            Stores.of(StorageConfiguration.defaults()),
            NoVerifier.INSTANCE,
            Files.createTempDirectory(folder, "scratch"))
        .attempt(request);
  }

  private JobResult fuse(Path source, Path output, FuseSettings settings) throws IOException {
    return attempt(
        FuseRequest.of(
            Location.of(source), Location.of(output), FuseRequest.Placement.BESIDE, settings));
  }

  private static Map<String, String> digests(Path file) {
    Map<String, String> digests = new TreeMap<>();
    try (StateCheckpoint checkpoint = Formats.openStates(file)) {
      checkpoint
          .states()
          .get(0)
          .state()
          .tensors()
          .forEach((name, tensor) -> digests.put(name, Digests.sha256(tensor)));
    }
    return digests;
  }

  @Test
  void a_pair_in_different_shards_is_folded_as_in_one_file() throws IOException {
    Map<String, Tensor> tensors;
    Path whole = folder.resolve("whole.safetensors");
    try (StateCheckpoint checkpoint = Formats.openStates(index)) {
      tensors = checkpoint.states().get(0).state().tensors();
      ShardedExample.whole(whole, tensors);
    }
    Path once = folder.resolve("once.safetensors");

    FusionReport report = fuse(index, target, LISTED).report();

    assertThat(fuse(whole, once, LISTED).report().getOutcome()).isEqualTo(Outcome.FUSED);
    assertThat(report.getError()).isNull();
    assertThat(report.getOutcome()).isEqualTo(Outcome.FUSED);
    assertThat(report.getFormat()).isEqualTo("sharded");
    assertThat(report.getEquivalence().getVerdict()).isEqualTo("AS_LISTED");
    assertThat(digests(target)).isEqualTo(digests(once)).containsKey("conv.bias");
  }

  @Test
  void shards_are_published_first_under_their_names_and_the_index_last() throws IOException {
    JobResult result = fuse(index, target, LISTED);

    assertThat(result.published())
        .extracting(FileState::getUri)
        .containsExactly(
            Location.of(target.resolveSibling(FIRST)).toString(),
            Location.of(target.resolveSibling(THIRD)).toString(),
            Location.of(target).toString());
    assertThat(result.report().getOutput().getDataFiles()).containsExactly(FIRST, THIRD);
    assertThat(result.companions())
        .extracting(FileState::getUri)
        .containsExactlyInAnyOrder(
            Location.of(index.resolveSibling(FIRST)).toString(),
            Location.of(index.resolveSibling(SECOND)).toString(),
            Location.of(index.resolveSibling(THIRD)).toString());
    assertThat(target.resolveSibling(THIRD)).hasSameBinaryContentAs(index.resolveSibling(THIRD));
    // The BatchNorm's shard holds nothing any more.
    assertThat(target.resolveSibling(SECOND)).doesNotExist();
  }

  @Test
  void one_in_which_nothing_is_fused_is_copied_byte_for_byte() throws IOException {
    FusionReport report =
        fuse(index, target, FuseSettings.defaults().with(SettingFields.RULES, "torch")).report();

    assertThat(report.getOutcome()).isEqualTo(Outcome.NOTHING_TO_FUSE);
    for (String name : new String[] {INDEX, FIRST, SECOND, THIRD}) {
      assertThat(target.resolveSibling(name)).hasSameBinaryContentAs(index.resolveSibling(name));
    }
  }

  @Test
  void in_place_no_shard_is_written_over_and_the_index_turns_to_the_new_ones() throws IOException {
    Path once = folder.resolve("once").resolve(INDEX);
    fuse(index, once, LISTED);
    Path before = ShardedExample.in(folder.resolve("before"));

    JobResult result =
        attempt(
            FuseRequest.of(
                Location.of(index), Location.of(index), FuseRequest.Placement.IN_PLACE, LISTED));

    assertThat(result.report().getOutcome()).isEqualTo(Outcome.FUSED);
    assertThat(result.report().getNotes())
        .containsExactly(
            "left where they were, and not named any more: %s, %s".formatted(SECOND, FIRST));
    assertThat(digests(index)).isEqualTo(digests(once));
    assertThat(Formats.dataFiles(index)).containsExactly(INDEX + ".1.safetensors", THIRD);
    for (String name : new String[] {FIRST, SECOND, THIRD}) {
      assertThat(index.resolveSibling(name)).hasSameBinaryContentAs(before.resolveSibling(name));
    }
  }

  @Test
  void beside_its_source_the_source_stays_what_it_is() throws IOException {
    Map<String, String> before = digests(index);
    Path beside = folder.resolve("output/../source/fused.safetensors.index.json");
    Files.createDirectories(folder.resolve("output"));

    assertThat(fuse(index, beside, LISTED).report().getOutcome()).isEqualTo(Outcome.FUSED);

    assertThat(digests(index)).isEqualTo(before);
    assertThat(digests(beside)).containsKey("conv.bias").doesNotContainKey("bn.weight");
  }

  @Test
  void shards_that_another_index_names_are_not_replaced() throws IOException {
    Path other = ShardedExample.in(target.getParent(), /* seed= */ 2);
    Map<String, String> before = digests(other);
    Path fused = target.resolveSibling("fused.safetensors.index.json");

    FusionReport report = fuse(index, fused, LISTED).report();

    assertThat(report.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(report.getError().getMessage())
        .contains("expected shards that are its own", INDEX, FIRST);
    assertThat(digests(other)).isEqualTo(before);
    assertThat(fused).doesNotExist();

    // What was published as this very model is replaced, and so are shards that nobody names.
    assertThat(fuse(index, target, LISTED).report().getOutcome()).isEqualTo(Outcome.FUSED);
    Files.delete(target);
    assertThat(fuse(index, fused, LISTED).report().getOutcome()).isEqualTo(Outcome.FUSED);
  }

  @Test
  void a_shard_that_is_missing_fails_the_model_and_nothing_is_published() throws IOException {
    Files.delete(index.resolveSibling(SECOND));

    FusionReport report = fuse(index, target, LISTED).report();

    assertThat(report.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(report.getError().getMessage()).contains(SECOND, "Keep the shards beside");
    assertThat(target.getParent())
        .satisfiesAnyOf(
            it -> assertThat(it).doesNotExist(), it -> assertThat(it).isEmptyDirectory());
  }

  @UsesPython
  @ParameterizedTest
  @ValueSource(strings = {"model.safetensors.index.json", "pytorch_model.bin.index.json"})
  void the_real_libraries_load_the_shards_and_find_the_bits_of_fuse_modules(String name)
      throws IOException {
    Path made = folder.resolve("made");
    Python.TORCH2.run("sharded_states.py", "make", made.resolve(name));
    Path fused = folder.resolve("fused").resolve(name);

    FusionReport report =
        fuse(
                made.resolve(name),
                fused,
                LISTED.with(
                    SettingFields.MODULES,
                    "[[\"stem.conv\", \"stem.bn\", \"stem.relu\"],"
                        + " [\"blocks.*.conv{n}\", \"blocks.*.bn{n}\"]]"))
            .report();

    assertThat(report.getError()).isNull();
    assertThat(report.getFusions()).hasSize(9);
    assertThat(Python.TORCH2.json("sharded_states.py", "check", made.resolve(name), fused))
        .hasToString("{\"loaded\":true,\"other_bits\":[],\"total_size\":true,\"empty_shards\":0}");
  }
}
