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
package dev.fusewright.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.safetensors.SafetensorsFormat;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.report.ReportFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules that are given are honoured, by whatever command and wherever they stand. */
final class RulesHonouredTest {
  private static final Path MODEL = ExampleModels.model("resnet18");

  @TempDir Path folder;
  private Path state;

  @BeforeEach
  void a_model_and_its_state_dict() throws IOException {
    state = folder.resolve("state.safetensors");
    try (GraphCheckpoint model = Formats.openGraph(MODEL)) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (Initializer initializer : model.graph().graph().initializers()) {
        tensors.put(initializer.name(), initializer.tensor());
      }
      new SafetensorsFormat().write(StateDict.ofTensors(tensors), Map.of(), state);
    }
    Files.write(
        folder.resolve("zoo.jsonl"),
        List.of(
            "{\"id\": \"listed\", \"uri\": \"%s\", \"fuse\": \"recipe:resnet18\"}".formatted(MODEL),
            "{\"id\": \"shown\", \"uri\": \"%s\", \"graph\": \"%s\"}".formatted(state, MODEL),
            "{\"id\": \"own\", \"uri\": \"%s\", \"graph\": \"%s\", \"rules\": \"torch\"}"
                .formatted(state, MODEL),
            "{\"id\": \"plain\", \"uri\": \"%s\"}".formatted(MODEL)));
  }

  /** The rules of each entry's report. */
  private Map<String, String> run(String... more) throws IOException {
    Object[] arguments = new Object[5 + more.length];
    arguments[0] = "run";
    arguments[1] = "--catalogue=" + folder.resolve("zoo.jsonl");
    arguments[2] = "--output=" + folder.resolve("out");
    arguments[3] = "--verify=none";
    arguments[4] = "--quiet";
    System.arraycopy(more, 0, arguments, 5, more.length);
    Answer answer = Answer.of(arguments);
    assertThat(answer.code()).as(answer.err()).isZero();

    Map<String, String> rules = new TreeMap<>();
    Store store = Stores.of(StorageConfiguration.defaults());
    for (var part :
        store.list(Location.of(folder.resolve("out/reports")).resolve("*/part-*.avro"))) {
      ReportFiles.read(
          store, part.location(), report -> rules.put(report.getId(), report.getRules()));
    }
    return rules;
  }

  private Path fuse(Path model, String... more) {
    Path fused = folder.resolve("single-" + model.getFileName());
    Object[] arguments = new Object[5 + more.length];
    arguments[0] = "fuse";
    arguments[1] = model;
    arguments[2] = "-o";
    arguments[3] = fused;
    arguments[4] = "--verify=none";
    System.arraycopy(more, 0, arguments, 5, more.length);
    Answer answer = Answer.of(arguments);
    assertThat(answer.code()).as(answer.err()).isZero();
    return fused;
  }

  private Path published(String name) {
    return folder.resolve("out").resolve(name);
  }

  @Test
  void those_of_a_run_hold_for_entries_with_a_list_or_a_graph_and_an_entrys_own_come_first()
      throws IOException {
    assertThat(run("--rules=inference"))
        .isEqualTo(
            Map.of(
                "listed", "inference", "shown", "inference", "own", "torch", "plain", "inference"));

    assertThat(published("listed.onnx"))
        .hasSameBinaryContentAs(fuse(MODEL, "--modules=recipe:resnet18", "--rules=inference"));
    Path inference = fuse(state, "--graph=" + MODEL, "--rules=inference");
    assertThat(published("shown.safetensors")).hasSameBinaryContentAs(inference);
    assertThat(Files.mismatch(published("own.safetensors"), inference)).isNotNegative();
    assertThat(published("own.safetensors"))
        .hasSameBinaryContentAs(fuse(state, "--graph=" + MODEL, "--rules=torch"));
  }

  @Test
  void where_none_are_given_a_run_and_fuse_choose_the_same() throws IOException {
    assertThat(run())
        .isEqualTo(
            Map.of("listed", "torch", "shown", "torch", "own", "torch", "plain", "inference"));

    assertThat(published("listed.onnx"))
        .hasSameBinaryContentAs(fuse(MODEL, "--modules=recipe:resnet18"));
    assertThat(published("shown.safetensors"))
        .hasSameBinaryContentAs(fuse(state, "--graph=" + MODEL));
    assertThat(published("plain.onnx")).hasSameBinaryContentAs(fuse(MODEL));
  }
}
