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
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.fusewright.core.modules.ModuleList;
import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.state.DefaultQatConfig;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StateFusionRequest;
import dev.fusewright.core.state.StatePlan;
import dev.fusewright.core.state.StateStage;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.io.Formats;
import dev.fusewright.io.testing.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code --qat-prepare} beside modules of every class of torch.nn, and on every family of
 * torchvision: the keys of real {@code prepare_qat}, whose models take the files strictly, or a
 * refusal that names the module.
 */
@UsesPython
final class PreparedOracleTest {
  private static final String PAIR = "[\"c\", \"b\"]";
  private static final String FLOAT = "float.pth";
  private static final String MODULE = "module.pth";
  private static final String QUANTIZABLE = "quantizable_";

  /** Classes that {@code prepare_qat} replaces, or fails at. */
  private static final Set<String> UNSUPPORTED = Set.of("LSTM", "MultiheadAttention");

  @TempDir static Path folder;

  @BeforeAll
  static void make() {
    Python.TORCH2.run("prepared_states.py", "make", folder);
  }

  @Test
  void beside_a_module_of_any_class_keys_are_torchs_or_the_module_is_named() throws IOException {
    List<String> prepared = new ArrayList<>();
    List<String> asked = new ArrayList<>();
    for (Path model : models(MODULE)) {
      String name = model.getFileName().toString();
      if (UNSUPPORTED.contains(name)) {
        assertUnsupported(model, FLOAT);
        assertUnsupported(model, MODULE);
        continue;
      }
      // Beside a layer that must be a ConvTranspose, a square weight may be one too.
      boolean isTransposed = name.startsWith("ConvTranspose");
      String pair = isTransposed ? PAIR.replace("\"c\"", "\"c:Conv2d\"") : PAIR;
      String declared = "[%s, [\"x:%s\"]]".formatted(pair, name);
      prepare(model, FLOAT, declared, "fbgemm", "_declared");
      prepare(model, FLOAT, declared, "qnnpack", "_declared");
      prepare(model, MODULE, PAIR, "fbgemm", "_module");
      try {
        prepare(model, FLOAT, PAIR, "fbgemm", "_by_shape");
        assertThat(isTransposed).as(name).isFalse();
      } catch (ModuleListException e) {
        if (isTransposed) {
          assertReason(e, Reason.AMBIGUOUS_TYPE);
        } else {
          assertThat(e.getMessage()).contains("'x'").contains("[\"x:");
          assertReason(e, Reason.UNKNOWN_TYPE);
          asked.add(name);
        }
      }
      prepared.add(name);
    }

    assertThat(prepared).hasSizeGreaterThan(50);
    assertThat(asked)
        .contains("ReLU", "ReLU6", "Hardswish", "PReLU", "LayerNorm", "GroupNorm", "Embedding")
        .doesNotContain("Conv2d", "Conv3d", "GRU", "RNN", "LSTMCell", "ConvTranspose2d", "Linear");
    int loads = 0;
    for (Python torch : List.of(Python.TORCH1, Python.TORCH2)) {
      loads += check(torch, "fbgemm", prepared);
      loads += check(torch, "qnnpack", prepared);
    }
    System.out.printf(
        "%d classes of torch.nn: %d strict loads; without a declaration %d are asked for: %s%n",
        prepared.size(), loads, asked.size(), asked);
  }

  @Test
  void recipes_know_what_torchvisions_models_observe() throws IOException {
    List<String> prepared = new ArrayList<>();
    List<Path> torchvision = new ArrayList<>(models(FLOAT));
    torchvision.removeAll(models(MODULE));
    for (Path model : torchvision) {
      String name = model.getFileName().toString();
      ModuleList recipe = ModuleList.recipe(name.replaceFirst(QUANTIZABLE, ""));
      for (String backend : List.of("fbgemm", "qnnpack")) {
        prepare(model, FLOAT, recipe, backend, "", UnaryOperator.identity());
      }
      prepared.add(name);
    }

    assertThat(prepared).hasSizeGreaterThan(24);
    int loads = check(Python.TORCH1, "qnnpack", prepared);
    loads += check(Python.TORCH2, "fbgemm", prepared);
    System.out.printf("%d models of torchvision: %d strict loads%n", prepared.size(), loads);
  }

  @Test
  void a_recipe_whose_models_observe_what_a_file_does_not_list_is_refused() {
    ModuleList recipe = ModuleList.recipe("mobilenet_v2");
    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(
            () ->
                prepare(
                    folder.resolve("mobilenet_v2"),
                    FLOAT,
                    recipe,
                    "fbgemm",
                    "_unlisted",
                    state -> StateDict.ofTensors(state.tensors())))
        .withMessageContaining("lists no modules without parameters")
        .satisfies(e -> assertReason(e, Reason.UNKNOWN_TYPE));
  }

  private static void assertUnsupported(Path model, String file) {
    assertThatExceptionOfType(ModuleListException.class)
        .as("%s of %s", file, model)
        .isThrownBy(() -> prepare(model, file, PAIR, "fbgemm", ""))
        .withMessageContaining("'x'")
        .satisfies(e -> assertReason(e, Reason.QAT_UNSUPPORTED));
  }

  private static void assertReason(ModuleListException refused, Reason reason) {
    assertThat(refused.refusals()).allMatch(refusal -> refusal.reason() == reason);
  }

  private static void prepare(Path model, String file, String list, String backend, String suffix)
      throws IOException {
    prepare(model, file, ModuleList.parse(list), backend, suffix, UnaryOperator.identity());
  }

  private static void prepare(
      Path model,
      String file,
      ModuleList list,
      String backend,
      String suffix,
      UnaryOperator<StateDict> seen)
      throws IOException {
    StateFusionRequest request =
        StateFusionRequest.eval(list)
            .at(StateStage.PREPARED)
            .on(DefaultQatConfig.named(backend).orElseThrow());
    try (StateCheckpoint source = Formats.openStates(model.resolve(file));
        StateCheckpoint target = Formats.openStates(model.resolve(FLOAT))) {
      StatePlan plan = StatePlan.of(seen.apply(source.states().get(0).state()), request);
      target.write(
          Map.of(StatePath.ROOT, plan.states(plan.plan()).get("")),
          model.resolve("prepared_" + backend + suffix + ".pth"));
      List<List<String>> groups = plan.plan().fusions().stream().map(Fusion::nodes).toList();
      Files.writeString(model.resolve("groups.json"), new Gson().toJson(groups));
    }
  }

  /** How many files real PyTorch takes, with the keys, order, bits and versions of its own. */
  private static int check(Python torch, String backend, List<String> names) {
    List<Object> arguments = new ArrayList<>(List.of("check", folder, backend));
    arguments.addAll(names);
    JsonObject models = torch.json("prepared_states.py", arguments.toArray()).getAsJsonObject();
    int loads = 0;
    for (Map.Entry<String, JsonElement> model : models.entrySet()) {
      for (Map.Entry<String, JsonElement> file : model.getValue().getAsJsonObject().entrySet()) {
        String what = "%s of %s under %s: %s".formatted(file.getKey(), model.getKey(), torch, file);
        JsonObject found = file.getValue().getAsJsonObject();
        assertThat(found.get("loaded").getAsBoolean()).as(what).isTrue();
        assertThat(found.get("same_order").getAsBoolean()).as(what).isTrue();
        assertThat(found.get("same_versions").getAsBoolean()).as(what).isTrue();
        assertThat(found.getAsJsonArray("other")).as(what).isEmpty();
        loads++;
      }
    }
    return loads;
  }

  /** Those that have a file. */
  private static List<Path> models(String file) throws IOException {
    try (Stream<Path> folders = Files.list(folder)) {
      return folders.filter(model -> Files.exists(model.resolve(file))).sorted().toList();
    }
  }
}
