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

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.proof.FusionProof;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StatePlan;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.format.StatePath;
import dev.fusewright.io.testing.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every family of torchvision's classification models, as state dicts: recipes fuse what real
 * PyTorch fuses, to the same keys and bits, and its own models take the files.
 */
@UsesPython
final class RecipeOracleTest {
  private static final String QUANTIZABLE = "quantizable_";

  /**
   * Weights and statistics are drawn, and in some of these networks activations then grow layer by
   * layer: where float32 is further from float64 than that, outputs say nothing of a fold.
   */
  private static final double WELL_CONDITIONED = 1e-6;

  @TempDir Path folder;

  @Test
  void recipes_fuse_state_dicts_as_torch_fuses_their_models() throws IOException {
    Python.TORCH2.run("recipe_states.py", "make", folder);
    for (Path model : models()) {
      fuse(model);
    }

    Map<Boolean, List<String>> names =
        models().stream()
            .map(model -> model.getFileName().toString())
            .collect(Collectors.partitioningBy(name -> name.startsWith(QUANTIZABLE)));
    Map<String, JsonElement> checked = new TreeMap<>();
    for (List<String> some : names.values()) {
      List<Object> arguments = new ArrayList<>(List.of("check", folder));
      arguments.addAll(some);
      checked.putAll(
          Python.TORCH2.json("recipe_states.py", arguments.toArray()).getAsJsonObject().asMap());
    }
    assertThat(checked).hasSameSizeAs(models()).hasSizeGreaterThan(24);
    for (Map.Entry<String, JsonElement> entry : checked.entrySet()) {
      String model = entry.getKey();
      JsonObject found = entry.getValue().getAsJsonObject();
      assertThat(found.get("loaded").getAsBoolean()).as("%s: %s", model, found).isTrue();
      assertThat(found.get("pairs").getAsInt()).as(model).isPositive();
      for (String list : List.of("not_listed", "not_fused_by_torch", "other_bits")) {
        assertThat(found.getAsJsonArray(list)).as("%s of %s", list, model).isEmpty();
      }
      for (String truth : List.of("same_order", "same_versions")) {
        assertThat(found.get(truth).getAsBoolean()).as("%s of %s", truth, model).isTrue();
      }
      double difference = found.get("difference").getAsDouble();
      double noise = found.get("noise").getAsDouble();
      System.out.printf(
          "%s: %s pairs, as fuse_fx; keys, versions and bits as fuse_modules; outputs differ by %.1e, float32 from float64 by %.1e%n",
          model, found.get("pairs"), difference, noise);
      if (noise < WELL_CONDITIONED) {
        assertThat(difference).as(model).isLessThan(1e-4);
      }
    }
    assertSameUnderTheOlderTorch();
  }

  private static void fuse(Path model) throws IOException {
    String recipe = "recipe:" + model.getFileName().toString().replaceFirst(QUANTIZABLE, "");
    try (StateCheckpoint checkpoint = Formats.openStates(model.resolve("float.pth"))) {
      StatePlan plan = Planned.byList(checkpoint, recipe);
      assertThat(plan.plan().refusals()).as("%s", model).isEmpty();
      Map<String, StateDict> states = plan.states(plan.plan());
      assertThat(FusionProof.of(plan.plan(), plan.reread(plan.plan(), states), 1).culprits())
          .as("%s", model)
          .isEmpty();
      checkpoint.write(
          Map.of(StatePath.ROOT, states.get(StatePath.ROOT.toString())),
          model.resolve("fused.pth"));
      List<List<String>> groups = plan.plan().fusions().stream().map(Fusion::nodes).toList();
      Files.writeString(model.resolve("groups.json"), new Gson().toJson(groups));
      List<Map<String, Object>> fusions =
          plan.plan().fusions().stream().map(fusion -> reported(plan, fusion)).toList();
      Files.writeString(
          model.resolve("report.json"), new Gson().toJson(Map.of("fusions", fusions)));
    }
  }

  /** As a report says it. */
  private static Map<String, Object> reported(StatePlan plan, Fusion fusion) {
    Map<String, Object> reported = new TreeMap<>();
    reported.put("scope", "");
    reported.put("nodes", fusion.nodes());
    reported.put("module", fusion.module());
    reported.put("result", fusion.result() == Fusion.Result.FOLDED ? "folded" : "unchanged");
    Double epsilon = plan.epsilon(fusion);
    if (epsilon != null) {
      reported.put("epsilon", epsilon);
    }
    return reported;
  }

  /** Torch 1.13 traces none of these under Python 3.11, so its modules are rebuilt. */
  private void assertSameUnderTheOlderTorch() {
    Python.TORCH1
        .json("rebuilt_states.py", "check", folder, "float.pth", "fused.pth")
        .getAsJsonObject()
        .asMap()
        .forEach(
            (model, said) -> {
              assertThat(said.getAsJsonObject().get("folds").getAsInt()).as(model).isPositive();
              assertThat(said.getAsJsonObject().getAsJsonArray("differences")).as(model).isEmpty();
            });
  }

  private List<Path> models() throws IOException {
    try (Stream<Path> folders = Files.list(folder)) {
      return folders.sorted().toList();
    }
  }
}
