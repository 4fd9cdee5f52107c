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

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.core.testing.UsesRealModels;
import dev.fusewright.io.testing.Python;
import dev.fusewright.io.testing.RealModels;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checkpoints of other people, folded by the command line, against what both torches make of
 * modules that are rebuilt from them: {@code fuse_modules} gives the same names, order and bits,
 * and the fused module takes the file strictly.
 */
@UsesPython
final class RebuiltStatesTest {
  private static final String SCRIPT = "rebuilt_states.py";
  private static final String NET =
      "[[\"conv1\",\"bn1\",\"relu\"],[\"conv2\",\"bn2\"],[\"fc\",\"bnf\"]]";
  private static final String PAIRS = "[[\"conv1\",\"bn1\"],[\"conv2\",\"bn2\"]]";

  /** Files of the cases that PyTorch's own fuser takes, their lists, and what else is said. */
  private static final List<List<String>> CASES =
      List.of(
          List.of("c04_prefix_model.t2.pth", NET),
          List.of("c13_protocol4_legacy.t2.pth", NET),
          List.of("c14_nocrc.t2.pth", NET),
          List.of("c16c_extra_state.t2.pth", NET),
          List.of("c20_enum.t2.pth", NET),
          List.of("c21_omegaconf.t2.pth", NET),
          List.of("c30_whole_module.t2.pth", NET, "--as", "state-dict"),
          List.of("c30d_whole_eps.t2.pth", NET, "--as", "state-dict"),
          List.of("c34b_square_mixed.t2.pth", "[[\"c\",\"b\"],[\"d\",\"e\"]]"),
          List.of("c35_missing_plain.t2.pth", NET),
          List.of("c37_convbn_names.t2.pth", "recipe:conv-bn", "--eps", "1e-3"),
          List.of("c38_masks.t2.pth", PAIRS),
          List.of("c62_script_eps.t2.pt", NET, "--as", "state-dict"),
          List.of("c81_relu6.t2.pth", "[[\"c\",\"b\"]]"));

  /** The same file, of which a list says another class than its shapes. */
  private static final List<String> DECLARED =
      List.of("c34b_square_mixed.t2.pth", "[[\"c\",\"b\"],[\"d:ConvTranspose2d\",\"e\"]]");

  private static final Map<String, String> REAL =
      Map.of(
          "s14_lprnet/Final_LPRNet_model.pth",
          "[[\"backbone.0\",\"backbone.1\"],[\"backbone.4.block.6\",\"backbone.5\"],[\"backbone.20\",\"backbone.21\"]]",
          "s15_resnet20_cifar/resnet20-12fca82f.th",
          "[[\"conv1\",\"bn1\"],[\"layer*.*.conv{n}\",\"layer*.*.bn{n}\"]]",
          "s16_burn_mnist_pt/mnist.pt",
          "[[\"fc2\",\"norm2\"]]",
          "s17_face1mb_landmark/slim_Final.pth",
          "[[\"conv*.0\",\"conv*.1\"],[\"conv*.3\",\"conv*.4\"]]",
          "s18_winml_classifier/myFirstModel.pth",
          "[[\"conv{n}\",\"bn{n}\"]]",
          "s19_torchvision_basic/mobilenet_v2/mobilenet_v2.pth",
          "recipe:mobilenet_v2");

  @TempDir Path folder;

  @Test
  void folds_of_small_checkpoints_of_many_forms_are_those_of_both_torches() throws IOException {
    for (List<String> fused : CASES) {
      fuse(
          fused.get(0),
          small(fused.get(0)),
          fused.get(1),
          fused.subList(2, fused.size()).toArray());
    }
    fuse("declared", small(DECLARED.get(0)), DECLARED.get(1));

    assertSame(CASES.size() + 1);
  }

  @Test
  @UsesRealModels
  void folds_of_real_checkpoints_are_those_of_both_torches() throws IOException {
    for (Map.Entry<String, String> real : REAL.entrySet()) {
      Path file = RealModels.file(real.getKey());
      fuse(String.valueOf(file.getFileName()), file, real.getValue());
    }

    assertSame(REAL.size());
  }

  private void assertSame(int files) {
    for (Python torch : Python.values()) {
      Map<String, JsonElement> found =
          torch.json(SCRIPT, "check", folder).getAsJsonObject().asMap();
      assertThat(found).hasSize(files);
      int folds = 0;
      for (Map.Entry<String, JsonElement> file : found.entrySet()) {
        JsonObject said = file.getValue().getAsJsonObject();
        assertThat(said.getAsJsonArray("differences"))
            .as("%s under %s", file.getKey(), torch)
            .isEmpty();
        folds += said.get("folds").getAsInt();
      }
      System.out.printf(
          "%s: %d folds of %d files as fuse_modules makes them, loaded strictly%n",
          torch, folds, files);
    }
  }

  private void fuse(String name, Path file, String modules, Object... further) throws IOException {
    Path made = Files.createDirectory(folder.resolve(name));
    Object[] arguments = new Object[7 + further.length];
    Object[] first = {
      "fuse", file, "-o", made.resolve("after.pth"), "--modules", modules, "--json"
    };
    System.arraycopy(first, 0, arguments, 0, first.length);
    System.arraycopy(further, 0, arguments, first.length, further.length);
    Answer answer = Answer.of(arguments);
    assertThat(answer.code()).as("%s: %s%s", name, answer.out(), answer.err()).isZero();
    Files.writeString(made.resolve("report.json"), answer.out());
    Files.copy(file, made.resolve("before.pth"));
  }

  private static Path small(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(RebuiltStatesTest.class.getResource("/cases/torch/" + name))
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
