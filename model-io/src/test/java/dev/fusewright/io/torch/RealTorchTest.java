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

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.core.testing.UsesRealModels;
import dev.fusewright.io.aten.TorchType;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.testing.Digests;
import dev.fusewright.io.testing.Python;
import dev.fusewright.io.testing.RealModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The oracle: what we read is what real PyTorch reads, and real PyTorch reads what we write. */
@UsesPython
@UsesRealModels
final class RealTorchTest {
  static final List<String> MODELS =
      List.of(
          "s01_rfb320/version-RFB-320.pth",
          "s02_masked_rfb640/RFB-640-masked_face-v2.pth",
          "s14_lprnet/Final_LPRNet_model.pth",
          "s15_resnet20_cifar/resnet20-12fca82f.th",
          "s16_burn_mnist_pt/mnist.pt",
          "s17_face1mb_landmark/RBF_Final.pth",
          "s17_face1mb_landmark/slim_Final.pth",
          "s18_winml_classifier/myFirstModel.pth",
          "s19_torchvision_basic/mobilenet_v2/mobilenet_v2.legacy.pth",
          "s19_torchvision_basic/mobilenet_v2/mobilenet_v2.pth",
          "s19_torchvision_basic/mobilenet_v2/mobilenet_v2.trace.pt",
          "s19_torchvision_basic/quant_shufflenet_v2_x0_5/shufflenet_v2_x0_5.float.pth",
          "s19_torchvision_basic/quant_shufflenet_v2_x0_5/shufflenet_v2_x0_5.fused_oracle.pth",
          "s19_torchvision_basic/quant_shufflenet_v2_x0_5/shufflenet_v2_x0_5.int8_converted.pth",
          "s19_torchvision_basic/quant_shufflenet_v2_x0_5/shufflenet_v2_x0_5.qat.pth",
          "s20_torchvision_small/conv1d_net/conv1d_net.pth",
          "s20_torchvision_small/conv1d_net/conv1d_net.script.pt",
          "s20_torchvision_small/dcgan_generator/dcgan_generator.pth",
          "s20_torchvision_small/pointnet/pointnet.pth",
          "s20_torchvision_small/pointnet/pointnet.script.pt",
          "s20_torchvision_small/tcn_weightnorm/tcn_weightnorm.pth",
          "s20_torchvision_small/unet_bn/unet_bn.pth");

  @TempDir Path folder;

  @Test
  void every_real_checkpoint_gives_the_tensors_that_torch_gives() {
    List<Path> files = MODELS.stream().map(RealModels::file).toList();
    JsonArray reports = Python.TORCH2.json("read_torch.py", files.toArray()).getAsJsonArray();
    for (int i = 0; i < files.size(); i++) {
      assertSame(files.get(i), reports.get(i).getAsJsonObject());
    }
  }

  @ParameterizedTest
  @EnumSource(Python.class)
  void every_peculiar_file_gives_the_tensors_that_torch_gives(Python python) throws IOException {
    python.run("torch_files.py", folder);
    List<Path> files = peculiar();
    List<Object> arguments = new ArrayList<>(files);
    arguments.add("--trusted");
    JsonArray reports = python.json("read_torch.py", arguments.toArray()).getAsJsonArray();
    for (int i = 0; i < files.size(); i++) {
      assertSame(files.get(i), reports.get(i).getAsJsonObject());
    }
  }

  @Test
  void every_real_checkpoint_written_again_is_the_same_to_torch() throws IOException {
    List<Path> originals = MODELS.stream().map(RealModels::file).toList();
    List<Path> plain = new ArrayList<>();
    List<Path> copies = new ArrayList<>();
    for (int i = 0; i < originals.size(); i++) {
      Path copy = folder.resolve(i + ".pth");
      try (StateCheckpoint original = TorchReader.read(originals.get(i))) {
        original.write(Map.of(), copy);
      }
      copies.add(copy);
      // torch 1.13's loader of weights knows neither floats nor quantized tensors.
      String name = originals.get(i).toString();
      if (!name.contains("int8") && !name.contains("resnet20")) {
        plain.add(copy);
      }
    }
    JsonArray before = Python.TORCH2.json("read_torch.py", originals.toArray()).getAsJsonArray();
    assertUnchanged(
        originals, before, Python.TORCH2.json("read_torch.py", copies.toArray()).getAsJsonArray());
    JsonArray old = Python.TORCH1.json("read_torch.py", plain.toArray()).getAsJsonArray();
    assertThat(old).as("files that torch 1.13 loads with weights_only").hasSize(plain.size());
  }

  @ParameterizedTest
  @EnumSource(Python.class)
  void every_peculiar_file_written_again_is_the_same_to_torch(Python python) throws IOException {
    python.run("torch_files.py", folder);
    List<Path> originals = peculiar();
    List<Path> copies = new ArrayList<>();
    for (Path file : originals) {
      Path copy = Files.createDirectories(folder.resolve("copies")).resolve(file.getFileName());
      try (StateCheckpoint original = TorchReader.read(file)) {
        original.write(Map.of(), copy);
      }
      copies.add(copy);
    }
    List<Object> trusted = new ArrayList<>(originals);
    trusted.add("--trusted");
    JsonArray before = python.json("read_torch.py", trusted.toArray()).getAsJsonArray();
    assertUnchanged(
        originals, before, Python.TORCH2.json("read_torch.py", copies.toArray()).getAsJsonArray());
  }

  private static void assertUnchanged(List<Path> files, JsonArray before, JsonArray after) {
    for (int i = 0; i < files.size(); i++) {
      String name = files.get(i).toString();
      JsonObject old = before.get(i).getAsJsonObject();
      JsonObject now = after.get(i).getAsJsonObject();
      boolean script = name.endsWith("script.pt") || name.endsWith("trace.pt");
      if (script) {
        assertThat(now.get("tensors").getAsJsonArray())
            .as("tensors of %s", name)
            .hasSize(old.get("tensors").getAsJsonArray().size());
        continue;
      }
      assertThat(now.get("tensors")).as("tensors of %s", name).isEqualTo(old.get("tensors"));
      JsonArray values = old.get("values").getAsJsonArray();
      if (name.endsWith("extras.pth")) {
        // The Namespace and the path at its end would have to run code to come back.
        values.remove(values.size() - 1);
        values.remove(values.size() - 1);
      }
      assertThat(now.get("values")).as("values of %s", name).isEqualTo(values);
      if (!name.contains("module")) {
        assertThat(now.get("versions")).as("versions of %s", name).isEqualTo(old.get("versions"));
      }
    }
  }

  private List<Path> peculiar() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".pth")).sorted().toList();
    }
  }

  /**
   * Compares every state dict with what torch found at its path: names in order, types, shapes,
   * bytes, versions.
   */
  private static void assertSame(Path file, JsonObject report) {
    try (StateCheckpoint checkpoint = TorchReader.read(file)) {
      for (NestedState nested : checkpoint.states()) {
        List<String> path = nested.path().steps();
        Map<String, JsonObject> expected = below(report.get("tensors").getAsJsonArray(), path);
        StateDict state = nested.state();
        assertThat(expected).as("tensors of %s at %s", file, nested.path()).isNotEmpty();
        if (nested.origin() != NestedState.Origin.SCRIPT) {
          assertThat(names(state, expected))
              .as("names of %s", file)
              .containsExactlyElementsOf(expected.keySet());
        }
        expected.forEach((name, tensor) -> assertSame(file, name, state, tensor));
        JsonElement versions = versions(report, path);
        if (versions != null && nested.origin() == NestedState.Origin.STATE_DICT) {
          Map<String, Long> given = new LinkedHashMap<>();
          versions
              .getAsJsonObject()
              .asMap()
              .forEach((module, version) -> given.put(module, version.getAsLong()));
          assertThat(state.versions()).as("versions of %s", file).containsExactlyEntriesOf(given);
        }
      }
    }
  }

  private static List<String> names(StateDict state, Map<String, JsonObject> expected) {
    return state.entries().keySet().stream().filter(expected::containsKey).toList();
  }

  private static void assertSame(Path file, String name, StateDict state, JsonObject expected) {
    assertThat(state.entries()).as("%s", file).containsKey(name);
    if (state.entries().get(name) instanceof OpaqueValue carried) {
      String dims = expected.get("shape").toString();
      assertThat(carried.description())
          .as("%s of %s", name, file)
          .isEqualTo("tensor " + expected.get("dtype").getAsString() + dims);
      return;
    }
    Tensor tensor = state.tensor(name).orElseThrow();
    assertThat(tensor.shape().toString())
        .as("shape of %s", name)
        .isEqualTo(expected.get("shape").toString());
    assertThat(TorchType.of(tensor.type()).orElseThrow().dtype())
        .as("type of %s", name)
        .isEqualTo(expected.get("dtype").getAsString());
    assertThat(Digests.sha256(tensor))
        .as("bytes of %s of %s", name, file)
        .isEqualTo(expected.get("sha256").getAsString());
  }

  /** The tensors one step below a path, by name. */
  private static Map<String, JsonObject> below(JsonArray tensors, List<String> path) {
    Map<String, JsonObject> found = new LinkedHashMap<>();
    for (JsonElement element : tensors) {
      JsonArray steps = element.getAsJsonObject().get("path").getAsJsonArray();
      if (steps.size() == path.size() + 1 && startsWith(steps, path)) {
        found.put(steps.get(path.size()).getAsString(), element.getAsJsonObject());
      }
    }
    return found;
  }

  private static boolean startsWith(JsonArray steps, List<String> path) {
    for (int i = 0; i < path.size(); i++) {
      String step = steps.get(i).getAsString();
      if (!path.get(i).equals(step) && !path.get(i).equals("[" + step + "]")) {
        return false;
      }
    }
    return true;
  }

  private static JsonElement versions(JsonObject report, List<String> path) {
    for (JsonElement element : report.get("versions").getAsJsonArray()) {
      JsonArray steps = element.getAsJsonObject().get("path").getAsJsonArray();
      if (steps.size() == path.size() && startsWith(steps, path)) {
        return element.getAsJsonObject().get("versions");
      }
    }
    return null;
  }
}
