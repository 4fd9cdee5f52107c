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
package dev.fusewright.io.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.core.testing.UsesRealModels;
import dev.fusewright.io.testing.Python;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * onnx's own checker, with shape inference, finds nothing in what we wrote that was not in the
 * original.
 */
@UsesPython
@UsesRealModels
class OnnxCheckerTest {
  @TempDir Path folder;

  @Test
  void fused_fixtures_pass_the_checker_of_onnx() throws IOException {
    check(Fixtures.small());
  }

  @Test
  void fused_real_models_pass_the_checker_of_onnx() throws IOException {
    // Those without bias break a rule of IR 3 as they come, each time for the first initializer
    // they name.
    check(Fixtures.real().stream().filter(file -> !file.toString().contains("no-bias")).toList());
  }

  @Test
  void models_written_from_nothing_pass_the_checker_of_onnx() throws IOException {
    List<Object> pairs = new ArrayList<>();
    for (Path file : Fixtures.small()) {
      Path rewritten = folder.resolve(pairs.size() + ".onnx");
      try (OnnxCheckpoint model = OnnxReader.read(file)) {
        OnnxWriter.writeNew(model.graph(), rewritten);
      }
      pairs.add(file);
      pairs.add(rewritten);
    }
    assertNoneIsWorse(pairs);
  }

  private void check(List<Path> files) throws IOException {
    FusionEngine engine = new FusionEngine(Rules.inference());
    List<Object> pairs = new ArrayList<>();
    for (Path file : files) {
      Path fused = folder.resolve(pairs.size() + ".onnx");
      try (OnnxCheckpoint model = OnnxReader.read(file)) {
        OnnxWriter.write(
            model, engine.plan(model.graph()).apply(), Map.of("fusewright.rules", "x"), fused);
      }
      pairs.add(file);
      pairs.add(fused);
    }
    assertNoneIsWorse(pairs);
  }

  private static void assertNoneIsWorse(List<Object> pairs) {
    JsonElement reports = Python.TORCH2.json("check_onnx.py", pairs.toArray());
    assertThat(reports.getAsJsonArray()).hasSize(pairs.size() / 2);
    for (JsonElement report : reports.getAsJsonArray()) {
      assertThat(report.getAsJsonObject().get("worse").getAsBoolean())
          .as(report.toString())
          .isFalse();
    }
  }
}
