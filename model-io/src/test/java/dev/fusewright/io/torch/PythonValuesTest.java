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
package dev.fusewright.io.torch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.fusewright.core.modules.ModuleList;
import dev.fusewright.core.state.StateFusionRequest;
import dev.fusewright.core.state.StatePlan;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.io.Formats;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.format.ExtraEntry;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.testing.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever Python value stands beside the weights, the weights are folded to the bits of {@code
 * fuse_modules} and load strictly; what cannot be written again is left out by name.
 */
@UsesPython
final class PythonValuesTest {
  private static final String SCRIPT = "python_values.py";

  /** Whose values torch 1.13's own loader of weights takes back. */
  private static final Set<String> PLAIN =
      Set.of("none", "bool", "int", "long_int", "float", "text", "list", "tuple", "dict", "tensor");

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Python.class)
  void no_value_beside_the_weights_refuses_the_file(Python torch) throws IOException {
    torch.run(SCRIPT, "make", folder);
    List<Path> files = checkpoints();
    assertThat(files).hasSizeGreaterThan(140);
    Map<String, List<ExtraEntry>> dropped = new TreeMap<>();
    Map<String, String> refused = new TreeMap<>();
    for (Path file : files) {
      try {
        dropped.put(kind(file), fuse(file));
      } catch (CheckpointException e) {
        refused.put(kind(file), String.valueOf(e.getMessage()));
      }
    }
    assertThat(refused).isEmpty();

    JsonObject report = torch.json(SCRIPT, "check", folder).getAsJsonObject();

    assertThat(report.keySet()).isEqualTo(dropped.keySet());
    for (Map.Entry<String, JsonElement> entry : report.entrySet()) {
      String kind = entry.getKey();
      JsonObject loaded = entry.getValue().getAsJsonObject();
      // Only torch 2's loader of weights takes a set or a bytes object, which are on its list.
      boolean isForTorch2 =
          loaded.has("error")
              && torch == Python.TORCH1
              && loaded.get("error").getAsString().contains("Unsupported");
      assertThat(loaded.has("error") && !isForTorch2).as("%s: %s", kind, loaded).isFalse();
      if (!isForTorch2) {
        assertThat(loaded.get("bits").getAsBoolean()).as("bits beside %s", kind).isTrue();
        assertThat(loaded.get("order").getAsBoolean()).as("order beside %s", kind).isTrue();
        boolean isBeside = !loaded.get("beside").isJsonNull();
        boolean isSaid =
            dropped.get(kind).stream().anyMatch(it -> it.path().toString().startsWith("beside"));
        // A value of None is there, and looks as if it were not.
        assertThat(isBeside || isSaid || kind.equals("none")).as("%s is kept or named", kind).isTrue();
        assertThat(PLAIN.contains(kind) && isSaid).as("%s is kept", kind).isFalse();
      }
    }
  }

  private List<ExtraEntry> fuse(Path file) throws IOException {
    JsonObject index =
        JsonParser.parseString(Files.readString(folder.resolve("index.json"))).getAsJsonObject();
    List<List<String>> groups = new ArrayList<>();
    for (JsonElement group : index.getAsJsonArray("groups")) {
      groups.add(group.getAsJsonArray().asList().stream().map(JsonElement::getAsString).toList());
    }
    try (StateCheckpoint checkpoint = Formats.openStates(file)) {
      NestedState nested =
          checkpoint.states().stream()
              .filter(state -> state.path().toString().equals("state_dict"))
              .findFirst()
              .orElseThrow();
      StatePlan plan =
          StatePlan.of(nested.state(), StateFusionRequest.eval(ModuleList.of(groups)));
      assertThat(plan.plan().fusions()).as("%s", file).hasSize(groups.size());
      return checkpoint
          .write(
              Map.of(nested.path(), plan.states(plan.plan()).get("")),
              folder.resolve(kind(file) + ".fused.pth"))
          .dropped();
    }
  }

  private static String kind(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.substring(0, name.length() - ".pth".length());
  }

  private List<Path> checkpoints() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".pth")).sorted().toList();
    }
  }
}
