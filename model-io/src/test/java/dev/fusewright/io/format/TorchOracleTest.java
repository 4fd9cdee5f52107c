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
package dev.fusewright.io.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.fusewright.core.modules.ModuleList;
import dev.fusewright.core.proof.FusionProof;
import dev.fusewright.core.state.DefaultQatConfig;
import dev.fusewright.core.state.Epsilons;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StateFusionRequest;
import dev.fusewright.core.state.StatePlan;
import dev.fusewright.core.state.StateStage;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.io.Formats;
import dev.fusewright.io.testing.Digests;
import dev.fusewright.io.testing.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What real PyTorch fuses, we fuse to the same bits; and real PyTorch loads what we write,
 * strictly.
 */
@UsesPython
final class TorchOracleTest {
  /** Architectures whose layers before BatchNorms are ConvTranspose, some of them square. */
  private static final Set<String> TRANSPOSED = Set.of("dcgan_generator");

  @TempDir static Path oracle;

  @TempDir Path folder;

  @BeforeAll
  static void makeOracles() {
    Python.TORCH2.run("fuse_modules_oracle.py", oracle);
  }

  @Test
  void eval_fusion_has_the_bits_of_fuse_modules_from_every_format() throws IOException {
    for (Path architecture : architectures()) {
      JsonObject facts = facts(architecture);
      StateFusionRequest request = request(architecture, facts, "groups");
      Map<String, String> expected = digests(architecture.resolve("eval.pth"), "");
      for (String format : List.of("float.pth", "float.legacy.pth", "float.safetensors")) {
        Path fused = fuse(architecture.resolve(format), request, "fused");
        boolean ordered = !format.endsWith("safetensors");
        Map<String, String> found = digests(fused, "");
        assertThat(found).as("%s of %s", format, architecture.getFileName()).isEqualTo(expected);
        if (ordered) {
          assertThat(found.keySet()).containsExactlyElementsOf(expected.keySet());
        }
      }
    }
  }

  @Test
  void qat_fusion_has_the_keys_and_bits_of_fuse_modules_qat_and_prepare_qat() throws IOException {
    for (Path architecture : architectures()) {
      JsonObject facts = facts(architecture);
      if (facts.get("qat_groups").getAsJsonArray().isEmpty()) {
        continue;
      }
      StateFusionRequest request = request(architecture, facts, "qat_groups");
      Path float32 = architecture.resolve("float.pth");
      assertSame(fuse(float32, request.at(StateStage.QAT), "qat"), architecture.resolve("qat.pth"));
      for (String backend : List.of("fbgemm", "qnnpack")) {
        StateFusionRequest prepared =
            request.at(StateStage.PREPARED).on(DefaultQatConfig.named(backend).orElseThrow());
        Path file = fuse(float32, prepared, "prepared");
        assertSame(file, architecture.resolve("prepared_" + backend + ".pth"));
      }
    }
  }

  @Test
  void torch_loads_what_we_write_strictly_and_answers_as_before() throws IOException {
    for (Path architecture : architectures()) {
      JsonObject facts = facts(architecture);
      Path file = architecture.resolve("float.pth");
      StateFusionRequest request = request(architecture, facts, "groups");
      loadStrictly(Python.TORCH1, architecture, fuse(file, request, "eval"), "eval");
      if (!facts.get("qat_groups").getAsJsonArray().isEmpty()) {
        StateFusionRequest prepared =
            request(architecture, facts, "qat_groups").at(StateStage.PREPARED);
        loadStrictly(Python.TORCH2, architecture, fuse(file, prepared, "prepared"), "prepared");
      }
    }
  }

  @Test
  void every_fold_is_confirmed_by_certificate_and_site_check() throws IOException {
    for (Path architecture : architectures()) {
      StateFusionRequest request = request(architecture, facts(architecture), "groups");
      try (StateCheckpoint checkpoint = Formats.openStates(architecture.resolve("float.pth"))) {
        StatePlan plan = StatePlan.of(checkpoint.states().get(0).state(), request);
        assertThat(plan.plan().refusals()).isEmpty();
        FusionProof proof =
            FusionProof.of(
                plan.plan(), plan.reread(plan.plan(), plan.states(plan.plan())), /* seed= */ 7);
        assertThat(proof.certificate().verdict())
            .as("%s of %s", proof.certificate(), architecture)
            .isEqualTo(Verdict.EQUIVALENT);
        assertThat(proof.site().verdict())
            .as("%s of %s", proof.site(), architecture)
            .isEqualTo(Verdict.EQUIVALENT);
      }
    }
  }

  private static void assertSame(Path found, Path expected) {
    assertThat(digests(found, ""))
        .as("%s", expected)
        .containsExactlyEntriesOf(digests(expected, ""));
    assertThat(state(found).versions())
        .as("%s", expected)
        .containsExactlyEntriesOf(state(expected).versions());
  }

  private Path fuse(Path file, StateFusionRequest request, String name) throws IOException {
    Path target = folder.resolve(name);
    try (StateCheckpoint checkpoint = Formats.openStates(file)) {
      NestedState nested = checkpoint.states().get(0);
      StatePlan plan = StatePlan.of(nested.state(), request);
      checkpoint.write(Map.of(nested.path(), plan.states(plan.plan()).get("")), target);
    }
    return target;
  }

  private static StateDict state(Path file) {
    try (StateCheckpoint checkpoint = Formats.openStates(file)) {
      return checkpoint.states().get(0).state();
    }
  }

  private static Map<String, String> digests(Path file, String prefix) {
    Map<String, String> digests = new LinkedHashMap<>();
    try (StateCheckpoint checkpoint = Formats.openStates(file)) {
      for (Map.Entry<String, Tensor> entry :
          checkpoint.states().get(0).state().tensors().entrySet()) {
        Tensor tensor = entry.getValue();
        digests.put(
            prefix + entry.getKey(),
            tensor.type().text() + tensor.shape() + " " + Digests.sha256(tensor));
      }
    }
    return digests;
  }

  private static void loadStrictly(Python python, Path architecture, Path file, String stage) {
    JsonObject report =
        python
            .json(
                "load_strict.py",
                file,
                "--architecture",
                architecture.getFileName(),
                "--stage",
                stage,
                "--input",
                architecture.resolve("input.npy"),
                "--expected",
                architecture.resolve("output.npy"))
            .getAsJsonObject();
    assertThat(report.get("loaded").getAsBoolean()).isTrue();
    assertThat(report.get("same_order").getAsBoolean()).isTrue();
    for (String other : List.of("other_dtype", "other_shape", "other_version")) {
      assertThat(report.getAsJsonObject(other).asMap())
          .as("%s of %s", other, architecture)
          .isEmpty();
    }
    assertThat(report.get("max_abs").getAsDouble())
        .as("%s of %s", stage, architecture)
        .isLessThan(1e-3);
  }

  private static StateFusionRequest request(Path architecture, JsonObject facts, String groups) {
    List<List<String>> list = new ArrayList<>();
    for (JsonElement group : facts.get(groups).getAsJsonArray()) {
      list.add(group.getAsJsonArray().asList().stream().map(JsonElement::getAsString).toList());
    }
    Map<String, Double> epsilons = new HashMap<>();
    facts
        .getAsJsonObject("eps")
        .asMap()
        .forEach((norm, value) -> epsilons.put(norm, value.getAsDouble()));
    Set<String> transposed = new HashSet<>();
    if (TRANSPOSED.contains(architecture.getFileName().toString())) {
      list.forEach(group -> transposed.add(group.get(0)));
    }
    list.addAll(declared(architecture));
    return StateFusionRequest.eval(ModuleList.of(list))
        .with(Epsilons.DEFAULT.shown(epsilons))
        .withTransposed(transposed);
  }

  /**
   * Classes of modules without parameters, which a state dict does not say: the ReLU6 of the plain
   * MobileNetV2, and what is not observed.
   */
  private static List<List<String>> declared(Path architecture) {
    String type = architecture.endsWith("mobilenet_v2") ? "ReLU6" : "ReLU";
    return List.of(
        List.of("**.relu?:ReLU"),
        List.of("relu1?:ReLU"),
        List.of("relu2?:ReLU"),
        List.of("features.*.2?:" + type),
        List.of("features.*.conv.*.2?:" + type),
        List.of("classifier.0?:Dropout"),
        List.of("**.norm{n}?:LayerNorm"));
  }

  private static JsonObject facts(Path architecture) throws IOException {
    return JsonParser.parseString(Files.readString(architecture.resolve("oracle.json")))
        .getAsJsonObject();
  }

  private static List<Path> architectures() throws IOException {
    try (Stream<Path> folders = Files.list(oracle)) {
      List<Path> found = folders.filter(Files::isDirectory).sorted().toList();
      assertThat(found).hasSizeGreaterThan(4);
      return found;
    }
  }
}
