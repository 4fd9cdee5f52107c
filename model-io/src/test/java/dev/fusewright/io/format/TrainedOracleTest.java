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
import dev.fusewright.core.state.Epsilons;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StateFusionRequest;
import dev.fusewright.core.state.StatePlan;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.io.Formats;
import dev.fusewright.io.testing.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * State dicts of real quantization-aware training, taken back to float: the bits of every module's
 * {@code to_float}, the keys of the model that {@code fuse_modules} makes, which takes them
 * strictly.
 */
@UsesPython
final class TrainedOracleTest {
  @TempDir Path folder;

  @Test
  void trained_state_dicts_become_what_to_float_and_fuse_modules_make_of_them() throws IOException {
    for (Python torch : List.of(Python.TORCH1, Python.TORCH2)) {
      Path out = folder.resolve(torch.toString());
      torch.run("trained_states.py", "make", out);
      int folds = 0;
      for (Path model : models(out)) {
        JsonObject facts =
            JsonParser.parseString(Files.readString(model.resolve("facts.json"))).getAsJsonObject();
        List<List<String>> groups = new ArrayList<>();
        List<List<String>> inside = new ArrayList<>();
        Map<String, Double> epsilons = new HashMap<>();
        for (JsonElement element : facts.getAsJsonArray("groups")) {
          List<String> group =
              element.getAsJsonArray().asList().stream().map(JsonElement::getAsString).toList();
          groups.add(group);
          List<String> renamed = new ArrayList<>(group);
          JsonElement epsilon = facts.getAsJsonObject("eps").get(group.get(1));
          if (epsilon != null) {
            renamed.set(1, group.get(0) + ".bn");
            epsilons.put(group.get(1), epsilon.getAsDouble());
            epsilons.put(renamed.get(1), epsilon.getAsDouble());
          }
          inside.add(renamed);
        }
        Epsilons eps = Epsilons.DEFAULT.shown(epsilons);
        folds += toFloat(model, "trained.pth", groups, eps, "float_by_the_float_names.pth");
        folds += toFloat(model, "trained.pth", inside, eps, "float_by_the_names_inside.pth");
        folds += toFloat(model, "v1.pth", groups, eps, "float_of_version_1.pth");
      }
      int loads = 0;
      for (Map.Entry<String, JsonElement> model :
          torch.json("trained_states.py", "check", out).getAsJsonObject().entrySet()) {
        for (Map.Entry<String, JsonElement> file : model.getValue().getAsJsonObject().entrySet()) {
          String what = "%s of %s under %s: %s".formatted(file.getKey(), model, torch, file);
          JsonObject found = file.getValue().getAsJsonObject();
          assertThat(found.get("loaded").getAsBoolean()).as(what).isTrue();
          assertThat(found.getAsJsonArray("other")).as(what).isEmpty();
          assertThat(found.get("same_order").getAsBoolean()).as(what).isTrue();
          assertThat(found.get("same_versions").getAsBoolean()).as(what).isTrue();
          loads++;
        }
      }
      System.out.printf(
          "%s: %d folds of trained modules, %d strict loads, every bit as to_float%n",
          torch, folds, loads);
      assertThat(loads).isGreaterThanOrEqualTo(3 * 14);
    }
  }

  private static int toFloat(
      Path model, String file, List<List<String>> groups, Epsilons epsilons, String name)
      throws IOException {
    try (StateCheckpoint checkpoint = Formats.openStates(model.resolve(file))) {
      StatePlan plan =
          StatePlan.of(
              checkpoint.states().get(0).state(),
              StateFusionRequest.eval(ModuleList.of(groups)).with(epsilons));
      assertThat(plan.plan().refusals()).as("%s of %s", name, model).isEmpty();
      StateDict state = plan.states(plan.plan()).get("");
      FusionProof proof =
          FusionProof.of(plan.plan(), plan.reread(plan.plan(), Map.of("", state)), /* seed= */ 3);
      assertThat(proof.certificate().verdict())
          .as(proof.certificate().reason())
          .isEqualTo(Verdict.EQUIVALENT);
      checkpoint.write(Map.of(StatePath.ROOT, state), model.resolve(name));
      return plan.plan().fusions().size();
    }
  }

  private static List<Path> models(Path out) throws IOException {
    try (Stream<Path> folders = Files.list(out)) {
      return folders.sorted().toList();
    }
  }
}
