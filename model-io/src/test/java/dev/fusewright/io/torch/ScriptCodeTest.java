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
import dev.fusewright.core.state.DeclaredModule;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.testing.Python;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** eps is read of TorchScript's code where it surely stands, and nowhere else. */
final class ScriptCodeTest {
  private static final String OWN = "__torch__.torch.nn.modules.batchnorm";
  private static final String CALL =
      "    x = torch.batch_norm(a, weight, bias, mean, var, %s, 0.1, %s, True)\n";

  @TempDir Path folder;

  @UsesPython
  @ParameterizedTest
  @EnumSource(Python.class)
  void each_norm_of_a_real_archive_has_its_own_eps(Python torch) {
    JsonObject expected = torch.json("script_eps.py", folder).getAsJsonObject();
    for (Map.Entry<String, JsonElement> file : expected.entrySet()) {
      try (StateCheckpoint checkpoint = TorchReader.read(folder.resolve(file.getKey()))) {
        Map<String, DeclaredModule> modules = checkpoint.states().get(0).state().modules();
        assertThat(modules.get("conv1").type()).isEqualTo("Conv2d");
        assertThat(modules.get("relu").type()).isEqualTo("ReLU");
        file.getValue()
            .getAsJsonObject()
            .asMap()
            .forEach(
                (norm, epsilon) ->
                    assertThat(modules.get(norm).epsilon())
                        .as("%s of %s", norm, file.getKey())
                        .isEqualTo(
                            epsilon.isJsonNull()
                                ? OptionalDouble.empty()
                                : OptionalDouble.of(epsilon.getAsDouble())));
      }
    }
  }

  @Test
  void a_constant_of_pytorchs_own_class_is_its_eps_and_one_of_another_class_is_not() {
    String text = "class BatchNorm2d(Module):\n  eps : Final[float] = 0.001\n";

    assertThat(epsilon(OWN, text)).hasValue(0.001);
    assertThat(epsilon(OWN + ".___torch_mangle_3", text)).hasValue(0.001);
    assertThat(epsilon("__torch__.mine", text)).isEmpty();
    assertThat(epsilon(OWN, text.replace("Final[float]", "float"))).isEmpty();
    assertThat(epsilon(OWN, text.replace("0.001", "-0.001"))).isEmpty();
    assertThat(epsilon(OWN, text.replace("0.001", "inf"))).isEmpty();
    assertThat(epsilon(OWN, text + text)).as("two classes of one name").isEmpty();
  }

  @Test
  void the_literal_of_a_traced_call_is_the_eps_unless_the_call_is_no_plain_one() {
    String head = "class BatchNorm2d(Module):\n  def forward(self, a: Tensor) -> Tensor:\n";

    assertThat(epsilon("__torch__.mine", head + CALL.formatted("False", "1.e-5"))).hasValue(1e-5);
    assertThat(epsilon(OWN, head + CALL.formatted("True", "0.001"))).as("training").isEmpty();
    assertThat(epsilon(OWN, head + CALL.formatted("False", "eps"))).isEmpty();
    assertThat(epsilon(OWN, head + CALL.formatted("False", "0.001, 1"))).isEmpty();
    assertThat(epsilon(OWN, head + CALL.formatted("False", "f(0.1, [2])"))).isEmpty();
    assertThat(epsilon(OWN, head + CALL.formatted("False", "0.001").replace(")", ""))).isEmpty();
    assertThat(
            epsilon(
                OWN,
                head + CALL.formatted("False", "0.001").replace("torch.b", "mine.torch.b")))
        .isEmpty();
  }

  @Test
  void two_that_differ_are_none() {
    String text = "class BatchNorm2d(Module):\n  eps : Final[float] = 0.001\n";
    String other = "class Other(Module):\n" + CALL.formatted("False", "0.5");

    assertThat(epsilon(OWN, text + CALL.formatted("False", "0.001"))).hasValue(0.001);
    assertThat(epsilon(OWN, text + CALL.formatted("False", "0.002"))).isEmpty();
    assertThat(epsilon(OWN, text + other)).as("another class's").hasValue(0.001);
  }

  @Test
  void a_module_that_is_no_file_of_the_code_is_not_looked_for() {
    ScriptCode code =
        new ScriptCode(
            (path, most) -> {
              throw new AssertionError(path);
            });

    assertThat(code.epsilon(new PickleValue.Global("__torch__/../..", "BatchNorm2d"))).isEmpty();
    assertThat(code.epsilon(new PickleValue.Global("os", "BatchNorm2d"))).isEmpty();
    assertThat(code.epsilon(new PickleValue.Global(OWN, "Batch(Norm"))).isEmpty();
  }

  @Test
  void a_million_classes_of_a_long_text_are_not_looked_for_one_by_one() {
    byte[] text = "x".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
    ScriptCode code = new ScriptCode((path, most) -> text);

    for (int i = 0; i < 1_000_000; i++) {
      assertThat(code.epsilon(new PickleValue.Global(OWN, "Norm" + i)).isPresent()).isFalse();
    }
  }

  private static OptionalDouble epsilon(String module, String text) {
    ScriptCode code =
        new ScriptCode(
            (path, most) -> {
              assertThat(path).isEqualTo(module.replace('.', '/') + ".py");
              return text.getBytes(StandardCharsets.UTF_8);
            });
    return code.epsilon(new PickleValue.Global(module, "BatchNorm2d"));
  }
}
